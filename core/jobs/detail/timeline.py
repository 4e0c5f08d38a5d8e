"""Tells where a job's time went: a span for each stage between the click and the last image."""

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import Final

from core.jobs.records import Job
from formats.frozen import Frozen
from formats.generation.result import GenerationResult


class JobStage(StrEnum):
    """What a job was waiting for or busy with; the value is the word a user reads."""

    QUEUED = "storing the inputs"
    STORED = "waiting in line"
    SENT = "waiting for an instance"
    FETCH = "downloading models"
    LOAD = "loading models"
    ENCODE = "encoding"
    DRAW = "drawing"
    ENLARGE = "enlarging"
    DECODE = "decoding"
    SAVE = "uploading"
    REST = "everything else"
    RUN = "running"
    """Where the container did not say what it did in that time."""


class StageSpan(Frozen):
    """So many seconds of one stage."""

    stage: JobStage
    seconds: float


_CONTAINER: Final = {
    "fetch": JobStage.FETCH,
    "load": JobStage.LOAD,
    "encode": JobStage.ENCODE,
    "draw": JobStage.DRAW,
    "enlarge": JobStage.ENLARGE,
    "decode": JobStage.DECODE,
    "save": JobStage.SAVE,
}
"""The container's names in `GenerationResult.seconds`, in the order of its work."""

_SHORTEST_REST: Final = 0.05


def timeline(job: Job, result: GenerationResult | None, now: datetime) -> tuple[StageSpan, ...]:
    """The stages that the job went through, in their order. Its last one lasts until now where it
    is open. Records of older versions lack some times: stages between two that are known count as
    the first of them."""
    return (*_before_it_ran(job, result, now), *_run(job, result, now))


def _before_it_ran(job: Job, result: GenerationResult | None, now: datetime) -> Iterator[StageSpan]:
    begun = result.started_at if result else job.started_at
    until = begun or _end(job, now)
    marks = [(JobStage.QUEUED, job.created_at)]
    marks += [(JobStage.STORED, job.stored_at)] if job.stored_at else []
    marks += [(JobStage.SENT, job.sent_at)] if job.sent_at else []
    ends = [*(at for _, at in marks[1:]), until]
    for (stage, at), end in zip(marks, ends, strict=True):
        yield StageSpan(stage=stage, seconds=_seconds(at, end))


def _run(job: Job, result: GenerationResult | None, now: datetime) -> Iterator[StageSpan]:
    if result is None:
        if job.started_at:
            seconds = _seconds(job.started_at, _end(job, now))
            yield StageSpan(stage=JobStage.RUN, seconds=seconds)
        return
    spent = 0.0
    for name, stage in _CONTAINER.items():
        if name in result.seconds:
            spent += result.seconds[name]
            yield StageSpan(stage=stage, seconds=result.seconds[name])
    rest = _seconds(result.started_at, result.ended_at) - spent
    if rest >= _SHORTEST_REST:
        stage = JobStage.REST if spent else JobStage.RUN
        yield StageSpan(stage=stage, seconds=rest)


def _end(job: Job, now: datetime) -> datetime:
    return now if job.state.is_open else job.updated_at


def _seconds(start: datetime, end: datetime) -> float:
    """Never below 0: the clocks of a dashboard and of an instance differ a little."""
    return max(0.0, (end - start).total_seconds())


def downloaded_bytes(result: GenerationResult) -> int | None:
    """Bytes of model files that came from S3 for this job; None where the container, an older one,
    did not say how large they are."""
    fetched = [model for model in result.models if model.tier == "S3"]
    sizes = [model.size for model in fetched if model.size is not None]
    return sum(sizes) if len(sizes) == len(fetched) else None
