"""Whose a model file is after its owner handed it over or was removed.

A file's owner stands in its object's metadata, which S3 changes only by copying the whole object:
gigabytes for each. So the files stay as they are, and a record says who followed.
"""

import logging
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, NamedTuple

from core.errors import AwsError
from core.ids import Clock
from core.records.edit import edit
from core.records.interface import RecordKind, RecordStore
from formats.frozen import Tolerant

log = logging.getLogger(__name__)

_ID: Final = "successors"
_MOST: Final = 1000
_FRESH: Final = timedelta(seconds=60)
_LONGEST_CHAIN: Final = 10


class Succession(Tolerant):
    """Who has what somebody brought until then."""

    to: str
    until: datetime


class Successions(Tolerant):
    """One after the other; what was brought later is the owner's own again."""

    steps: tuple[Succession, ...] = ()


SUCCESSORS: Final = RecordKind("successors", Successions)
"""The owner is the former owner."""


class _Known(NamedTuple):
    steps: dict[str, tuple[Succession, ...]]
    until: datetime


class Successors:
    """Answers from memory; another dashboard's change counts within a minute."""

    def __init__(self, records: RecordStore, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._lock = Lock()
        self._known: _Known | None = None

    def owner_now(self, owner: str, brought_at: datetime) -> str:
        """Whose something is that `owner` brought at a time."""
        steps = self._steps()
        for _ in range(_LONGEST_CHAIN):
            after = (one.to for one in steps.get(owner, ()) if brought_at <= one.until)
            if (heir := next(after, owner)) == owner:
                break
            owner = heir
        return owner

    def hand_over(self, owner: str, to: str) -> None:
        """Give `to` what somebody has brought so far. Raises AwsError."""
        step = Succession(to=to, until=self._clock())

        def add(kept: Successions | None) -> Successions:
            return Successions(steps=(*(kept.steps if kept else ()), step))

        stored = edit(self._records, SUCCESSORS, owner, _ID, add)
        with self._lock:
            if stored and self._known:  # the list may be behind for a while
                steps = {**self._known.steps, owner: stored.steps}
                self._known = self._known._replace(steps=steps)

    def _steps(self) -> dict[str, tuple[Succession, ...]]:
        now = self._clock()
        with self._lock:
            known = self._known
        if known and now < known.until:
            return known.steps
        try:
            page = self._records.page(SUCCESSORS, limit=_MOST)
            steps = {record.owner: record.value.steps for record in page.records}
        except AwsError as error:
            log.warning("event=successors_not_read error=%s", error)
            steps = known.steps if known else {}
        with self._lock:
            self._known = _Known(steps, now + _FRESH)
        return steps
