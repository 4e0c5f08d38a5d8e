"""Knows which jobs somebody looks at: every read of a page says so, for a few seconds."""

from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from core.ids import Clock

_VIEWED_SECONDS: Final = 6.0
"""Longer than the pause between two reads of a page, also of a hidden one."""


class ViewedJobs:
    """The ids of the jobs that a page of this process read within the last seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._until: dict[str, datetime] = {}

    def note(self, job_id: str) -> None:
        """A page reads the job now."""
        with self._lock:
            self._until[job_id] = self._clock() + timedelta(seconds=_VIEWED_SECONDS)

    def ids(self) -> frozenset[str]:
        """The jobs that are looked at now."""
        now = self._clock()
        with self._lock:
            self._until = {i: until for i, until in self._until.items() if until > now}
            return frozenset(self._until)
