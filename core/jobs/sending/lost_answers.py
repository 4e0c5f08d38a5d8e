"""Lost answers: which jobs SageMaker may have or not, and when each is to be sent again."""

from collections.abc import Collection
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, NamedTuple

_LONGEST_WAIT: Final = timedelta(seconds=120)


class _LostAnswer(NamedTuple):
    due: datetime
    wait: timedelta


class LostAnswers:
    """A job that begins soon was taken. One that does not may wait behind others in SageMaker's
    queue, so that each further wait is twice as long."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._lost: dict[str, _LostAnswer] = {}

    def note(self, job_id: str, now: datetime, wait: timedelta) -> None:
        """The answer to a job's invocation is lost; `wait` is for its first time."""
        with self._lock:
            before = self._lost.get(job_id)
            wait = min(before.wait * 2, _LONGEST_WAIT) if before else wait
            self._lost[job_id] = _LostAnswer(now + wait, wait)

    def forget(self, job_id: str) -> None:
        """It is known whether SageMaker has the job."""
        with self._lock:
            self._lost.pop(job_id, None)

    def due(self, queued: Collection[str], now: datetime) -> frozenset[str]:
        """Those to send again of the jobs that did not begin; all others are forgotten."""
        with self._lock:
            self._lost = {i: lost for i, lost in self._lost.items() if i in queued}
            return frozenset(i for i, lost in self._lost.items() if lost.due <= now)
