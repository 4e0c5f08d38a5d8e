"""Follows the open jobs of everybody, one thread a process, and ends the lost ones."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event, Lock, Thread
from typing import Any, Final

from pydantic import ValidationError

from core.aws.storage import Storage, Stored
from core.errors import AwsError
from core.ids import Clock
from core.jobs.reaper import Sight, verdict
from core.jobs.records import OPEN_STATES, Job, JobFailure, JobState, Reason
from core.jobs.store.interface import JobStore
from core.settings import Settings
from formats.generation.progress import Progress
from formats.generation.result import ErrorCode, GenerationResult, Outcome
from formats.keys import job_prefix, preview_key, progress_key, result_key

log = logging.getLogger(__name__)

_LOOKERS: Final = 8
_IDLE_SECONDS: Final = 3.0
"""Without open jobs the store is asked this seldom for those of other dashboards."""

_SLOW_SECONDS: Final = 3.0
"""SageMaker's failure objects and endpoint states are looked at this often."""

_STATES: Final = {
    Outcome.SUCCEEDED: JobState.SUCCEEDED,
    Outcome.FAILED: JobState.FAILED,
    Outcome.CANCELLED: JobState.CANCELLED,
}
_MAX_MESSAGE: Final = 2000

EndpointGone = Callable[[str], str | None]
"""Says why an endpoint will never take up its queue, or None where it may."""

Ended = Callable[[Job], None]
"""Told of each job that this poller saw end; it must not block."""


