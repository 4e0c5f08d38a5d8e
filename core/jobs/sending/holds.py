"""Whose jobs are kept in the line: of people who hold their queue, or everybody's."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from core.errors import AwsError
from core.ids import Clock
from core.records.edit import edit
from core.records.interface import RecordKind, RecordStore
from formats.frozen import Tolerant

log = logging.getLogger(__name__)

_FRESH: Final = timedelta(seconds=5)
"""For so long another dashboard's change may go unseen: one read for all jobs that wait."""


class LineHolds(Tolerant):
    """Who holds their queue, and whether the whole line is paused."""

    owners: tuple[str, ...] = ()
    is_paused: bool = False
    reason: str = ""
    """Why it is paused, for everybody to read."""


HOLDS: Final = RecordKind("line-holds", LineHolds)
_OWNER: Final = "team"
_ID: Final = "line"


class QueueHolds:
    """The holds of the team, one record. Jobs that were sent already go on."""

    def __init__(self, records: RecordStore, clock: Clock) -> None:
        self._records = records
        self._clock = clock
        self._lock = Lock()
        self._known = LineHolds()
        self._read_at: datetime | None = None

    def now(self) -> LineHolds:
        """As read a few seconds ago; where AWS does not answer, as last known."""
        now = self._clock()
        with self._lock:
            if self._read_at is None or not timedelta() <= now - self._read_at < _FRESH:
                self._read_at = now
                self._read()
            return self._known

    def hold(self, owner: str) -> None:
        """Keep somebody's jobs in the line. Raises AwsError."""
        self._edit(lambda holds: {"owners": tuple(sorted({*holds.owners, owner}))})

    def resume(self, owner: str) -> None:
        """Send somebody's jobs again. Raises AwsError."""
        self._edit(lambda holds: {"owners": tuple(o for o in holds.owners if o != owner)})

    def pause(self, reason: str) -> None:
        """Keep everybody's jobs in the line. Raises AwsError."""
        self._edit(lambda _: {"is_paused": True, "reason": reason})

    def resume_all(self) -> None:
        """End the pause; who holds their own queue goes on doing so. Raises AwsError."""
        self._edit(lambda _: {"is_paused": False, "reason": ""})

    def _read(self) -> None:
        try:
            found = self._records.get(HOLDS, _OWNER, _ID)
        except AwsError as error:
            log.warning("event=holds_not_read error=%s", error)
            return
        self._known = found.value if found else LineHolds()

    def _edit(self, changes: Callable[[LineHolds], dict[str, object]]) -> None:
        def change(kept: LineHolds | None) -> LineHolds:
            holds = kept or LineHolds()
            return holds.model_copy(update=changes(holds))

        stored = edit(self._records, HOLDS, _OWNER, _ID, change)
        with self._lock:
            self._known, self._read_at = stored or LineHolds(), self._clock()
