"""Claims: which process hands a job to SageMaker. Every step is one conditional write."""

import logging
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final

from core.errors import AwsError
from core.ids import Clock
from core.jobs.records import OPEN_STATES, FailureReason, Job, JobFailure, JobState
from core.jobs.sending.lost_answers import LostAnswers
from core.jobs.store.interface import Condition, JobStore, always

log = logging.getLogger(__name__)

STALE: Final = timedelta(seconds=120)
"""Longer than a call of SageMaker takes: whoever claimed a job and neither has sent it nor let it
go by then has stopped."""

_CONFIRMED_AFTER: Final = timedelta(seconds=5)

OnChange = Callable[[Job], None]
"""Told of each record as it is after a step."""


class Claims:
    """The claims of one process, which `me` names: another at each start.

    From its claim on a job may be in SageMaker's queue, so `sent_at` is written with it, before the
    call. The claim ends with the answer; where that is lost, the process sends the job again, and
    where the process died, another takes the claim over. Should SageMaker have had the job after
    all, the container runs it once: it knows it by its InferenceId.
    """

    def __init__(self, store: JobStore, clock: Clock, me: str, on_change: OnChange) -> None:
        self.me = me
        self._store = store
        self._clock = clock
        self._on_change = on_change
        self.on_end: OnChange = lambda _job: None
        """Told of a job that ended because it can't be sent."""
        self._lock = Lock()
        self._unconfirmed: dict[str, datetime] = {}
        """Jobs that were sent, and when."""
        self._lost = LostAnswers()

    def take(self, job: Job, claimed_by: str = "") -> Job | None:
        """Claim a job that waits, or that the process `claimed_by` has claimed.

        What this process sends again expires when it would have without that. Returns the record,
        or None where it was cancelled, or another process was faster. Raises AwsError.
        """

        def is_free(found: Job) -> bool:
            return found.sent_at is None or (claimed_by != "" and found.claimed_by == claimed_by)

        now = self._clock()
        sent_at = job.sent_at if claimed_by == self.me else None
        changes = {
            "sent_at": sent_at or now,
            "claimed_by": self.me,
            "stored_at": job.stored_at or now,
        }
        taken = self._change(job.id, changes, is_free, {JobState.QUEUED})
        if taken is None and (found := self._store.get(job.id)):
            self._on_change(found)
        return taken

    def note_stored(self, job: Job) -> None:
        """A job is complete in S3 and waits for its turn."""
        self._note(job.id, {"stored_at": job.stored_at}, always, {JobState.QUEUED})

    def release(self, job_id: str) -> None:
        """Put a job back in the line: SageMaker certainly has not taken it."""
        self._lost.forget(job_id)
        changes = {"sent_at": None, "claimed_by": ""}
        self._note(job_id, changes, self._is_mine, {JobState.QUEUED})

    def doubt(self, job_id: str, wait: timedelta) -> None:
        """SageMaker has the job or not: it is to be sent again where it does not begin within the
        wait, which grows with each time."""
        self._lost.note(job_id, self._clock(), wait)

    def doubtful(self, jobs: Collection[Job]) -> tuple[Job, ...]:
        """Those of all open jobs that are to be sent again."""
        queued = {job.id: job for job in jobs if self._may_be_mine(job)}
        return tuple(queued[job_id] for job_id in self._lost.due(queued, self._clock()))

    def confirm(self, job_id: str, failure_location: str = "") -> None:
        """SageMaker has the job.

        Most jobs begin at once, which says so too: without a place to note the write is put off,
        and mostly spared.
        """
        self._lost.forget(job_id)
        if failure_location:
            changes = {"claimed_by": "", "failure_location": failure_location}
            self._note(job_id, changes, self._is_mine)
        else:
            with self._lock:
                self._unconfirmed[job_id] = self._clock()

    def unconfirmed(self, jobs: Collection[Job]) -> tuple[str, ...]:
        """Those of all open jobs that should have begun by now, and whose claim is to be ended."""
        queued = {job.id for job in jobs if self._may_be_mine(job)}
        latest = self._clock() - _CONFIRMED_AFTER
        with self._lock:
            self._unconfirmed = {i: at for i, at in self._unconfirmed.items() if i in queued}
            return tuple(i for i, at in self._unconfirmed.items() if at <= latest)

    def end(self, job_ids: Collection[str]) -> None:
        """Write that SageMaker has these jobs."""
        for job_id in job_ids:
            with self._lock:
                self._unconfirmed.pop(job_id, None)
            self._note(job_id, {"claimed_by": ""}, self._is_mine, {JobState.QUEUED})

    def end_all(self) -> None:
        """The same for all that were sent; called when the process ends."""
        self.end(tuple(self._unconfirmed))

    def reject(self, job_id: str, message: str) -> None:
        """End a job that can't be sent."""
        log.warning("event=job_rejected job=%s reason=%s", job_id, message)
        failure = JobFailure(code=FailureReason.REJECTED, message=message)
        changes = {"state": JobState.FAILED, "failure": failure, "sent_at": None, "claimed_by": ""}
        try:
            ended = self._change(job_id, changes, lambda job: job.claimed_by in {"", self.me})
            if ended:
                self.on_end(ended)
        except Exception:  # the worker's edge: nobody else would hear of it
            log.exception("event=job_not_recorded job=%s", job_id)

    def _may_be_mine(self, job: Job) -> bool:
        """Also of a job whose claim a listing does not show yet."""
        is_shown = job.sent_at is not None
        return job.state is JobState.QUEUED and (self._is_mine(job) or not is_shown)

    def _is_mine(self, job: Job) -> bool:
        return job.claimed_by == self.me

    def _note(
        self,
        job_id: str,
        changes: dict[str, Any],
        only_if: Condition,
        when: Collection[JobState] = OPEN_STATES,
    ) -> None:
        """Record what the job can do without: its sending does not depend on it."""
        try:
            self._change(job_id, changes, only_if, when)
        except AwsError as error:
            log.warning("event=job_not_recorded job=%s error=%s", job_id, error)

    def _change(
        self,
        job_id: str,
        changes: dict[str, Any],
        only_if: Condition,
        when: Collection[JobState] = OPEN_STATES,
    ) -> Job | None:
        now = self._clock()
        changed = self._store.update(
            job_id, frozenset(when), {**changes, "updated_at": now}, only_if
        )
        if changed:
            self._on_change(changed)
        return changed


class StaleClaims:
    """Knows by its own clock how long it has seen each claim of other processes."""

    def __init__(self, me: str) -> None:
        self._me = me
        self._seen: dict[tuple[str, str], datetime] = {}

    def of(self, jobs: Collection[Job], now: datetime) -> tuple[Job, ...]:
        """Those of all open jobs whose claim is as it was for too long."""
        claimed = {(job.id, job.claimed_by): job for job in jobs if self._is_anothers(job)}
        self._seen = {key: self._seen.get(key, now) for key in claimed}
        return tuple(job for key, job in claimed.items() if now - self._seen[key] > STALE)

    def _is_anothers(self, job: Job) -> bool:
        is_claimed = job.state is JobState.QUEUED and job.claimed_by != ""
        return is_claimed and job.claimed_by != self._me