class Poller:
    """Reads what the container wrote and moves the records; every move is conditional, so that
    several dashboards may follow the same jobs."""

    def __init__(
        self,
        store: JobStore,
        storage: Storage,
        settings: Settings,
        clock: Clock,
        endpoint_gone: EndpointGone,
        ended: Ended,
    ) -> None:
        self._store = store
        self._storage = storage
        self._settings = settings
        self._clock = clock
        self._endpoint_gone = endpoint_gone
        self._ended = ended
        self._lock = Lock()
        self._jobs: dict[str, Job] = {}
        self._sights: dict[str, Sight] = {}
        self._wake = Event()
        self._stopping = False
        self._pool = ThreadPoolExecutor(_LOOKERS, thread_name_prefix="poller")
        self._thread = Thread(target=self._run, name="poller", daemon=True)

    def start(self) -> None:
        """Begin to follow."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the look under way."""
        self._stopping = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(10)
        self._pool.shutdown(wait=True)

    def watch(self, job: Job) -> None:
        """Follow a new job at once, and show it in the snapshot."""
        with self._lock:
            self._jobs[job.id] = job
        self._wake.set()

    def open_jobs(self) -> tuple[Job, ...]:
        """The open jobs as they were last seen, newest first."""
        with self._lock:
            jobs = [job for job in self._jobs.values() if job.state.is_open]
        return tuple(sorted(jobs, key=lambda job: job.id, reverse=True))

    def _run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                self.look()
            except AwsError as error:
                log.warning("event=poll_failed error=%s", error)
            except Exception:  # the worker's edge: the poller must outlive any error
                log.exception("event=poll_failed")
            pause = self._settings.poll_seconds if self._jobs else _IDLE_SECONDS
            self._wake.wait(pause)

    def look(self) -> None:
        """Look once at every open job."""
        jobs = self._store.open_jobs()
        list(self._pool.map(self._follow_safely, jobs))
        ids = {job.id for job in jobs}
        with self._lock:
            self._jobs = {i: job for i, job in self._jobs.items() if i in ids or job.state.is_open}
            gone = [i for i in self._jobs if i not in ids]
        for job_id in gone:
            self._forget_closed(job_id)
        self._sights = {i: sight for i, sight in self._sights.items() if i in ids}

    def _forget_closed(self, job_id: str) -> None:
        """Drop a job that was closed elsewhere; one added after the listing stays."""
        job = self._store.get(job_id)
        with self._lock:
            if job is None or not job.state.is_open:
                self._jobs.pop(job_id, None)

    def _follow_safely(self, job: Job) -> None:
        try:
            self._keep(self._follow(job))
        except AwsError as error:
            log.warning("event=poll_failed job=%s error=%s", job.id, error)
            self._keep(job)

    def _keep(self, job: Job) -> None:
        with self._lock:
            if job.state.is_open:
                self._jobs[job.id] = job
            else:
                self._jobs.pop(job.id, None)

    def _follow(self, job: Job) -> Job:
        now = self._clock()
        sight = self._sights.setdefault(job.id, Sight(since=now))
        there = {stored.key: stored for stored in self._storage.list(job_prefix(job.id))}
        if result_key(job.id) in there:
            return self._finish(job)
        job = self._note_progress(job, sight, there, now)
        if (now - sight.slow_at).total_seconds() >= _SLOW_SECONDS:
            sight.slow_at = now
            job = self._fail_if_lost(job, sight, now)
        return job

    def _note_progress(
        self, job: Job, sight: Sight, there: dict[str, Stored], now: datetime
    ) -> Job:
        written = there.get(progress_key(job.id))
        if written is None or written.etag == sight.progress_etag:
            return job
        progress = self._progress(job.id)
        if progress is None:
            return job
        sight.progress_etag, sight.heartbeat_at = written.etag, now
        seen = {
            "state": JobState.RUNNING,
            "stage": progress.stage.value,
            "step": progress.step,
            "steps": progress.steps or job.steps,
            "has_preview": preview_key(job.id) in there,
        }
        if all(getattr(job, name) == value for name, value in seen.items()):
            return job
        started = {"started_at": job.started_at or now, "heartbeat_at": now}
        return self._move(job, {**seen, **started})

    def _progress(self, job_id: str) -> Progress | None:
        content = self._storage.find(progress_key(job_id))
        try:
            return Progress.model_validate_json(content.data) if content else None
        except ValidationError as error:
            log.warning("event=progress_unreadable job=%s error=%s", job_id, error)
            return None

    def _finish(self, job: Job) -> Job:
        content = self._storage.read(result_key(job.id))
        try:
            result = GenerationResult.model_validate_json(content.data)
        except ValidationError:
            log.exception("event=result_unreadable job=%s", job.id)
            message = "The container wrote a result that can't be read. Retry the job."
            return self._fail(job, ErrorCode.INTERNAL, message)
        failure = result.failure and JobFailure(
            code=result.failure.code, message=result.failure.message
        )
        return self._move(
            job,
            {
                "state": _STATES[result.outcome],
                "made": len(result.pictures),
                "failure": failure,
                "started_at": result.started_at,
                "ended_at": result.ended_at,
            },
        )

    def _fail_if_lost(self, job: Job, sight: Sight, now: datetime) -> Job:
        said = self._said_by_sagemaker(job)
        if said:
            return self._fail(job, Reason.REJECTED, said)
        lost = verdict(job, sight, now, self._settings, self._endpoint_gone)
        return self._fail(job, lost.code, lost.message) if lost else job

    def _said_by_sagemaker(self, job: Job) -> str | None:
        """SageMaker's failure object, where the container could write no result itself."""
        if not job.failure_location:
            return None
        content = self._storage.find(self._storage.key_of(job.failure_location))
        if content is None or self._storage.head(result_key(job.id)):
            return None  # the container's own word comes first
        text = content.data.decode(errors="replace")[:_MAX_MESSAGE]
        return f"SageMaker reports: {text} Retry the job; if it fails again, look at the endpoint."

    def _fail(self, job: Job, code: Reason | ErrorCode, message: str) -> Job:
        failure = JobFailure(code=code, message=message)
        now = self._clock()
        return self._move(job, {"state": JobState.FAILED, "failure": failure, "ended_at": now})

    def _move(self, job: Job, changes: dict[str, Any]) -> Job:
        """One conditional write; where somebody else was first, their record is the answer."""
        changed = self._store.update(job.id, OPEN_STATES, {**changes, "updated_at": self._clock()})
        if changed is None:
            return self._store.get(job.id) or job.model_copy(update={"state": JobState.CANCELLED})
        if not changed.state.is_open:
            log.info("event=job_ended job=%s state=%s", job.id, changed.state)
            self._ended(changed)
        return changed
