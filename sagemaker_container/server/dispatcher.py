"""Accepts jobs, each id once; runs those together that may be; stores how each ended."""

import asyncio
import hashlib
import logging
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import count
from typing import Final

from formats import keys
from formats.generation.request import GenerationRequest
from formats.generation.result import ErrorCode, Failure, GenerationResult, Outcome
from formats.version import VERSION
from sagemaker_container.errors import JobError
from sagemaker_container.server.cache_reports import CacheReporter
from sagemaker_container.server.emf import EmfWriter
from sagemaker_container.server.heartbeat import InstanceHeartbeat
from sagemaker_container.server.job_queue import JobQueue, QueuedJob
from sagemaker_container.server.metrics import ContainerMetrics, job_seconds
from sagemaker_container.server.supervisor import Supervisor, WorkerLost
from sagemaker_container.settings import ContainerSettings
from sagemaker_container.storage.bucket import ContainerBucket
from sagemaker_container.texts import jobs as texts

_log = logging.getLogger(__name__)

_RESULT_LIMIT: Final = 16 * 2**20


@dataclass(frozen=True)
class _AcceptedJob:
    """A job that has not ended yet."""

    request: GenerationRequest
    result: asyncio.Task[GenerationResult]


class JobDispatcher:
    """All jobs of the container. Used from one event loop only."""

    def __init__(
        self,
        bucket: ContainerBucket,
        supervisor: Supervisor,
        settings: ContainerSettings,
        instance_id: str,
        now: Callable[[], datetime],
    ) -> None:
        self._bucket = bucket
        self._supervisor = supervisor
        self._heartbeat = InstanceHeartbeat(bucket, supervisor, instance_id, now)
        self.caches = CacheReporter(
            bucket, settings.endpoint, instance_id, lambda: supervisor.cached, now
        )
        self._settings = settings
        self._now = now
        self._queue = JobQueue(settings.batch_images)
        self._jobs: dict[str, _AcceptedJob] = {}
        self._running: dict[str, QueuedJob] = {}
        self._endings: set[asyncio.Task[None]] = set()
        """Each waits for the end of a running job."""
        self._arrivals = count()
        self._queue_runner: asyncio.Task[None] | None = None
        emf = EmfWriter(sys.stdout, settings.endpoint, now) if settings.emf else None
        self.metrics = ContainerMetrics(supervisor, self._queue_counts, emf)
        self.is_draining = False

    def _queue_counts(self) -> tuple[int, int]:
        """How many jobs wait, and how many run."""
        return len(self._queue), len(self._running)

    async def submit(self, request: GenerationRequest) -> GenerationResult:
        """Run a job, join it if it runs already, or return its stored result.

        The job continues when the caller is gone. Raises JobError: BUSY, STORAGE, and
        REQUEST_CONFLICT where another request has the id.
        """
        job = self._jobs.get(request.id)
        if job is None:
            if self.is_draining:
                raise JobError(ErrorCode.BUSY, texts.STOPPING)
            if len(self._jobs) >= self._settings.queue_depth:
                raise JobError(ErrorCode.BUSY, texts.QUEUE_FULL)
            _log.info("event=accepted job=%s waiting=%d", request.id, len(self._jobs))
            job = self._accept(request)
        elif job.request != request:
            raise _request_conflict(request.id)
        return await asyncio.shield(job.result)

    def _accept(self, request: GenerationRequest) -> _AcceptedJob:
        result = asyncio.create_task(self._process(request, next(self._arrivals)))
        job = self._jobs[request.id] = _AcceptedJob(request, result)
        result.add_done_callback(lambda _: self._jobs.pop(request.id, None))
        return job

    async def refuse(self, job_id: str, body: bytes, failure: Failure) -> None:
        """Store that a request could not be read, unless the job has a result already."""
        if job_id not in self._jobs:
            result = self._unsuccessful(job_id, failure)
            await self._store(result, hashlib.sha256(body).hexdigest())

    async def drain(self, seconds: float) -> None:
        """Refuse queued and new jobs, and stop running ones that take longer than `seconds`.

        A stopped job fails with the reason, at most 3 s later.
        """
        self.is_draining = True
        self._queue.refuse_all(JobError(ErrorCode.BUSY, texts.STOPPING))
        await self.caches.remove()
        await self._wait(seconds)
        if self._running:
            for job_id in self._running:
                self._supervisor.cancel(job_id)
            await self._wait(2)
        if self._running:
            self._supervisor.kill()
            await self._wait(1)

    async def close(self) -> None:
        """Wait until S3 tells of no running job any more."""
        await self._heartbeat.ended()

    async def _wait(self, seconds: float) -> None:
        if self._jobs:
            await asyncio.wait([job.result for job in self._jobs.values()], timeout=seconds)

    async def _process(self, request: GenerationRequest, arrival: int) -> GenerationResult:
        stored, is_cancelled = await asyncio.gather(
            self._stored_result(request.id),
            asyncio.to_thread(self._bucket.exists, keys.cancel_key(request.id)),
        )
        if stored:
            return _repeated(stored, request.sha256)
        if is_cancelled:
            failure = Failure(code=ErrorCode.CANCELLED, message=texts.CANCELLED)
            result = self._unsuccessful(request.id, failure, Outcome.CANCELLED)
        else:
            result = await self._enqueue(request, arrival)
        return await self._store(result, request.sha256)

    async def _enqueue(self, request: GenerationRequest, arrival: int) -> GenerationResult:
        """Queue a job, see that the queue is being run, and wait for the result."""
        if self.is_draining:
            raise JobError(ErrorCode.BUSY, texts.STOPPING)
        job = self._queue.add(request, arrival)
        if self._running and job in self._queue.next_batch():
            self._supervisor.prefetch(request)
        if self._queue_runner is None:
            self._queue_runner = asyncio.create_task(self._run_queue())
        return await job.result

    async def _run_queue(self) -> None:
        """Run batch after batch until the queue is empty; the images of the last one may still be
        on their way to S3 when the next one begins."""
        try:
            await asyncio.sleep(self._settings.batch_wait_seconds)
            while len(self._queue):
                # A batch that nobody can join any more is prepared while the one before it runs.
                if self._supervisor.has_room(2 if self._queue.has_full_batch else 1):
                    self._run_batch(self._queue.take_batch())
                else:
                    await self._supervisor.freed()
        finally:
            self._queue_runner = None

    def _run_batch(self, batch: list[QueuedJob]) -> None:
        self._running |= {job.request.id: job for job in batch}
        for job in batch:
            job_id, mode = job.request.id, job.request.mode
            _log.info("event=started job=%s mode=%s together=%d", job_id, mode, len(batch))
        self.metrics.batch_started([job.request for job in batch])
        upcoming = [job.request for job in self._queue.next_batch()]
        results = self._supervisor.run_jobs([job.request for job in batch], upcoming)
        for job in batch:
            ending = asyncio.create_task(self._finish(job, results[job.request.id]))
            self._endings.add(ending)
            ending.add_done_callback(partial(self._ended, job))

    async def _finish(self, job: QueuedJob, pending: Awaitable[GenerationResult]) -> None:
        """Write heartbeats for a job until it has ended."""
        job_id = job.request.id
        try:
            with self._heartbeat.running(job_id):
                result = await pending
        except WorkerLost as error:
            message = texts.DRAINED if self.is_draining else str(error)
            result = self._unsuccessful(
                job_id, Failure(code=ErrorCode.WORKER_LOST, message=message)
            )
        if result.outcome is Outcome.CANCELLED and self.is_draining:
            failure = Failure(code=ErrorCode.WORKER_LOST, message=texts.DRAINED)
            result = result.model_copy(update={"outcome": Outcome.FAILED, "failure": failure})
        self._running.pop(job_id, None)
        if not job.result.done():  # done if the server closed on its caller
            job.result.set_result(result)

    def _ended(self, job: QueuedJob, ending: "asyncio.Task[None]") -> None:
        """Whoever waits for the job learns of an error of ours too."""
        self._endings.discard(ending)
        if not ending.cancelled() and (error := ending.exception()) and not job.result.done():
            job.result.set_exception(error)

    async def _stored_result(self, job_id: str) -> GenerationResult | None:
        key = keys.result_key(job_id)
        data = await asyncio.to_thread(self._bucket.get, key, limit=_RESULT_LIMIT)
        return GenerationResult.model_validate_json(data) if data else None

    async def _store(self, result: GenerationResult, request_sha256: str) -> GenerationResult:
        """Write a result if there is none yet. Returns the one that is stored.

        Raises JobError: STORAGE, and REQUEST_CONFLICT where that is another request's.
        """
        result = result.model_copy(update={"request_sha256": request_sha256})
        key, data = keys.result_key(result.id), result.model_dump_json().encode()
        is_new = await asyncio.to_thread(self._bucket.put_if_absent, key, data, "application/json")
        took = job_seconds(result)
        _log.info("event=ended job=%s outcome=%s seconds=%.2f", result.id, result.outcome, took)
        self.metrics.job_ended(result)
        stored = None if is_new else await self._stored_result(result.id)
        return _repeated(stored, request_sha256) if stored else result

    def _unsuccessful(
        self, job_id: str, failure: Failure, outcome: Outcome = Outcome.FAILED
    ) -> GenerationResult:
        now = self._now()
        return GenerationResult(
            id=job_id,
            outcome=outcome,
            failure=failure,
            container=VERSION,
            started_at=now,
            ended_at=now,
        )


def _repeated(stored: GenerationResult, request_sha256: str) -> GenerationResult:
    """The result that an id has already. Raises JobError(REQUEST_CONFLICT) for another request's.

    Results of older versions don't tell; theirs is taken to be the same.
    """
    if stored.request_sha256 not in {None, request_sha256}:
        raise _request_conflict(stored.id)
    _log.info("event=repeated job=%s", stored.id)
    return stored


def _request_conflict(job_id: str) -> JobError:
    _log.warning("event=request_conflict job=%s", job_id)
    return JobError(ErrorCode.REQUEST_CONFLICT, texts.REQUEST_CONFLICT, "id")
