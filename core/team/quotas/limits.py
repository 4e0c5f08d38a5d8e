"""Owns the limits: what ships, what an admin set for a role, and what they set for a person."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Final

from pydantic import Field

from core.errors import QuotaExceeded
from core.ids import Clock
from core.records.cached_record import CachedRecord, CachedRecords
from core.records.edit import edit
from core.records.interface import RecordKind, RecordStore
from core.team.users import Role, User
from core.texts import team_quotas as texts
from formats.frozen import Tolerant

MOST: Final = 1e15
"""Larger than any limit that somebody means: a petabyte, in bytes."""

_TEAM: Final = "team"
_LIMITS_ID: Final = "limits"


class Quota(StrEnum):
    """What is limited, the name of its field in `QuotaLimits`."""

    OPEN_JOBS = "open_jobs"
    IMAGES = "images_per_day"
    MEGAPIXEL_STEPS = "megapixel_steps_per_day"
    MODEL_BYTES = "model_bytes"
    ENDPOINTS = "endpoints"
    DOLLARS = "dollars_per_month"


class QuotaLimits(Tolerant):
    """The most that a person may use; None is no limit. Days and months are UTC's."""

    open_jobs: int | None = Field(default=None, ge=0, le=MOST)
    """Jobs that are queued or running at once."""
    images_per_day: int | None = Field(default=None, ge=0, le=MOST)
    megapixel_steps_per_day: float | None = Field(default=None, ge=0, le=MOST)
    """Width x height x steps of each image, in millions: `core/team/quotas/usage.py`."""
    model_bytes: int | None = Field(default=None, ge=0, le=MOST)
    """Of the files that the person uploaded."""
    endpoints: int | None = Field(default=None, ge=0, le=MOST)
    """That the person created."""
    dollars_per_month: float | None = Field(default=None, ge=0, le=MOST)
    """US dollars that the person's jobs cost."""

    def of(self, quota: Quota) -> float | None:
        """One of them."""
        found: float | None = getattr(self, quota.value)
        return found


_FIELDS: Final[Mapping[Quota, str]] = {
    Quota.MODEL_BYTES: "paths",
    Quota.ENDPOINTS: "name",
}
"""Where a form shows the refusal; those of jobs are of all its parameters together."""


def check(
    limits: QuotaLimits,
    quota: Quota,
    used: float,
    wanted: float,
    resets_at: datetime | None = None,
) -> None:
    """Raise QuotaExceeded where so much more passes the limit; nothing more never does."""
    limit = limits.of(quota)
    if wanted and limit is not None and round(used + wanted, 6) > limit:
        message = texts.exceeded(quota, used, wanted, limit, resets_at)
        raise QuotaExceeded(message, _FIELDS.get(quota, ""))


_ARTIST: Final = QuotaLimits(
    open_jobs=50,
    images_per_day=1_000,
    megapixel_steps_per_day=50_000,
    model_bytes=100 * 10**9,
    endpoints=2,
    dollars_per_month=200,
)
"""1,000 images of 1024 x 1024 at 30 steps are 31,457 megapixel-steps, and at 5 s each on an
instance of $1.50 an hour about $2: a full day of work, each day, stays below all of them."""

SHIPPED: Final[Mapping[Role, QuotaLimits]] = {
    Role.VIEWER: _ARTIST,
    Role.ARTIST: _ARTIST,
    Role.OPERATOR: QuotaLimits(
        open_jobs=200,
        images_per_day=5_000,
        megapixel_steps_per_day=250_000,
        model_bytes=1_000 * 10**9,
        endpoints=10,
        dollars_per_month=1_000,
    ),
    Role.ADMIN: QuotaLimits(),
}
"""What counts until an admin sets something else. They keep a mistake from becoming expensive, and
are no plan of a team's spending; a viewer makes nothing, by the permission table."""


class RoleLimits(Tolerant):
    """The limits that an admin set for roles; for any other those that ship count."""

    roles: dict[str, QuotaLimits] = Field(default_factory=dict)
    """By the role's name."""


class PersonLimits(Tolerant):
    """Limits that an admin set for one person, in place of their role's."""

    overrides: dict[str, float | None] = Field(default_factory=dict)
    """By the field of `QuotaLimits`; None is no limit. What is not named is the role's."""


ROLE_LIMITS: Final = RecordKind("quota-roles", RoleLimits)
"""One record for the team."""
PERSON_LIMITS: Final = RecordKind("quota-person", PersonLimits)
"""The owner is the person."""


class LimitStore:
    """Reads and keeps limits; another dashboard's change counts after ten seconds."""

    def __init__(self, records: RecordStore, clock: Clock) -> None:
        self._records = records
        self._roles = CachedRecord(records, ROLE_LIMITS, _TEAM, _LIMITS_ID, clock)
        self._persons = CachedRecords(records, PERSON_LIMITS, _LIMITS_ID, clock)

    def of(self, user: User) -> QuotaLimits:
        """A person's limits: their role's, with what was set for them. Raises AwsError."""
        overrides = self.of_person(user.name).overrides
        named = {name: value for name, value in overrides.items() if name in set(Quota)}
        values = self.of_role(user.role).model_dump() | named
        return QuotaLimits.model_validate(values)

    def of_role(self, role: Role) -> QuotaLimits:
        """A role's limits. Raises AwsError."""
        kept = self._roles.get() or RoleLimits()
        return kept.roles.get(role, SHIPPED[role])

    def of_person(self, name: str) -> PersonLimits:
        """What was set for a person. Raises AwsError."""
        return self._persons.get(name) or PersonLimits()

    def set_role(self, role: Role, limits: QuotaLimits) -> None:
        """Keep a role's limits. Raises AwsError, Conflict."""

        def change(kept: RoleLimits | None) -> RoleLimits:
            return RoleLimits(roles={**(kept.roles if kept else {}), role.value: limits})

        edit(self._records, ROLE_LIMITS, _TEAM, _LIMITS_ID, change)
        self._roles.forget()

    def set_person(self, name: str, limits: PersonLimits) -> None:
        """Keep what was set for a person. Raises AwsError, Conflict."""
        edit(self._records, PERSON_LIMITS, name, _LIMITS_ID, lambda _kept: limits)
        self._persons.forget(name)
