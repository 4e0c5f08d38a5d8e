"""The container's figures: what `GET /metrics` answers, in Prometheus's text format.

The front process counts, so that an answer takes milliseconds whatever the worker does; the worker
only sends how much memory it uses. SageMaker reads the figures once a minute where the endpoint's
MetricsConfig enables detailed observability.
"""

from collections.abc import Callable, Sequence
from typing import Final

import psutil
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4

from formats.generation.request import GenerationRequest
from formats.generation.result import GenerationResult, Outcome
from formats.version import VERSION
from sagemaker_container.server.emf import EmfWriter
from sagemaker_container.server.supervisor import Supervisor
from sagemaker_container.texts.metrics import HELP

CONTENT_TYPE: Final = CONTENT_TYPE_PLAIN_0_0_4
_PREFIX: Final = "contrapposto_"
_SECONDS: Final = (0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000)
_SIZES: Final = (1, 2, 4, 8, 16, 32)

disable_created_metrics()


class ContainerMetrics:
    """Counts jobs and reads queue and memory. `queue` tells how many jobs wait, and how many run.

    With an `emf` writer, each job that ends is written as a line of CloudWatch's format too.
    """

    def __init__(
        self, supervisor: Supervisor, queue: Callable[[], tuple[int, int]], emf: EmfWriter | None
    ) -> None:
        self._supervisor = supervisor
        self._queue = queue
        self._emf = emf
        self._registry = registry = CollectorRegistry()

        def counter(name: str, *labels: str) -> Counter:
            return Counter(f"{_PREFIX}{name}", HELP[name], labels, registry=registry)

        def gauge(name: str, *labels: str) -> Gauge:
            return Gauge(f"{_PREFIX}{name}", HELP[name], labels, registry=registry)

        def histogram(name: str, buckets: Sequence[float], *labels: str) -> Histogram:
            name, text = f"{_PREFIX}{name}", HELP[name]
            return Histogram(name, text, labels, buckets=buckets, registry=registry)

        self._jobs = counter("jobs", "outcome", "code")
        self._images = counter("images")
        self._cache_hits = counter("cache_hits", "tier")
        self._stages = histogram("stage_seconds", _SECONDS, "stage")
        self._seconds = histogram("job_seconds", _SECONDS)
        self._batch_jobs = histogram("batch_jobs", _SIZES)
        self._batch_images = histogram("batch_images", _SIZES)
        self._queued = gauge("queue_jobs", "state")
        self._gpu = gauge("gpu_memory_bytes", "kind")
        self._host = gauge("host_memory_bytes", "kind")
        self._workers = gauge("worker_starts")
        self._start = gauge("worker_start_seconds")
        gauge("info", "version").labels(VERSION).set(1)
        for outcome in Outcome:
            if outcome is not Outcome.FAILED:
                self._jobs.labels(outcome.value, "")

    def batch_started(self, requests: Sequence[GenerationRequest]) -> None:
        """Count a batch of jobs that run together."""
        self._batch_jobs.observe(len(requests))
        self._batch_images.observe(sum(request.batch_size for request in requests))

    def job_ended(self, result: GenerationResult) -> None:
        """Count a job, however it ended."""
        code = result.failure.code.value if result.failure else ""
        is_failed = result.outcome is Outcome.FAILED
        self._jobs.labels(result.outcome.value, code if is_failed else "").inc()
        self._images.inc(len(result.pictures))
        self._seconds.observe(job_seconds(result))
        for stage, seconds in result.seconds.items():
            self._stages.labels(stage).observe(seconds)
        for model in result.models:
            if model.tier:
                self._cache_hits.labels(model.tier).inc()
        if self._emf:
            waiting, _ = self._queue()
            self._emf.write(result, waiting, self._supervisor.memory)

    def render(self) -> bytes:
        """All figures as text, of `CONTENT_TYPE`."""
        waiting, running = self._queue()
        self._queued.labels("waiting").set(waiting)
        self._queued.labels("running").set(running)
        self._workers.set(self._supervisor.starts)
        self._start.set(self._supervisor.start_seconds)
        self._read_memory()
        return bytes(generate_latest(self._registry))

    def _read_memory(self) -> None:
        host, report = psutil.virtual_memory(), self._supervisor.memory
        self._host.labels("used").set(host.total - host.available)
        self._host.labels("total").set(host.total)
        if report is None:
            return
        self._host.labels("worker").set(report.worker)
        if report.gpu_total:
            self._gpu.labels("used").set(report.gpu_used)
            self._gpu.labels("total").set(report.gpu_total)
            self._gpu.labels("peak").set(report.gpu_peak)


def job_seconds(result: GenerationResult) -> float:
    """From the start of a job to its end."""
    return (result.ended_at - result.started_at).total_seconds()
