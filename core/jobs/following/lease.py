"""Which of several dashboards looks after everybody's jobs: one at a time, kept in the job list."""

import logging
from datetime import datetime
from threading import Lock
from typing import Final

from core.errors import AwsError
from core.ids import Clock, NewId
from core.jobs.store.interface import JobStore

log = logging.getLogger(__name__)

_RENEW_SECONDS: Final = 10.0
_STALE_SECONDS: Final = 30.0
"""A lease that was not renewed within this observed time is another's to take."""

_FREE: Final = ""


class FollowerLease:
    """One lease for all jobs: one of each job would be a thousand writes for a thousand jobs.

    Each renewal is one conditional write of a value that was never there before. Who waits for the
    lease sees by its own clock how long the value has stayed the same, so that the clocks of the
    dashboards need not agree.
    """

    def __init__(self, store: JobStore, clock: Clock, new_id: NewId) -> None:
        self._store = store
        self._clock = clock
        self._new_id = new_id
        self._lock = Lock()
        self._mine = _FREE
        self._renewed_at: datetime | None = None
        self._seen: tuple[str, datetime] | None = None
        """Somebody else's value, and when it was first seen."""

    def is_held(self) -> bool:
        """Whether this dashboard is the one; takes or renews the lease. Raises AwsError."""
        with self._lock:
            now = self._clock()
            if (
                self._mine
                and self._renewed_at
                and _is_within(_RENEW_SECONDS, self._renewed_at, now)
            ):
                return True
            if self._mine:
                return self._swap(self._mine, now)
            value = self._store.lease()
            return self._is_free(value, now) and self._swap(value, now)

    def release(self) -> None:
        """Let another dashboard take it at once."""
        with self._lock:
            if not self._mine:
                return
            try:
                self._store.swap_lease(self._mine, _FREE)
            except AwsError as error:  # it becomes stale
                log.info("event=lease_not_released error=%s", error)
            self._mine = _FREE

    def _is_free(self, value: str, now: datetime) -> bool:
        if value == _FREE:
            return True
        if self._seen is None or self._seen[0] != value or now < self._seen[1]:
            self._seen = (value, now)
        return not _is_within(_STALE_SECONDS, self._seen[1], now)

    def _swap(self, old: str, now: datetime) -> bool:
        mine = self._new_id()
        if not self._store.swap_lease(old, mine):
            self._mine = _FREE
            return False
        if not self._mine:
            log.info("event=follower_lease_taken")
        self._mine, self._renewed_at, self._seen = mine, now, None
        return True


def _is_within(seconds: float, since: datetime, now: datetime) -> bool:
    return 0 <= (now - since).total_seconds() < seconds
