"""Counts what a person has used of a day: reserved before a job is made, and given back."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, Self

from core.ids import Clock, created_at
from core.records.edit import edit
from core.records.interface import RecordKind, RecordStore
from core.records.recent_answers import RecentAnswers
from core.team.quotas.limits import Quota, QuotaLimits, check
from formats.frozen import Tolerant
from formats.generation.parameters import Mode
from formats.generation.request import GenerationRequest

_REMEMBERED: Final = 600
"""Jobs of a day that can be given back; of a person with more, those made last. More than a grid
has cells, so that one that is sent again is not counted twice."""


class Reservation(Tolerant):
    """What one job takes of its day."""

    job: str
    images: int
    megapixel_steps: float
    returned: bool = False
    """Whether the job ended before it ran, so that it counts no more."""


class DayUsage(Tolerant):
    """What one person has used on one day, UTC."""

    images: int = 0
    megapixel_steps: float = 0
    latest: tuple[Reservation, ...] = ()

    def plus(self, each: Reservation, sign: int = 1) -> Self:
        """With one reservation more, or with `sign` -1 one less."""
        steps = self.megapixel_steps + sign * each.megapixel_steps
        return self.model_copy(
            update={
                "images": max(0, self.images + sign * each.images),
                "megapixel_steps": max(0.0, round(steps, 6)),
            }
        )

    def used(self) -> dict[Quota, float]:
        """By quota of a day."""
        return {Quota.IMAGES: self.images, Quota.MEGAPIXEL_STEPS: self.megapixel_steps}


DAY_USAGE: Final = RecordKind("quota-day", DayUsage)
"""The owner is the person, the id the day, `2026-11-22`."""


class PersonUsage(NamedTuple):
    """What a person has used of this day and this month, as it was read last."""

    today: str
    day: DayUsage
    dollars: float
    """That their jobs cost this month."""


class UsageReader:
    """Reads what people have used, for pages; what another dashboard gave away shows after ten
    seconds."""

    def __init__(self, records: RecordStore, clock: Clock, dollars: Callable[[str], float]) -> None:
        self._records = records
        self._clock = clock
        self._dollars = dollars
        self._answers = RecentAnswers[PersonUsage](clock)

    def of(self, person: str) -> PersonUsage:
        """What a person has used. Raises AwsError."""
        today = day_of(self._clock())

        def read() -> PersonUsage:
            found = self._records.get(DAY_USAGE, person, today)
            return PersonUsage(today, found.value if found else DayUsage(), self._dollars(person))

        known = self._answers.get(person, read)
        if known.today == today:
            return known
        self._answers.forget(person)
        return self._answers.get(person, read)

    def forget(self, person: str) -> None:
        """Read it again the next time: it was changed here."""
        self._answers.forget(person)


def megapixel_steps(request: GenerationRequest) -> float:
    """Width x height x steps of all images of a job, in millions.

    The second pass of hires fix counts at its larger size with its own steps. Steps count in full
    where the denoising strength skips some, ControlNet units count nothing, and an upscale job,
    which has no steps, is 0.
    """
    if request.mode is Mode.UPSCALE:
        return 0.0
    each = request.width * request.height * request.steps
    if request.hires:
        width, height = request.size
        each += width * height * (request.hires.steps or request.steps)
    return each * request.image_count / 1e6


def day_of(moment: datetime) -> str:
    """`2026-11-22`, UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d}"


def next_day(moment: datetime) -> datetime:
    """When the day's quotas begin anew: the next midnight, UTC."""
    start = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return start + timedelta(days=1)


def next_month(moment: datetime) -> datetime:
    """When the month's quota begins anew, UTC."""
    start = moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return (start + timedelta(days=32)).replace(day=1)


def reserve(
    records: RecordStore,
    person: str,
    requests: Sequence[GenerationRequest],
    limits: QuotaLimits,
) -> None:
    """Count all jobs of a click, or none, on the day of their ids; one conditional write.

    A job that is counted already counts once. Raises QuotaExceeded, AwsError, Conflict.
    """
    moment = created_at(requests[0].id)
    wanted = tuple(
        Reservation(
            job=request.id,
            images=request.image_count,
            megapixel_steps=megapixel_steps(request),
        )
        for request in requests
    )

    def change(kept: DayUsage | None) -> DayUsage:
        before = after = kept or DayUsage()
        counted = {each.job for each in before.latest if not each.returned}
        new = [each for each in wanted if each.job not in counted]
        for each in new:
            after = after.plus(each)
        wants = after.used()
        for quota, used in before.used().items():
            check(limits, quota, used, wants[quota] - used, next_day(moment))
        again = {each.job for each in new}
        others = (each for each in before.latest if each.job not in again)
        latest = (*others, *new)[-_REMEMBERED:]
        return after.model_copy(update={"latest": latest})

    edit(records, DAY_USAGE, person, day_of(moment), change)


def settle(records: RecordStore, person: str, job_id: str, *, has_run: bool) -> None:
    """Give a job's reservation back, or count it after all; told twice, it counts once.

    Raises AwsError, Conflict.
    """

    def change(kept: DayUsage | None) -> DayUsage | None:
        found = [each for each in kept.latest if each.job == job_id] if kept else []
        if kept is None or not found or found[0].returned is not has_run:
            return None
        changed = found[0].model_copy(update={"returned": not has_run})
        latest = tuple(changed if each.job == job_id else each for each in kept.latest)
        after = kept.plus(changed, 1 if has_run else -1)
        return after.model_copy(update={"latest": latest})

    edit(records, DAY_USAGE, person, day_of(created_at(job_id)), change)
