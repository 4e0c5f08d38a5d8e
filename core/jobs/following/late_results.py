"""Reads results that come after a dashboard closed their job."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final

from core.aws.storage import Storage
from core.ids import Clock
from core.jobs.records import FailureReason, Job, JobFailure, JobState
from core.jobs.store.interface import JobStore
from core.records.stored import read_stored
from formats.generation.result import GenerationResult, Outcome
from formats.keys import result_key

log = logging.getLogger(__name__)

LATE_SECONDS: Final = 600
"""For so long the result of a job that was called lost or cancelled may still come."""

_STATES: Final = {
    Outcome.SUCCEEDED: JobState.SUCCEEDED,
    Outcome.FAILED: JobState.FAILED,
    Outcome.CANCELLED: JobState.CANCELLED,
}

OnEnd = Callable[[Job], None]
"""Told of each job that was seen to end; it must not block."""


class LateResults:
    """Closed jobs whose container may still write a result, and until when to look for it."""

    def __init__(self, store: JobStore, storage: Storage, clock: Clock, on_end: OnEnd) -> None:
        self._store = store
        self._storage = storage
        self._clock = clock
        self.on_end = on_end
        self._lock = Lock()
        self._awaited: dict[str, tuple[Job, datetime]] = {}

    def expect(self, job: Job) -> None:
        """Look for the result of a closed job, where its container did not close it."""
        if may_end_late(job):
            with self._lock:
                self._awaited[job.id] = (job, self._clock() + timedelta(seconds=LATE_SECONDS))

    def jobs(self) -> tuple[Job, ...]:
        """The jobs to look at."""
        now = self._clock()
        with self._lock:
            self._awaited = {i: held for i, held in self._awaited.items() if now <= held[1]}
            return tuple(job for job, _ in self._awaited.values())

    def read(self, closed: Job) -> None:
        """The job's result is there: bring its record in line. Raises AwsError."""
        bucket = self._storage.of_bucket(closed.bucket)
        content = bucket.find(result_key(closed.id))
        if content is None:
            return
        job = self._store.get(closed.id)
        result = read_stored(GenerationResult, content.data, closed.id)
        if job and result:
            settled = settle_late_result(self._store, job, result, self._clock())
            if settled.state is not job.state:
                self.on_end(settled)
        with self._lock:
            self._awaited.pop(closed.id, None)


def may_end_late(job: Job) -> bool:
    """Whether a dashboard closed the job, so that its container may still write a result."""
    if job.state is JobState.CANCELLED:
        return True
    code = job.failure.code if job.failure else None
    return job.state is JobState.FAILED and isinstance(code, FailureReason)


def settle_late_result(store: JobStore, job: Job, result: GenerationResult, now: datetime) -> Job:
    """The record of a job that a dashboard closed, once its container wrote a result after all.

    A job that was called lost, or whose result was no version's that could be read then, has
    succeeded; `failure` keeps what was said before. One that
    was cancelled stays so and shows the images that were made.
    """
    is_closed = job.state in {JobState.FAILED, JobState.CANCELLED}
    changes = _late_changes(job, result) if is_closed else {}
    if all(getattr(job, name) == value for name, value in changes.items()):
        return job
    settled = store.update(job.id, {job.state}, {**changes, "updated_at": now})
    if settled:
        log.info("event=late_result job=%s state=%s was=%s", job.id, settled.state, job.state)
    return settled or job


def ended(result: GenerationResult) -> dict[str, Any]:
    """What a result changes in its job's record."""
    failure = result.failure
    return {
        "state": _STATES[result.outcome],
        "image_count": len(result.pictures),
        "failure": failure and JobFailure(code=failure.code, message=failure.message),
        "started_at": result.started_at,
    }


def _late_changes(job: Job, result: GenerationResult) -> dict[str, Any]:
    changes = ended(result)
    if job.state is JobState.CANCELLED or result.outcome is Outcome.CANCELLED:
        return {"image_count": changes["image_count"]}
    return {**changes, "failure": changes["failure"] or job.failure}
