"""Makes ids: ULIDs, which sort by time."""

from collections.abc import Callable
from datetime import datetime

from ulid import ULID

Clock = Callable[[], datetime]
"""Returns the time, with its zone."""

NewId = Callable[[], str]
"""Makes a new id."""


def new_id() -> str:
    """A fresh ULID."""
    return str(ULID())


def created_at(job_id: str) -> datetime:
    """When an id was made, UTC."""
    return ULID.from_str(job_id).datetime
