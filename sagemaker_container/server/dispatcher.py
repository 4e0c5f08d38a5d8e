"""Takes jobs in, one run at a time, each id once; stores how every one of them ended."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from formats import keys
from formats.request import GenerationRequest
from formats.result import ErrorCode, Failure, GenerationResult, Outcome
from sagemaker_container import VERSION
from sagemaker_container.bucket import Bucket
from sagemaker_container.errors import JobError
from sagemaker_container.server.heartbeat import Heartbeat
from sagemaker_container.server.supervisor import Supervisor, WorkerLost

_log = logging.getLogger(__name__)

_RESULT_LIMIT: Final = 16 * 2**20
_STOPPING: Final = "The instance is being stopped; try again."
_DRAINED: Final = "The instance was stopped before the picture was finished; run the job again."


class Dispatcher:
    """The container's queue. Used from one event loop only."""

    def __init__(
        self, bucket: Bucket, supervisor: Supervisor, depth: int, now: Callable[[], datetime]
    ) -> None:
        self._bucket = bucket
        self._supervisor = supervisor
        self._heartbeat = Heartbeat(bucket, supervisor, now)
        self._depth = depth
        self._now = now
        self._turn = asyncio.Lock()
        self._jobs: dict[str, asyncio.Task[GenerationResult]] = {}
        self._waiting: dict[str, GenerationRequest] = {}
        self._running: str | None = None
        self.is_draining = False

    async def submit(self, request: GenerationRequest) -> GenerationResult:
        """Run a job, join it if it runs already, or give its stored result.

        It goes on when the caller is gone. Raises JobError(BUSY, STORAGE).
        """
        job = self._jobs.get(request.id)
        if job is None:
            if self.is_draining:
                raise JobError(ErrorCode.BUSY, _STOPPING)
            if len(self._jobs) >= self._depth:
                raise JobError(ErrorCode.BUSY, "The instance's queue is full; try again later.")
            _log.info("event=taken job=%s waiting=%d", request.id, len(self._jobs))
            job = asyncio.create_task(self._job(request))
            self._jobs[request.id] = job
            job.add_done_callback(lambda _: self._jobs.pop(request.id, None))
        return await asyncio.shield(job)

    async def refuse(self, job_id: str, failure: Failure) -> None:
        """Store that a request could not even be read, unless the job has a result already."""
        if job_id not in self._jobs:
            await self._store(self._failed(job_id, failure))

    async def drain(self, seconds: float) -> None:
        """Take no more jobs; the running one may end by itself, and is stopped after `seconds`.

        A stopped job fails with the reason, at the latest 3 s later.
        """
        self.is_draining = True
        await self._wait(seconds)
        if self._running:
            self._supervisor.cancel(self._running)
            await self._wait(2)
        if self._running:
            self._supervisor.kill()
            await self._wait(1)

    async def _wait(self, seconds: float) -> None:
        if self._jobs:
            await asyncio.wait(self._jobs.values(), timeout=seconds)

    async def _job(self, request: GenerationRequest) -> GenerationResult:
        stored, is_cancelled = await asyncio.gather(
            self._stored(request.id),
            asyncio.to_thread(self._bucket.exists, keys.cancel_key(request.id)),
        )
        if stored:
            _log.info("event=repeated job=%s", request.id)
            return stored
        if is_cancelled:
            failure = Failure(code=ErrorCode.CANCELLED, message="The job was cancelled.")
            return await self._store(self._failed(request.id, failure, Outcome.CANCELLED))
        self._waiting[request.id] = request
        if self._running and len(self._waiting) == 1:
            self._supervisor.prefetch(request)
        async with self._turn:
            del self._waiting[request.id]
            if self.is_draining:
                raise JobError(ErrorCode.BUSY, _STOPPING)
            self._running = request.id
            try:
                return await self._store(await self._run(request))
            finally:
                self._running = None

    async def _run(self, request: GenerationRequest) -> GenerationResult:
        _log.info("event=started job=%s mode=%s", request.id, request.mode)
        try:
            async with self._heartbeat.beating(request.id):
                upcoming = next(iter(self._waiting.values()), None)
                result = await self._supervisor.draw(request, upcoming)
        except WorkerLost as error:
            message = _DRAINED if self.is_draining else str(error)
            return self._failed(request.id, Failure(code=ErrorCode.WORKER_LOST, message=message))
        if result.outcome is Outcome.CANCELLED and self.is_draining:
            failure = Failure(code=ErrorCode.WORKER_LOST, message=_DRAINED)
            return result.model_copy(update={"outcome": Outcome.FAILED, "failure": failure})
        return result

    async def _stored(self, job_id: str) -> GenerationResult | None:
        key = keys.result_key(job_id)
        data = await asyncio.to_thread(self._bucket.get, key, limit=_RESULT_LIMIT)
        return GenerationResult.model_validate_json(data) if data else None

    async def _store(self, result: GenerationResult) -> GenerationResult:
        """Write a result where there is none; what is written already counts."""
        key, data = keys.result_key(result.id), result.model_dump_json().encode()
        is_first = await asyncio.to_thread(self._bucket.put_first, key, data, "application/json")
        took = (result.ended_at - result.started_at).total_seconds()
        _log.info("event=ended job=%s outcome=%s seconds=%.2f", result.id, result.outcome, took)
        return result if is_first else (await self._stored(result.id) or result)

    def _failed(
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
