"""Brings a job's record in line with what its container and SageMaker tell of it."""

import logging
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final

from core.aws.storage import ObjectContent, Storage
from core.errors import AwsDenied, AwsNotFound
from core.ids import Clock
from core.jobs.cancelling import ask_to_stop
from core.jobs.following.heartbeats import Heartbeats
from core.jobs.following.late_results import LateResults, ended, may_end_late
from core.jobs.following.reaper import JobObservation, Reaper
from core.jobs.records import OPEN_STATES, FailureReason, Job, JobFailure, JobState
from core.jobs.store.interface import JobStore
from core.records.stored import read_stored
from core.texts.jobs import jobs as texts
from formats.generation.result import ErrorCode, GenerationResult
from formats.keys import preview_key, progress_key, request_key, result_key

log = logging.getLogger(__name__)

_MAX_MESSAGE: Final = 2000


class Reconciler:
    """Moves records; every move is conditional, so that several dashboards may follow the same
    jobs. A running job's step stays out of its record: that would be a write for each."""

    def __init__(
        self,
        store: JobStore,
        storage: Storage,
        clock: Clock,
        reaper: Reaper,
        heartbeats: Heartbeats,
        late_results: LateResults,
    ) -> None:
        self._store = store
        self._storage = storage
        self._clock = clock
        self._reaper = reaper
        self._heartbeats = heartbeats
        self._late_results = late_results
        self._observations: dict[str, JobObservation] = {}

    def reconcile(self, job: Job, etags: Mapping[str, str], *, ask_sagemaker: bool) -> Job:
        """The record of an open job after a look at its folder, whose keys have these ETags.

        `ask_sagemaker` reads SageMaker's own failure object too. Raises AwsError.
        """
        now = self._clock()
        observation = self._observations.setdefault(job.id, JobObservation(since=now))
        self._reaper.note_look(observation, now)
        if result_key(job.id) in etags:
            return self._finish(job, self._bucket(job).read(result_key(job.id)))
        if own := etags.get(progress_key(job.id)):
            self._heartbeats.note_own_progress(job, own)
        job = self.begin(job, has_preview=preview_key(job.id) in etags)
        self._note_heartbeat(job, observation, now)
        if request_key(job.id) in etags and self._reaper.is_unsent(job, observation, now):
            return self._move(job, {"stored_at": now})  # it is complete, and waits for its turn
        return self._fail_if_lost(job, observation, now, ask_sagemaker=ask_sagemaker)

    def begin(self, job: Job, *, has_preview: bool = False) -> Job:
        """The record of a job once a heartbeat tells of it: running. Raises AwsError."""
        seen = self._heartbeats.of(job.id)
        if seen is None or (job.state is JobState.RUNNING and job.has_preview >= has_preview):
            return job
        started_at = job.started_at or self._clock()
        return self._move(
            job,
            {"state": JobState.RUNNING, "started_at": started_at, "has_preview": has_preview},
        )

    def end(self, job_id: str, failure: str) -> Job | None:
        """SageMaker says that an invocation ended; `failure` are its words, empty without one.

        The same may be said twice, and of jobs that nobody knows: returns None for those. A job
        whose container wrote no result and that did not fail stays open. Raises AwsError.
        """
        job = self._store.get(job_id)
        if job is None:
            return None
        if not job.state.is_open:
            if may_end_late(job):
                self._late_results.read(job)
            return job
        if content := self._bucket(job).find(result_key(job_id)):
            return self._finish(job, content)
        if failure:
            words = texts.invocation_failed(failure[:_MAX_MESSAGE])
            return self._end_lost(job, FailureReason.REJECTED, words)
        return job

    def keep_only(self, job_ids: Collection[str]) -> None:
        """Forget what was seen of other jobs."""
        self._observations = {i: o for i, o in self._observations.items() if i in job_ids}

    def _note_heartbeat(self, job: Job, observation: JobObservation, now: datetime) -> None:
        seen = self._heartbeats.of(job.id)
        if seen and seen.etag != observation.heartbeat_etag:
            observation.heartbeat_etag, observation.heartbeat_at = seen.etag, now

    def _bucket(self, job: Job) -> Storage:
        return self._storage.of_bucket(job.bucket)

    def _finish(self, job: Job, content: ObjectContent) -> Job:
        result = read_stored(GenerationResult, content.data, job.id)
        if result is None:
            return self._fail(job, ErrorCode.INTERNAL, texts.UNREADABLE_RESULT)
        return self._move(job, ended(result))

    def _fail_if_lost(
        self, job: Job, observation: JobObservation, now: datetime, *, ask_sagemaker: bool
    ) -> Job:
        if ask_sagemaker and (rejection := self._sagemaker_failure(job)):
            return self._end_lost(job, FailureReason.REJECTED, rejection)
        lost = self._reaper.loss_reason(job, observation, now)
        return self._end_lost(job, lost.code, lost.message) if lost else job

    def _end_lost(self, job: Job, code: FailureReason | ErrorCode, message: str) -> Job:
        """Carry out the verdict: a container that lives all the same stops, and takes the next."""
        ask_to_stop(self._bucket(job), job.id)
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
            self._late_results.on_end(changed)
        return changed
