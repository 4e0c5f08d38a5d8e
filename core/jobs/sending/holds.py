"""Whose jobs are kept in the line: of people who hold their queue, and in maintenance of all."""

import logging
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Final

from core.errors import AwsError
from core.ids import Clock
from core.jobs.records import Job
from core.records.cached_record import CachedRecord
from core.records.edit import edit
from core.records.interface import RecordKind, RecordStore
from formats.frozen import Tolerant

log = logging.getLogger(__name__)


class LineHolds(Tolerant):
    """Who holds their queue."""

    owners: tuple[str, ...] = ()


HOLDS: Final = RecordKind("line-holds", LineHolds)
"""One for the team."""
_OWNER: Final = "team"
_ID: Final = "line"


class QueueHolds:
    """The holds of the team. Jobs that were sent already go on."""

    def __init__(self, records: RecordStore, clock: Clock, maintenance: Callable[[], str]) -> None:
        self._records = records
        self._cached = CachedRecord(records, HOLDS, _OWNER, _ID, clock)
        self.maintenance = maintenance
        """Why nothing but admins' jobs may begin; empty where everything may."""

    def owners(self) -> frozenset[str]:
        """Who holds their queue; nobody, where AWS was silent from the start."""
        try:
            found = self._cached.get()
        except AwsError as error:
            log.warning("event=holds_not_read error=%s", error)
            found = None
        return frozenset(found.owners if found else ())

    def sendable(self, jobs: list[Job]) -> list[Job]:
        """The jobs but for those that are kept in the line."""
        owners, is_maintenance = self.owners(), bool(self.maintenance())
        return [
            job
            for job in jobs
            if job.owner not in owners and (job.has_priority or not is_maintenance)
        ]

    def hold(self, owner: str) -> None:
        """Keep somebody's jobs in the line. Raises AwsError."""
        self._edit(lambda owners: owners | {owner})

    def resume(self, owner: str) -> None:
        """Send somebody's jobs again. Raises AwsError."""
        self._edit(lambda owners: owners - {owner})

    def _edit(self, change: Callable[[AbstractSet[str]], AbstractSet[str]]) -> None:
        def changed(kept: LineHolds | None) -> LineHolds:
            return LineHolds(owners=tuple(sorted(change({*kept.owners} if kept else set()))))

        self._cached.remember(edit(self._records, HOLDS, _OWNER, _ID, changed))
