"""Each second between the click and the last image counts for one stage."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from core.jobs.detail.timeline import JobStage, downloaded_bytes, timeline
from core.jobs.records import Job, JobState
from formats.generation.parameters import Mode
from formats.generation.result import AppliedModel, GenerationResult, Outcome
from formats.models.kinds import ModelKind

JOB: Final = "01JQ0000000000000000000000"
START: Final = datetime(2026, 11, 29, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def job(**changes: Any) -> Job:
    values: dict[str, Any] = {
        "id": JOB,
        "owner": "local",
        "endpoint": "demo",
        "state": JobState.SUCCEEDED,
        "created_at": at(0),
        "updated_at": at(60),
        "mode": Mode.TXT2IMG,
        "checkpoint": "dog.safetensors",
        "prompt": "a dog",
    }
    return Job(**{**values, **changes})


def result(**changes: Any) -> GenerationResult:
    values: dict[str, Any] = {
        "id": JOB,
        "outcome": Outcome.SUCCEEDED,
        "started_at": at(10),
        "ended_at": at(30),
    }
    return GenerationResult(**{**values, **changes})


SENT: Final = {"stored_at": at(1), "sent_at": at(4)}
RUNNING: Final = {"state": JobState.RUNNING, "started_at": at(10)}


@pytest.mark.parametrize(
    ("changes", "seconds", "stages"),
    [
        (
            SENT,
            {"draw": 12, "fetch": 3, "load": 2, "encode": 1, "decode": 0.5, "save": 0.5},
            "queued 1, stored 3, sent 6, fetch 3, load 2, encode 1, draw 12, decode 0.5, save 0.5, "
            "rest 1",
        ),
        (SENT, {}, "queued 1, stored 3, sent 6, run 20"),
        (SENT, {"draw": 25}, "queued 1, stored 3, sent 6, draw 25"),
        (SENT, {"enlarge": 20, "of a newer version": 1}, "queued 1, stored 3, sent 6, enlarge 20"),
        ({}, {"draw": 20}, "queued 10, draw 20"),
        ({"sent_at": at(12)}, {"draw": 20}, "queued 12, sent 0, draw 20"),
        (SENT | RUNNING, None, "queued 1, stored 3, sent 6, run 90"),
        ({"state": JobState.QUEUED, "stored_at": at(1)}, None, "queued 1, stored 99"),
        ({"state": JobState.FAILED, **SENT}, None, "queued 1, stored 3, sent 56"),
    ],
)
def test_stages(changes: dict[str, Any], seconds: dict[str, float] | None, stages: str) -> None:
    ended = None if seconds is None else result(seconds=seconds)
    spans = timeline(job(**changes), ended, at(100))
    told = ", ".join(f"{each.stage.name.lower()} {each.seconds:g}" for each in spans)
    assert told == stages


def test_every_stage_has_a_word_of_its_own() -> None:
    assert len({stage.value for stage in JobStage}) == len(JobStage)


@pytest.mark.parametrize(
    ("models", "total"),
    [
        ((), 0),
        ((("S3", 5), ("disk", 7), ("S3", 1)), 6),
        ((("S3", 5), ("S3", None)), None),
        ((("memory (GPU)", None),), 0),
    ],
)
def test_bytes_of_downloads(models: tuple[tuple[str, int | None], ...], total: int | None) -> None:
    applied = tuple(
        AppliedModel(kind=ModelKind.LORA, name="a.safetensors", sha256="a" * 64, tier=t, size=size)
        for t, size in models
    )
    assert downloaded_bytes(result(models=applied)) == total
