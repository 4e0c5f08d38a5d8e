"""Takes jobs in, each id once; lets those run together that can be; stores how each ended."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from itertools import count
from typing import Final

from formats import keys
from formats.generation.request import GenerationRequest
from formats.generation.result import ErrorCode, Failure, GenerationResult, Outcome
from formats.version import VERSION
from sagemaker_container.bucket import Bucket
from sagemaker_container.errors import JobError
from sagemaker_container.server.heartbeat import Heartbeat
from sagemaker_container.server.job_queue import Waiting, WaitingLine
from sagemaker_container.server.supervisor import Supervisor, WorkerLost
from sagemaker_container.settings import Settings

_log = logging.getLogger(__name__)

_RESULT_LIMIT: Final = 16 * 2**20
_STOPPING: Final = "The instance is being stopped; try again."
_DRAINED: Final = "The instance was stopped before the picture was finished; run the job again."


class Dispatcher:
    """The container's queue. Used from one event loop only."""

    def __init__(
        self,
        bucket: Bucket,
        supervisor: Supervisor,
        settings: Settings,
        now: Callable[[], datetime],
    ) -> None:
        self._bucket = bucket
        self._supervisor = supervisor
        self._heartbeat = Heartbeat(bucket, supervisor, now)
        self._settings = settings
        self._now = now
        self._line = WaitingLine(settings.batch_pictures)
        self._jobs: dict[str, asyncio.Task[GenerationResult]] = {}
        self._running: dict[str, Waiting] = {}
        self._arrivals = count()
        self._pump: asyncio.Task[None] | None = None
        self.is_draining = False

    async def submit(self, request: GenerationRequest) -> GenerationResult:
        """Run a job, join it if it runs already, or give its stored result.

        It goes on when the caller is gone. Raises JobError(BUSY, STORAGE).
        """
        job = self._jobs.get(request.id)
        if job is None:
            if self.is_draining:
                raise JobError(ErrorCode.BUSY, _STOPPING)
            if len(self._jobs) >= self._settings.queue_depth:
                raise JobError(ErrorCode.BUSY, "The instance's queue is full; try again later.")
            _log.info("event=taken job=%s waiting=%d", request.id, len(self._jobs))
            job = asyncio.create_task(self._job(request, next(self._arrivals)))
            self._jobs[request.id] = job
            job.add_done_callback(lambda _: self._jobs.pop(request.id, None))
        return await asyncio.shield(job)

    async def refuse(self, job_id: str, failure: Failure) -> None:
        """Store that a request could not even be read, unless the job has a result already."""
        if job_id not in self._jobs:
            await self._store(self._failed(job_id, failure))

    async def drain(self, seconds: float) -> None:
        """Take no more jobs; the running ones may end by themselves, and are stopped after
        `seconds`. Those that wait are refused at once.

        A stopped job fails with the reason, at the latest 3 s later.
        """
        self.is_draining = True
        self._line.refuse(JobError(ErrorCode.BUSY, _STOPPING))
        await self._wait(seconds)
        if self._running:
            for job_id in self._running:
                self._supervisor.cancel(job_id)
            await self._wait(2)
        if self._running:
            self._supervisor.kill()
            await self._wait(1)

    async def _wait(self, seconds: float) -> None:
        if self._jobs:
            await asyncio.wait(self._jobs.values(), timeout=seconds)

    async def _job(self, request: GenerationRequest, arrival: int) -> GenerationResult:
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
        return await self._store(await self._turn(request, arrival))

    async def _turn(self, request: GenerationRequest, arrival: int) -> GenerationResult:
        """Wait in line, and for the pump that takes from it."""
        if self.is_draining:
            raise JobError(ErrorCode.BUSY, _STOPPING)
        waiting = self._line.add(request, arrival)
        if self._running and self._line.first is waiting:
            self._supervisor.prefetch(request)
        if self._pump is None:
            self._pump = asyncio.create_task(self._run_all())
        return await waiting.result

    async def _run_all(self) -> None:
        """Take from the line until it is empty: its oldest job, and whoever can be with it."""
        try:
            await asyncio.sleep(self._settings.batch_wait_seconds)
            while group := self._line.take():
                await self._run(group)
        finally:
            self._pump = None

    async def _run(self, group: list[Waiting]) -> None:
        self._running = {waiting.request.id: waiting for waiting in group}
        for one in group:
            job_id, mode = one.request.id, one.request.mode
            _log.info("event=started job=%s mode=%s together=%d", job_id, mode, len(group))
        upcoming = self._line.first.request if self._line.first else None
        answers = self._supervisor.draw([one.request for one in group], upcoming)
        await asyncio.gather(*(self._await_one(one, answers[one.request.id]) for one in group))

    async def _await_one(self, waiting: Waiting, answer: Awaitable[GenerationResult]) -> None:
        """Beat for a job until it has ended."""
        job_id = waiting.request.id
        try:
            async with self._heartbeat.beating(job_id):
                result = await answer
        except WorkerLost as error:
            message = _DRAINED if self.is_draining else str(error)
            result = self._failed(job_id, Failure(code=ErrorCode.WORKER_LOST, message=message))
        if result.outcome is Outcome.CANCELLED and self.is_draining:
            failure = Failure(code=ErrorCode.WORKER_LOST, message=_DRAINED)
            result = result.model_copy(update={"outcome": Outcome.FAILED, "failure": failure})
        self._running.pop(job_id, None)
        if not waiting.result.done():  # its caller is gone with the server
            waiting.result.set_result(result)

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
