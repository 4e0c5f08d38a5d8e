"""Makes ids: ULIDs, sorted by time."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from ulid import ULID

Clock = Callable[[], datetime]
"""Tells the time, with its zone."""

NewId = Callable[[], str]
"""Makes a new job id."""


def new_id() -> str:
    """A fresh ULID."""
    return str(ULID())


def nth_id(click: str, index: int) -> str:
    """The id of the n-th job of one click: the click's own for 0, derived from it for the rest.

    The same click gives the same ids, so that a second click on the same form makes no new job.
    """
    if index == 0:
        return click
    origin = ULID.from_str(click)
    randomness = hashlib.sha256(f"{click}/{index}".encode()).digest()[:10]
    return str(ULID(origin.bytes[:6] + randomness))


def created_at(job_id: str) -> datetime:
    """When an id was made, UTC."""
    return ULID.from_str(job_id).datetime
