"""The process as a whole: what is built, in which order it starts, and how it ends."""

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
from local_aws.data_folder import DataFolder, Running
from local_aws.document_store import DocumentStore
from local_aws.gateway import Gateway, Services
from local_aws.http.signature import SignatureVerifier
from local_aws.s3 import ObjectStore, S3App, S3RequestHandler
from local_aws.sagemaker.control_plane import SageMakerControlPlane
from local_aws.sagemaker.endpoint_runtime import EndpointResources
from local_aws.sagemaker.endpoints import EndpointManager
from local_aws.sagemaker.instances.instance_directory import ContainerFactory
from local_aws.sagemaker.invocations.delivery import InvocationDelivery
from local_aws.sagemaker.invocations.queue import InvocationQueue
from local_aws.sagemaker.invocations.runtime import SageMakerRuntime
from local_aws.sagemaker.registry import ResourceRegistry
from local_aws.startup import Background, Foreground, fulfil

_log = logging.getLogger(__name__)
_HOST = "127.0.0.1"
_SHUTDOWN_POLL_S = 0.2
DEFAULT_REGION = "us-east-1"


class PortInUse(Exception):
    """The wanted port is taken."""


@dataclass(frozen=True)
class Parts:
    """The parts that are started or closed."""

    store: ObjectStore
    queue: InvocationQueue
    control: SageMakerControlPlane
    foreground: Foreground
    background: "Future[Background]"


class Server:
    """A local AWS on a folder whose lock this process holds. `clock` gives Unix seconds.

    `port` 0 is the last run's when it is free, else any. Raises `PortInUse`.
    """

    def __init__(
        self,
        folder: DataFolder,
        container_command: Sequence[str],
        port: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._socket = _listen(port, folder.last())
        self.running = _identity(folder.last(), self._socket.getsockname()[1])
        self._parts, gateway = _build(
            folder.path, self.running, tuple(container_command), self._clock
        )
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
        self._parts.foreground.endpoints.restore()
        threading.Thread(
            target=self._http.serve_forever, args=(_SHUTDOWN_POLL_S,), name="http", daemon=True
        ).start()
        self._folder.publish(self.running)
        fulfil(self._parts.background, self._parts.foreground)
        threading.Thread(target=self._parts.control.warm_up, daemon=True).start()
        _log.info("event=serving url=%s pid=%d", self.running.url, self.running.pid)

    def when_broken(self, call: Callable[[], None]) -> None:
        """Call when the part that stands on moto couldn't come up."""
        self._parts.background.add_done_callback(
            lambda background: call() if background.exception() else None
        )

    @property
    def failure(self) -> BaseException | None:
        """Why that part couldn't come up, if it couldn't."""
        background = self._parts.background
        return background.exception() if background.done() else None

    def close(self) -> None:
        """End the containers, then the rest; invocations that run will run again."""
        self._folder.retract()
        if self._parts.background.done() and not self.failure:
            self._parts.background.result().heartbeat.stopped.set()
        self._parts.foreground.endpoints.close()
        self._http.shutdown()
        self._http.server_close()
        self._socket.close()
        self._parts.queue.close()
        self._parts.foreground.documents.close()
        self._parts.store.close()
        _log.info("event=stopped pid=%d", self.running.pid)


def _build(
    data: Path, running: Running, command: tuple[str, ...], clock: Callable[[], float]
) -> tuple[Parts, Gateway]:
    store = ObjectStore(data / "s3", clock)
    store.sweep()
    documents = DocumentStore(data / "control.sqlite3")
    queue = InvocationQueue(data / "invocations.sqlite3")
    background: Future[Background] = Future()

    def publish(topic: str, message: str) -> None:
        background.result().planes.publish(topic, message)

    delivery = InvocationDelivery(store, publish, running.region, clock)
    containers = ContainerFactory(command, running.environment(), store)
    registry = ResourceRegistry(documents, running.region, clock)
    resources = EndpointResources(containers, data / "endpoints", queue, delivery)
    endpoints = EndpointManager(documents, registry, resources, clock)
    autoscaling = ApplicationAutoScaling(documents, endpoints, running.region, clock)
    control = SageMakerControlPlane(documents, registry, endpoints)
    services = Services(
        S3App(store, running.access_key, running.secret_key, clock),
        control,
        SageMakerRuntime(endpoints, queue, clock),
        autoscaling,
        background,
    )
    foreground = Foreground(documents, resources, endpoints, autoscaling, running.region, clock)
    gate = SignatureVerifier(running.access_key, running.secret_key, running.region, clock)
    return Parts(store, queue, control, foreground, background), Gateway(services, gate)


def _listen(port: int, last: Running | None) -> socket.socket:
    """A listening socket on the loopback address."""
    wanted = [port]
    if port == 0 and last is not None:
        wanted.insert(0, int(last.url.rpartition(":")[2]))
    for candidate in wanted:
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


def _identity(last: Running | None, port: int) -> Running:
    """This process's address, with the keys of the last run so that clients need no change."""
    return Running(
        url=f"http://{_HOST}:{port}",
        access_key=last.access_key if last else f"LOCAL{secrets.token_hex(8).upper()}",
        secret_key=last.secret_key if last else secrets.token_urlsafe(30),
        region=last.region if last else DEFAULT_REGION,
        pid=os.getpid(),
    )
