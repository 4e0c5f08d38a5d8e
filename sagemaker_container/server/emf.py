"""The same figures as lines of CloudWatch's embedded metric format, one for each job that ends.

SageMaker forwards stdout to the endpoint's log group, and CloudWatch turns such a line into
metrics, with no permission but that to log (CloudWatch user guide, "Specification: Embedded metric
format").
"""

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import IO, Any, Final

from formats.generation.result import GenerationResult
from sagemaker_container.messages import MemoryReport

NAMESPACE: Final = "Contrapposto"
_SECONDS: Final = "Seconds"
_COUNT: Final = "Count"
_BYTES: Final = "Bytes"


class EmfWriter:
    """Writes the lines to `out`. `endpoint` is the metrics' dimension, beside the outcome."""

    def __init__(self, out: IO[str], endpoint: str, now: Callable[[], datetime]) -> None:
        self._out = out
        self._endpoint = endpoint
        self._now = now

    def write(self, result: GenerationResult, waiting: int, memory: MemoryReport | None) -> None:
        """Write one job's line; `waiting` is how many jobs the queue holds."""
        figures = {**_job_figures(result), "QueueDepth": (waiting, _COUNT), **_memory(memory)}
        line: dict[str, Any] = {
            "_aws": {
                "Timestamp": int(self._now().timestamp() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": NAMESPACE,
                        "Dimensions": [["Endpoint"], ["Endpoint", "Outcome"]],
                        "Metrics": [{"Name": n, "Unit": unit} for n, (_, unit) in figures.items()],
                    }
                ],
            },
            "Endpoint": self._endpoint,
            "Outcome": result.outcome.value,
            "Code": result.failure.code.value if result.failure else "",
            "Job": result.id,
            **{name: value for name, (value, _) in figures.items()},
        }
        self._out.write(json.dumps(line, separators=(",", ":")) + "\n")
        self._out.flush()


def _job_figures(result: GenerationResult) -> dict[str, tuple[float, str]]:
    took = (result.ended_at - result.started_at).total_seconds()
    batch = max((picture.batch for picture in result.pictures), default=0)
    return {
        "Jobs": (1, _COUNT),
        "JobSeconds": (took, _SECONDS),
        "Images": (len(result.pictures), _COUNT),
        **({"BatchImages": (batch, _COUNT)} if batch else {}),
        **{f"{stage.title()}Seconds": (s, _SECONDS) for stage, s in result.seconds.items()},
        **_cache_hits(result),
    }


def _cache_hits(result: GenerationResult) -> dict[str, tuple[float, str]]:
    tiers = Counter(model.tier for model in result.models if model.tier)
    return {f"CacheHits.{tier}": (number, _COUNT) for tier, number in tiers.items()}


def _memory(memory: MemoryReport | None) -> dict[str, tuple[float, str]]:
    if memory is None:
        return {}
    gpu = {"GpuMemoryPeak": (memory.gpu_peak, _BYTES), "GpuMemoryUsed": (memory.gpu_used, _BYTES)}
    return {"WorkerMemory": (memory.worker, _BYTES), **(gpu if memory.gpu_total else {})}
