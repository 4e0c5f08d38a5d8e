"""Counts what jobs cost: their seconds on the instance, shared with those drawn beside them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from pydantic import Field

from core.endpoints.costs.instance_seconds import plus
from core.records.edit import edit
from core.records.interface import RecordKind, RecordStore
from formats.frozen import Tolerant
from formats.generation.result import GenerationResult, Picture

_REMEMBERED: Final = 100
"""Jobs of a day that are known to be counted: a result may be seen twice, soon after another."""


class JobUsage(Tolerant):
    """The jobs of one user on one day, UTC, that an instance worked on."""

    jobs: int = 0
    images: int = 0
    seconds: dict[str, float] = Field(default_factory=dict)
    """Instance seconds by instance type."""
    latest: tuple[str, ...] = ()
    """Ids of the jobs counted last."""


JOB_USAGE: Final = RecordKind("job-usage", JobUsage)
"""The owner is the user, the id the day, `2026-11-22`."""


def job_seconds(result: GenerationResult) -> float:
    """The instance seconds of a job: from start to end, times its share of the instance."""
    elapsed = (result.ended_at - result.started_at).total_seconds()
    return max(0.0, elapsed) * share_of_batches(result.pictures)


def share_of_batches(images: Sequence[Picture]) -> float:
    """The part of an instance that a job had, 0 to 1: its images in each batch of all of them.

    A batch of its own begins where the size differs, or the place does not grow.
    """
    if not images:
        return 1.0
    batches = 1 + sum(b.batch != a.batch or b.seat <= a.seat for a, b in pairwise(images))
    return min(1.0, sum(1 / max(1, image.batch) for image in images) / batches)


def day_of(moment: datetime) -> str:
    """`2026-11-22`, UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d}"


def count_job(
    records: RecordStore, owner: str, instance_type: str, result: GenerationResult
) -> None:
    """Count a job that ended for its user and day, once. Raises AwsError, Conflict."""
    seconds = {instance_type: job_seconds(result)}

    def change(kept: JobUsage | None) -> JobUsage | None:
        usage = kept or JobUsage()
        if result.id in usage.latest:
            return None
        return JobUsage(
            jobs=usage.jobs + 1,
            images=usage.images + len(result.pictures),
            seconds=plus(usage.seconds, seconds),
            latest=(*usage.latest, result.id)[-_REMEMBERED:],
        )

    edit(records, JOB_USAGE, owner, day_of(result.ended_at), change)
