"""Makes ids: ULIDs, which sort by time; tells the time."""

from collections.abc import Callable
from datetime import UTC, datetime

from ulid import ULID

Clock = Callable[[], datetime]
"""Returns the time, with its zone."""

NewId = Callable[[], str]
"""Makes a new id."""


def utc_now() -> datetime:
    """The time, UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """A fresh ULID."""
    return str(ULID())


def created_at(job_id: str) -> datetime:
    """When an id was made, UTC."""
    return ULID.from_str(job_id).datetime
