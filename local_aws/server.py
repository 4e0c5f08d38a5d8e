"""Builds the whole local AWS, starts it in order, and shuts it down."""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from werkzeug.serving import BaseWSGIServer, make_server

from local_aws.autoscaling.service import ApplicationAutoScaling
from local_aws.data_folder import ConnectionInfo, DataFolder
from local_aws.document_store import DocumentStore
from local_aws.gateway import Gateway, Services
from local_aws.http.signature import SignatureVerifier
from local_aws.s3 import ObjectStore, S3App, S3RequestHandler
from local_aws.sagemaker.control_plane import SageMakerControlPlane
from local_aws.sagemaker.endpoint_runtime import EndpointResources
from local_aws.sagemaker.endpoints import EndpointManager
from local_aws.sagemaker.instances.container import project_command
from local_aws.sagemaker.instances.instance_directory import ContainerFactory
from local_aws.sagemaker.invocations.delivery import InvocationDelivery
from local_aws.sagemaker.invocations.queue import InvocationQueue
from local_aws.sagemaker.registry import ResourceRegistry
from local_aws.sagemaker.runtime import SageMakerRuntime
from local_aws.startup import DeferredComponents, Dependencies, start_async

_logger = logging.getLogger(__name__)
_HOST = "127.0.0.1"
_SHUTDOWN_POLL_S = 0.2
DEFAULT_REGION = "us-east-1"


class PortInUse(Exception):
    """The requested port is taken."""


@dataclass(frozen=True)
class ServerComponents:
    """The components that are started or closed."""

    store: ObjectStore
    queue: InvocationQueue
    control: SageMakerControlPlane
    dependencies: Dependencies
    deferred: "Future[DeferredComponents]"


class Server:
    """A local AWS on a folder whose lock this process holds. `clock` gives Unix seconds.

    `container_command` starts one container (default: the project's own); `port` 0 is the last
    run's when it is free, else any. Raises `PortInUse`.
    """

    def __init__(
        self,
        folder: DataFolder,
        container_command: Sequence[str] | None = None,
        port: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._socket = _listen(port, folder.last_connection())
        self.connection = _connection_info(folder.last_connection(), self._socket.getsockname()[1])
        command = tuple(container_command or project_command())
        self._components, gateway = _build(folder.path, self.connection, command, self._clock)
        self._http: BaseWSGIServer = make_server(
            _HOST,
            0,
            gateway,
            threaded=True,
            request_handler=S3RequestHandler,
            fd=self._socket.fileno(),
        )

    def start(self) -> None:
        """Bring the endpoints of the last run back, serve, and publish the address."""
        self._components.dependencies.endpoints.restore()
        threading.Thread(
            target=self._http.serve_forever, args=(_SHUTDOWN_POLL_S,), name="http", daemon=True
        ).start()
        self._folder.publish(self.connection)
        self._components.store.reserve.allocate()  # all that a start has to write is written
        start_async(self._components.deferred, self._components.dependencies)
        threading.Thread(target=self._components.control.warm_up, daemon=True).start()
        _logger.info("event=serving url=%s pid=%d", self.connection.url, self.connection.pid)

    def on_startup_error(self, callback: Callable[[], None]) -> None:
        """Call `callback` when the deferred components failed to start."""
        self._components.deferred.add_done_callback(
            lambda deferred: callback() if deferred.exception() else None
        )

    @property
    def startup_error(self) -> BaseException | None:
        """Why the deferred components failed to start; None when they didn't."""
        deferred = self._components.deferred
        return deferred.exception() if deferred.done() else None

    def close(self) -> None:
        """Stop the containers, then the rest; running invocations run again at the next start."""
        self._folder.unpublish()
        if self._components.deferred.done() and not self.startup_error:
            self._components.deferred.result().periodic_tasks.stopped.set()
        self._components.dependencies.endpoints.close()
        self._http.shutdown()
        self._http.server_close()
        self._socket.close()
        self._components.queue.close()
        self._components.dependencies.documents.close()
        self._components.store.close()
        _logger.info("event=stopped pid=%d", self.connection.pid)


def _build(
    data: Path, connection: ConnectionInfo, command: tuple[str, ...], clock: Callable[[], float]
) -> tuple[ServerComponents, Gateway]:
    store = ObjectStore(data / "s3", clock)
    documents = DocumentStore(data / "control.sqlite3")
    queue = InvocationQueue(data / "invocations.sqlite3")
    store.sweep()
    deferred: Future[DeferredComponents] = Future()

    def publish(topic: str, message: str) -> None:
        deferred.result().moto.publish(topic, message)

    delivery = InvocationDelivery(store, publish, connection.region, clock)
    containers = ContainerFactory(command, connection.environment(), store)
    registry = ResourceRegistry(documents, connection.region, clock)
    resources = EndpointResources(containers, data / "endpoints", queue, delivery)
    endpoints = EndpointManager(documents, registry, resources, clock)
    autoscaling = ApplicationAutoScaling(documents, endpoints, connection.region, clock)
    control = SageMakerControlPlane(documents, registry, endpoints)
    services = Services(
        S3App(store, connection.access_key, connection.secret_key, clock),
        control,
        SageMakerRuntime(endpoints, clock),
        autoscaling,
        deferred,
    )
    dependencies = Dependencies(
        documents, resources, endpoints, autoscaling, connection.region, clock
    )
    verifier = SignatureVerifier(
        connection.access_key, connection.secret_key, connection.region, clock
    )
    return ServerComponents(store, queue, control, dependencies, deferred), Gateway(
        services, verifier, store.reserve
    )


def _listen(port: int, last: ConnectionInfo | None) -> socket.socket:
    """A listening socket on the loopback address."""
    candidates = [port]
    if port == 0 and last is not None:
        candidates.insert(0, int(last.url.rpartition(":")[2]))
    for candidate in candidates:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((_HOST, candidate))
        except OSError:
            listener.close()
            continue
        listener.listen(128)
        return listener
    raise PortInUse(f"port {port} of {_HOST} is in use")


def _connection_info(last: ConnectionInfo | None, port: int) -> ConnectionInfo:
    """How to reach this process, with the keys of the last run so that clients need no change."""
    return ConnectionInfo(
        url=f"http://{_HOST}:{port}",
        access_key=last.access_key if last else f"LOCAL{secrets.token_hex(8).upper()}",
        secret_key=last.secret_key if last else secrets.token_urlsafe(30),
        region=last.region if last else DEFAULT_REGION,
        pid=os.getpid(),
    )
