"""Brings a job's record in line with what its container and SageMaker wrote to S3."""

import logging
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from core.aws.storage import ObjectContent, Storage
from core.errors import AwsDenied, AwsNotFound
from core.ids import Clock
from core.jobs.reaper import JobObservation, Reaper
from core.jobs.records import OPEN_STATES, FailureReason, Job, JobFailure, JobState
from core.jobs.store.interface import JobStore
from core.records.stored import read_stored
from core.texts import jobs as texts
from formats.generation.progress import Progress
from formats.generation.result import ErrorCode, GenerationResult, Outcome
from formats.keys import cancel_key, job_prefix, preview_key, progress_key, result_key

log = logging.getLogger(__name__)

_SLOW_SECONDS: Final = 3.0
"""SageMaker's failure objects and endpoint states are looked at this often."""

_LATE_SECONDS: Final = 600
"""For so long the result of a job that was called lost or cancelled may still come."""

_STATES: Final = {
    Outcome.SUCCEEDED: JobState.SUCCEEDED,
    Outcome.FAILED: JobState.FAILED,
    Outcome.CANCELLED: JobState.CANCELLED,
}
_MAX_MESSAGE: Final = 2000

OnEnd = Callable[[Job], None]
"""Told of each job that was seen to end; it must not block."""


