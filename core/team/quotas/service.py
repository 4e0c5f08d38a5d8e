"""Checks quotas before anything is written, tells what is left, and lets admins set limits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import ValidationError

from core.errors import InvalidInput, QuotaExceeded
from core.ids import Clock
from core.records.interface import RecordStore
from core.settings import Settings
from core.team.access import Access
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action, Item, Kind
from core.team.quotas.limits import MOST, LimitStore, PersonLimits, Quota, QuotaLimits, check
from core.team.quotas.usage import (
    DAY_USAGE,
    UsageReader,
    day_of,
    next_day,
    next_month,
    reserve,
    settle,
)
from core.team.users import SYSTEM, Role, User
from core.texts import team_quotas as texts
from formats.frozen import Frozen
from formats.generation.request import GenerationRequest

__all__ = [
    "MOST",
    "InUse",
    "PersonLimits",
    "Quota",
    "QuotaLeft",
    "QuotaLimits",
    "Quotas",
    "UsedToday",
]

_TEAM: Final = Item(kind=Kind.TEAM)
_MOST_PEOPLE: Final = 500


@dataclass(frozen=True)
class InUse:
    """What a person uses now, asked by their name; each may raise AwsError."""

    open_jobs: Callable[[str], int]
    """Jobs queued or running, as this dashboard last saw them."""
    model_bytes: Callable[[str], int]
    """Of their files and of the uploads under way."""
    endpoints: Callable[[str], int]
    dollars: Callable[[str], float]
    """That their jobs cost this month, UTC."""


class QuotaLeft(Frozen):
    """How much of one quota a person has used."""

    quota: Quota
    used: float
    limit: float | None
    """None where there is no limit."""
    resets_at: datetime | None = None
    """When all of it is there again; None for what lasts until it is deleted or ends."""

    @property
    def left(self) -> float | None:
        """Never below 0; None where there is no limit."""
        return None if self.limit is None else max(0.0, self.limit - self.used)

    @property
    def share(self) -> float:
        """The part that is used, 0 to 1; 0 where there is no limit."""
        if self.limit is None:
            return 0.0
        return min(1.0, self.used / self.limit) if self.limit else 1.0


class UsedToday(Frozen):
    """What one person has used of this day, UTC."""

    person: str
    images: int
    megapixel_steps: float


class Quotas:
    """The checks. Without an identity nothing is checked, and the studio itself has no limits.

    Open jobs, files and endpoints are compared with what was last seen, so that two dashboards at
    the same moment may pass one too many; what is counted by day can't be passed.
    """

    def __init__(
        self, records: RecordStore, settings: Settings, access: Access, clock: Clock, in_use: InUse
    ) -> None:
        self._records = records
        self._is_on = settings.has_identity
        self._access = access
        self._clock = clock
        self._in_use = in_use
        self._limits = LimitStore(records, clock)
        self._usage = UsageReader(records, clock, in_use.dollars)

    def reserve_jobs(self, user: User, requests: Sequence[GenerationRequest]) -> None:
        """Take what these jobs need of the day, all of them or none, before they are made.

        Raises QuotaExceeded, AwsError; then nothing is taken.
        """
        if not self._checks(user) or not requests:
            return
        limits = self._limits.of(user)
        open_jobs = self._in_use.open_jobs(user.name)
        check(limits, Quota.OPEN_JOBS, open_jobs, len(requests))
        self._check_dollars(limits, user.name)
        try:
            reserve(self._records, user.name, requests, limits)
        finally:
            self._usage.forget(user.name)

    def settle_job(self, owner: str, job_id: str, *, has_run: bool) -> None:
        """Give back what a job took of its day where it ended before it ran; count it after all
        where it did run. Told twice, it counts once. Raises AwsError."""
        if self._is_on:
            settle(self._records, owner, job_id, has_run=has_run)
            self._usage.forget(owner)

    def check_upload(self, user: User, size: int) -> None:
        """Raise QuotaExceeded where so many bytes more are too much. Raises AwsError."""
        self._check_now(user, Quota.MODEL_BYTES, self._in_use.model_bytes, size)

    def check_endpoint(self, user: User) -> None:
        """Raise QuotaExceeded where one endpoint more is too much. Raises AwsError."""
        self._check_now(user, Quota.ENDPOINTS, self._in_use.endpoints, 1)

    def left(self, user: User) -> tuple[QuotaLeft, ...]:
        """What a person has used and may still use, of each quota; nothing without an identity.

        What other dashboards gave away shows within ten seconds. Raises AwsError.
        """
        if not self._checks(user):
            return ()
        limits, now, name = self._limits.of(user), self._clock(), user.name
        read = self._usage.of(name)
        used = {
            Quota.OPEN_JOBS: self._in_use.open_jobs(name),
            **read.day.used(),
            Quota.MODEL_BYTES: self._in_use.model_bytes(name),
            Quota.ENDPOINTS: self._in_use.endpoints(name),
            Quota.DOLLARS: read.dollars,
        }
        resets = {
            Quota.IMAGES: next_day(now),
            Quota.MEGAPIXEL_STEPS: next_day(now),
            Quota.DOLLARS: next_month(now),
        }
        return tuple(
            QuotaLeft(quota=quota, used=count, limit=limits.of(quota), resets_at=resets.get(quota))
            for quota, count in used.items()
        )

    @property
    def is_on(self) -> bool:
        """Whether anything is checked."""
        return self._is_on

    def left_of(self, user: User, person: User) -> tuple[QuotaLeft, ...]:
        """The same of somebody else, for an admin. Raises NotAllowed, AwsError."""
        self._access.require(user, Action.SEE, _TEAM)
        return self.left(person)

    def used_today(self, user: User) -> tuple[UsedToday, ...]:
        """What each person has used today, UTC, the most images first; one query.

        Raises NotAllowed, AwsError.
        """
        self._access.require(user, Action.SEE, _TEAM)
        today = day_of(self._clock())
        records = self._records.page(DAY_USAGE, prefix=today, limit=_MOST_PEOPLE).records
        found = (
            UsedToday(
                person=record.owner,
                images=record.value.images,
                megapixel_steps=record.value.megapixel_steps,
            )
            for record in records
        )
        return tuple(sorted(found, key=lambda used: (-used.images, used.person)))

    def role_limits(self, user: User) -> Mapping[Role, QuotaLimits]:
        """The limits of each role. Raises NotAllowed, AwsError."""
        self._access.require(user, Action.SEE, _TEAM)
        return {role: self._limits.of_role(role) for role in Role}

    def person_limits(self, user: User, name: str) -> PersonLimits:
        """What was set for a person in place of their role's. Raises NotAllowed, AwsError."""
        self._access.require(user, Action.SEE, _TEAM)
        return self._limits.of_person(name)

    def set_role_limits(self, user: User, role: Role, limits: QuotaLimits) -> None:
        """Set the limits of a role. Raises NotAllowed, AwsError."""
        with self._access.acting(user, Action.CHANGE, _TEAM, role, AuditEvent.SET_LIMITS):
            self._limits.set_role(role, limits)

    def set_person_limits(
        self, user: User, name: str, overrides: Mapping[Quota, float | None]
    ) -> None:
        """Set single limits of a person, None for no limit; what is left out is their role's.

        Raises InvalidInput at the quota, NotAllowed, AwsError.
        """
        with self._access.acting(user, Action.CHANGE, _TEAM, name, AuditEvent.SET_LIMITS):
            for quota, limit in overrides.items():
                _check_limit(quota, limit)
            named = {quota.value: limit for quota, limit in overrides.items()}
            self._limits.set_person(name, PersonLimits(overrides=named))

    def _checks(self, user: User) -> bool:
        return self._is_on and user.name != SYSTEM.name

    def _check_now(
        self, user: User, quota: Quota, in_use: Callable[[str], int], wanted: int
    ) -> None:
        if not self._checks(user):
            return
        limits = self._limits.of(user)
        if limits.of(quota) is not None:
            check(limits, quota, in_use(user.name), wanted)

    def _check_dollars(self, limits: QuotaLimits, name: str) -> None:
        """What a job will cost is not known before: the last one may pass the limit."""
        limit = limits.dollars_per_month
        if limit is None:
            return
        used = self._in_use.dollars(name)
        if used >= limit:
            resets_at = next_month(self._clock())
            raise QuotaExceeded(texts.exceeded(Quota.DOLLARS, used, 0, limit, resets_at))


def _check_limit(quota: Quota, limit: float | None) -> None:
    try:
        QuotaLimits.model_validate({quota.value: limit})
    except ValidationError as error:
        raise InvalidInput(texts.IS_NO_LIMIT, quota.value) from error
