"""Runs every two seconds: expires requests, publishes metrics and logs, evaluates scaling."""

import logging
import os
import threading
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from local_aws.autoscaling.decisions import HOST_NAMESPACE, NAMESPACE, endpoint_metrics
from local_aws.autoscaling.scaler import Scaler
from local_aws.sagemaker.endpoint_runtime import EndpointResources, EndpointRuntime
from local_aws.sagemaker.endpoints import EndpointManager
from local_aws.sagemaker.instances.container_logs import ContainerLogs
from local_aws.sagemaker.instances.embedded_metrics import embedded_metrics
from local_aws.sagemaker.invocations.delivery import InvocationFailure

if TYPE_CHECKING:
    from local_aws.moto_services import MotoServices

_logger = logging.getLogger(__name__)

_INTERVAL_S = 2.0
_REPUBLISH_INTERVAL_S = (
    60.0  # an unchanged metric is published once a minute, as CloudWatch shows it
)
_PRUNE_INTERVAL_S = 3600.0
_HOST_INTERVAL_S = 60.0


class PeriodicTasks:
    """A thread that calls `run_once` until `stopped` is set. `clock` gives Unix seconds."""

    def __init__(
        self,
        endpoints: EndpointManager,
        resources: EndpointResources,
        moto: "MotoServices",
        scaler: Scaler,
        clock: Callable[[], float],
    ) -> None:
        self._endpoints = endpoints
        self._queue = resources.queue
        self._delivery = resources.delivery
        self._moto = moto
        self._scaler = scaler
        self._clock = clock
        self._expired: Counter[str] = Counter()
        self._processed: Counter[str] = Counter()
        self._published: dict[str, tuple[dict[str, float], float]] = {}
        self._pruned = clock()
        self._hosts_told = 0.0
        self._container_logs = ContainerLogs(resources.folder)
        self.stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="periodic-tasks", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def _run(self) -> None:
        while not self.stopped.wait(_INTERVAL_S):
            try:
                self.run_once(self._clock())
            except Exception:  # the edge of a worker: the next run may succeed
                _logger.exception("event=periodic_tasks_failed")

    def run_once(self, now: float) -> None:
        """Do every task once; `now` in Unix seconds."""
        self._expire(now)
        for endpoint in self._endpoints.all():
            if endpoint.deployment.async_config is not None:
                self._publish(endpoint, now)
                self._tell_of_processed(endpoint, now)
        self._scaler.evaluate(now)
        for found in self._container_logs.new_lines():
            self._moto.put_log_lines(found.endpoint, found.stream, found.lines, now)
            for one in embedded_metrics(found.lines):
                self._moto.put_metrics_of(one.namespace, one.dimensions, one.values, one.time)
        if now - self._hosts_told >= _HOST_INTERVAL_S:
            self._hosts_told = now
            self._tell_of_hosts(now)
        if now - self._pruned > _PRUNE_INTERVAL_S:
            self._pruned = now
            self._moto.remove_old_metrics(now)

    def _tell_of_hosts(self, now: float) -> None:
        """What each instance tells once a minute; all of them are this machine."""
        cpu = os.getloadavg()[0] * 100  # percent of a core, as SageMaker sums them
        for endpoint in self._endpoints.all():
            for variant in endpoint.deployment.variants:
                dimensions = {"EndpointName": endpoint.name, "VariantName": variant.name}
                for _ in range(endpoint.healthy_count(variant.name)):
                    self._moto.put_metrics_of(
                        HOST_NAMESPACE, dimensions, {"CPUUtilization": cpu}, now
                    )

    def _expire(self, now: float) -> None:
        for invocation in self._queue.pop_expired(now):
            self._expired[invocation.endpoint] += 1
            endpoint = self._endpoints.find(invocation.endpoint)
            waited = invocation.expires - invocation.received
            self._delivery.store_outcome(
                invocation,
                InvocationFailure(
                    f"The request expired: it waited longer than its {waited:.0f} s."
                ),
                endpoint.deployment.notification_topics if endpoint else {},
            )

    def _publish(self, endpoint: EndpointRuntime, now: float) -> None:
        load = endpoint.load()
        values = endpoint_metrics(load.backlog, load.instances)
        expired = self._expired.pop(endpoint.name, 0)
        published, published_at = self._published.get(endpoint.name, ({}, 0.0))
        is_recent = now - published_at < _REPUBLISH_INTERVAL_S
        if values == published and not expired and is_recent:
            return
        self._published[endpoint.name] = (values, now)
        self._moto.put_metrics(endpoint.name, {**values, "ExpiredRequests": float(expired)}, now)

    def _tell_of_processed(self, endpoint: EndpointRuntime, now: float) -> None:
        """How many invocations ended; nothing is sent where none did, as on AWS."""
        processed = endpoint.load().processed
        ended = processed - self._processed[endpoint.name]
        self._processed[endpoint.name] = processed
        for variant in endpoint.deployment.variants[:1] if ended else ():
            dimensions = {"EndpointName": endpoint.name, "VariantName": variant.name}
            values = {"InvocationsProcessed": float(ended)}
            self._moto.put_metrics_of(NAMESPACE, dimensions, values, now)