class Reconciler:
    """Reads what was written of a job and moves its record; every move is conditional, so that
    several dashboards may follow the same jobs."""

    def __init__(
        self, store: JobStore, storage: Storage, clock: Clock, reaper: Reaper, on_end: OnEnd
    ) -> None:
        self._store = store
        self._storage = storage
        self._clock = clock
        self._reaper = reaper
        self._on_end = on_end
        self._observations: dict[str, JobObservation] = {}
        self._awaited: dict[str, tuple[Job, datetime]] = {}
        """Closed jobs whose container may still write a result, and until when to look for it."""
        self._awaited_at: datetime | None = None

    def reconcile(self, job: Job) -> Job:
        """The record of an open job as it is after one look. Raises AwsError."""
        now = self._clock()
        observation = self._observations.setdefault(job.id, JobObservation(since=now))
        self._reaper.note_look(observation, now)
        etags = {found.key: found.etag for found in self._bucket(job).list(job_prefix(job.id))}
        if result_key(job.id) in etags:
            return self._finish(job)
        job = self._note_progress(job, observation, etags, now)
        if (now - observation.slow_at).total_seconds() >= _SLOW_SECONDS:
            observation.slow_at = now
            job = self._fail_if_lost(job, observation, now)
        return job

    def keep_only(self, job_ids: Collection[str]) -> None:
        """Forget what was seen of other jobs."""
        self._observations = {i: o for i, o in self._observations.items() if i in job_ids}

    def await_late_result(self, job: Job) -> None:
        """Go on looking for the result of a closed job, where its container did not close it."""
        if may_end_late(job):
            self._awaited[job.id] = (job, self._clock() + timedelta(seconds=_LATE_SECONDS))

    def read_late_results(self) -> None:
        """Look for them; called with every poll. Raises AwsError."""
        now = self._clock()
        if self._awaited_at and 0 <= (now - self._awaited_at).total_seconds() < _SLOW_SECONDS:
            return
        self._awaited_at = now
        for job, until in tuple(self._awaited.values()):
            if self._read_late_result(job) or now > until:
                self._awaited.pop(job.id, None)

    def _read_late_result(self, closed: Job) -> bool:
        """Whether there is nothing more to come of a closed job."""
        content = self._bucket(closed).find(result_key(closed.id))
        if content is None:
            return False
        job = self._store.get(closed.id)
        result = read_stored(GenerationResult, content.data, closed.id)
        if job and result:
            settled = settle_late_result(self._store, job, result, self._clock())
            if settled.state is not job.state:
                self._on_end(settled)
        return True

    def _note_progress(
        self, job: Job, observation: JobObservation, etags: Mapping[str, str], now: datetime
    ) -> Job:
        etag = etags.get(progress_key(job.id))
        if etag is None or etag == observation.progress_etag:
            return job
        progress = self._progress(job)
        if progress is None:
            return job
        observation.progress_etag, observation.heartbeat_at = etag, now
        seen = {
            "state": JobState.RUNNING,
            "stage": progress.stage.value,
            "step": progress.step,
            "steps": progress.steps or job.steps,
            "has_preview": preview_key(job.id) in etags,
        }
        if all(getattr(job, name) == value for name, value in seen.items()):
            return job
        return self._move(job, {**seen, "started_at": job.started_at or now})

    def _bucket(self, job: Job) -> Storage:
        return self._storage.of_bucket(job.bucket)

    def _progress(self, job: Job) -> Progress | None:
        content = self._bucket(job).find(progress_key(job.id))
        return read_stored(Progress, content.data, job.id) if content else None

    def _finish(self, job: Job) -> Job:
        content = self._bucket(job).read(result_key(job.id))
        result = read_stored(GenerationResult, content.data, job.id)
        if result is None:
            return self._fail(job, ErrorCode.INTERNAL, texts.UNREADABLE_RESULT)
        return self._move(job, _ended(result))

    def _fail_if_lost(self, job: Job, observation: JobObservation, now: datetime) -> Job:
        rejection = self._sagemaker_failure(job)
        if rejection:
            return self._end_lost(job, FailureReason.REJECTED, rejection)
        lost = self._reaper.loss_reason(job, observation, now)
        return self._end_lost(job, lost.code, lost.message) if lost else job

    def _end_lost(self, job: Job, code: FailureReason | ErrorCode, message: str) -> Job:
        """Carry out the verdict: a container that lives all the same stops, and takes the next."""
        self._bucket(job).write(cancel_key(job.id), b"", "text/plain")
        return self._fail(job, code, message)

    def _sagemaker_failure(self, job: Job) -> str | None:
        """SageMaker's failure object, where the container could write no result itself."""
        content = self._failure_object(job)
        if content is None or self._bucket(job).head(result_key(job.id)):
            return None  # what the container wrote itself says more
        words = content.data.decode(errors="replace")[:_MAX_MESSAGE]
        return texts.invocation_failed(words)

    def _failure_object(self, job: Job) -> ObjectContent | None:
        """None also where it may not be read, or lies in another bucket: the endpoint may have
        been made elsewhere, and the reaper ends the job all the same."""
        if not job.failure_location:
            return None
        try:
            bucket = self._bucket(job)
            return bucket.find(bucket.key_of(job.failure_location))
        except (AwsNotFound, AwsDenied) as error:
            log.info("event=failure_unreadable job=%s error=%s", job.id, error)
            return None

    def _fail(self, job: Job, code: FailureReason | ErrorCode, message: str) -> Job:
        failure = JobFailure(code=code, message=message)
        return self._move(job, {"state": JobState.FAILED, "failure": failure})

    def _move(self, job: Job, changes: Mapping[str, Any]) -> Job:
        """One conditional write; where somebody else was first, their record is the answer."""
        changed = self._store.update(job.id, OPEN_STATES, {**changes, "updated_at": self._clock()})
        if changed is None:
            return self._store.get(job.id) or job.model_copy(update={"state": JobState.CANCELLED})
        if not changed.state.is_open:
            log.info("event=job_ended job=%s state=%s", job.id, changed.state)
            self._on_end(changed)
        return changed


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


def _late_changes(job: Job, result: GenerationResult) -> dict[str, Any]:
    ended = _ended(result)
    if job.state is JobState.CANCELLED or result.outcome is Outcome.CANCELLED:
        return {"image_count": ended["image_count"]}
    return {**ended, "failure": ended["failure"] or job.failure}


def _ended(result: GenerationResult) -> dict[str, Any]:
    """What a result changes in its job's record."""
    failure = result.failure
    return {
        "state": _STATES[result.outcome],
        "image_count": len(result.pictures),
        "failure": failure and JobFailure(code=failure.code, message=failure.message),
        "started_at": result.started_at,
    }
