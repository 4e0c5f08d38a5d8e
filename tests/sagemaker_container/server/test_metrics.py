"""Figures of the jobs that ended: as Prometheus reads them, and as lines for CloudWatch."""

import io
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from formats.generation.request import GenerationRequest
from formats.generation.result import (
    AppliedModel,
    ErrorCode,
    Failure,
    GenerationResult,
    Outcome,
    Picture,
)
from formats.models.kinds import ModelKind
from sagemaker_container.messages import MemoryReport
from sagemaker_container.server.emf import EmfWriter
from sagemaker_container.server.metrics import ContainerMetrics

ID = "01M82KW0B1ZSQ5JRV5KNRGBS67"
NOW = datetime(2026, 11, 29, 9, 0, tzinfo=UTC)
GPU = MemoryReport(worker=7, gpu_used=20, gpu_total=24, gpu_peak=22)


def model(name: str, tier: str) -> AppliedModel:
    return AppliedModel(kind=ModelKind.LORA, name=name, sha256="0" * 64, tier=tier)


def image(index: int) -> Picture:
    return Picture(index=index, seed=1, width=64, height=64, sha256="0" * 64, infotext="", batch=4)


SUCCEEDED = GenerationResult(
    id=ID,
    outcome=Outcome.SUCCEEDED,
    pictures=(image(0), image(1)),
    models=(model("a", "S3"), model("b", "disk"), model("c", "disk"), model("d", "")),
    seconds={"load": 2.0, "draw": 20.5},
    started_at=NOW,
    ended_at=NOW + timedelta(seconds=25),
)
FAILED = GenerationResult(
    id=ID,
    outcome=Outcome.FAILED,
    failure=Failure(code=ErrorCode.OUT_OF_MEMORY, message="too large"),
    started_at=NOW,
    ended_at=NOW + timedelta(seconds=1),
)
CANCELLED = GenerationResult(
    id=ID,
    outcome=Outcome.CANCELLED,
    failure=Failure(code=ErrorCode.CANCELLED, message="cancelled"),
    started_at=NOW,
    ended_at=NOW,
)


def metrics(memory: MemoryReport | None = None, emf: EmfWriter | None = None) -> ContainerMetrics:
    supervisor: Any = SimpleNamespace(starts=2, start_seconds=8.5, memory=memory)
    return ContainerMetrics(supervisor, lambda: (3, 1), emf)


def figures(counted: ContainerMetrics) -> dict[str, float]:
    """`name/label/label` to value, of everything that is told."""
    families = text_string_to_metric_families(counted.render().decode())
    return {
        sample.name
        + "".join(f"/{value}" for _, value in sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([], {"jobs_total//succeeded": 0, "jobs_total//cancelled": 0, "images_total": 0}),
        (
            [SUCCEEDED, SUCCEEDED, FAILED, CANCELLED],
            {
                "jobs_total//succeeded": 2,
                "jobs_total/out_of_memory/failed": 1,
                "jobs_total//cancelled": 1,
                "images_total": 4,
                "cache_hits_total/S3": 2,
                "cache_hits_total/disk": 4,
                "stage_seconds_sum/draw": 41,
                "stage_seconds_count/load": 2,
                "job_seconds_sum": 51,
            },
        ),
    ],
)
def test_jobs_are_counted(results: list[GenerationResult], expected: dict[str, float]) -> None:
    counted = metrics()
    for result in results:
        counted.job_ended(result)
    found = figures(counted)
    assert {n: found[f"contrapposto_{n}"] for n in expected} == expected


def test_batches_queue_and_workers_are_told() -> None:
    counted = metrics()
    request = GenerationRequest(
        id=ID, checkpoint="x.safetensors", prompt="a dog", seed=1, batch_size=3
    )
    counted.batch_started([request, request])
    found = figures(counted)
    assert found["contrapposto_batch_jobs_sum"] == 2
    assert found["contrapposto_batch_images_sum"] == 6
    assert found["contrapposto_queue_jobs/waiting"] == 3
    assert found["contrapposto_queue_jobs/running"] == 1
    assert found["contrapposto_worker_starts"] == 2
    assert found["contrapposto_worker_start_seconds"] == 8.5
    assert found["contrapposto_host_memory_bytes/total"] > 2**20


@pytest.mark.parametrize(
    ("memory", "expected"),
    [
        (None, {}),
        (MemoryReport(worker=7), {"host_memory_bytes/worker": 7}),
        (
            GPU,
            {
                "host_memory_bytes/worker": 7,
                "gpu_memory_bytes/used": 20,
                "gpu_memory_bytes/total": 24,
                "gpu_memory_bytes/peak": 22,
            },
        ),
    ],
)
def test_memory_is_what_the_worker_reported(
    memory: MemoryReport | None, expected: dict[str, float]
) -> None:
    own = {"contrapposto_host_memory_bytes/used", "contrapposto_host_memory_bytes/total"}
    found = {n: v for n, v in figures(metrics(memory)).items() if "memory" in n and n not in own}
    assert found == {f"contrapposto_{name}": value for name, value in expected.items()}


def lines(*results: GenerationResult, memory: MemoryReport | None = None) -> list[Any]:
    out = io.StringIO()
    counted = metrics(memory, EmfWriter(out, "studio-1", lambda: NOW))
    for result in results:
        counted.job_ended(result)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_each_job_is_one_line_with_the_same_figures() -> None:
    succeeded, failed = lines(SUCCEEDED, FAILED, memory=GPU)
    assert (failed["Outcome"], failed["Code"]) == ("failed", "out_of_memory")
    assert succeeded["Endpoint"] == "studio-1"
    figures = {
        "Jobs": 1,
        "Images": 2,
        "BatchImages": 4,
        "JobSeconds": 25,
        "LoadSeconds": 2,
        "DrawSeconds": 20.5,
        "CacheHits.S3": 1,
        "CacheHits.disk": 2,
        "QueueDepth": 3,
        "WorkerMemory": 7,
        "GpuMemoryPeak": 22,
        "GpuMemoryUsed": 20,
    }
    assert {name: succeeded[name] for name in figures} == figures
    (directive,) = succeeded["_aws"]["CloudWatchMetrics"]
    assert {metric["Name"] for metric in directive["Metrics"]} == set(figures)


@pytest.mark.parametrize("memory", [None, MemoryReport(7), GPU])
def test_a_line_is_what_cloudwatch_takes(memory: MemoryReport | None) -> None:
    """CloudWatch user guide, "Specification: Embedded metric format"."""
    for line in lines(SUCCEEDED, FAILED, CANCELLED, memory=memory):
        assert line["_aws"]["Timestamp"] == 1_795_942_800_000
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert 1 <= len(directive["Namespace"]) <= 256
        assert len(directive["Metrics"]) <= 100
        assert all(line[m["Name"]] >= 0 for m in directive["Metrics"])
        assert {m["Unit"] for m in directive["Metrics"]} <= {"Count", "Seconds", "Bytes"}
        for dimensions in directive["Dimensions"]:
            assert all(isinstance(line[name], str) and line[name] for name in dimensions)
