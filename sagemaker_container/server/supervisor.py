"""Has a worker process draw, watches it, and replaces it when it dies or hangs."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from formats.generation.progress import Stage
from formats.generation.request import GenerationRequest
from formats.generation.result import GenerationResult
from sagemaker_container.engine import worker
from sagemaker_container.messages import (
    Cancel,
    Draw,
    Finished,
    Order,
    Prefetch,
    Preview,
    Ready,
    Report,
    Stop,
    Working,
)
from sagemaker_container.server.worker_process import Run, WorkerProcess
from sagemaker_container.settings import Settings

_log = logging.getLogger(__name__)

GRACE_SECONDS: Final = 120.0
"""How long a worker may take to start; while one is replaced, `/ping` stays 200 so long."""

MAX_DEATHS: Final = 3
DEATHS_WINDOW: Final = 600.0
"""So many deaths within so many seconds make the container unhealthy: SageMaker replaces it."""

_ENDED: Final = "The worker process was ended."


class WorkerLost(Exception):
    """The worker died or hung; the message says which."""


@dataclass
class Standing:
    """Where a running job stands."""

    stage: Stage = Stage.LOADING
    step: int = 0
    steps: int = 0
    preview: bytes | None = None


class Supervisor:
    """Owns the worker. Used from one event loop only.

    `clock` counts seconds; `run` is what the worker process runs.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
        run: Run = worker.run,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._run_worker = run
        self._worker: WorkerProcess | None = None
        self._heard_at = self._asked_at = clock()
        self._was_ready = False
        self._stopping = False
        self._deaths: deque[float] = deque(maxlen=MAX_DEATHS)
        self._orders: list[Order] = []
        """What a worker is told as soon as it is ready."""
        self._answers: dict[str, asyncio.Future[GenerationResult]] = {}
        self._cancelled: set[str] = set()
        self._standings: dict[str, Standing] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_healthy(self) -> bool:
        """What `/ping` tells: False until libraries are imported, when workers keep dying, and
        when the worker was ended for good.
        """
        now = self._clock()
        recent = sum(now - died < DEATHS_WINDOW for died in self._deaths)
        if self._stopping or recent >= MAX_DEATHS or not self._was_ready:
            return False
        return self._is_ready or now - self._deaths[-1] < GRACE_SECONDS

    @property
    def _is_ready(self) -> bool:
        return self._worker is not None and self._worker.is_ready

    async def start(self) -> None:
        """Start the worker and the watch over it."""
        self._spawn()
        self._keep(self._watch())

    def draw(
        self, requests: Sequence[GenerationRequest], upcoming: GenerationRequest | None = None
    ) -> Mapping[str, Awaitable[GenerationResult]]:
        """Let the worker make these jobs' pictures together, now or as soon as it is ready; one
        such order at a time.

        Returns what to wait for, by job; each may raise WorkerLost. The `upcoming` job's files
        come to the worker's disk meanwhile.
        """
        loop = asyncio.get_running_loop()
        self._standings = {request.id: Standing() for request in requests}
        self._answers = {request.id: loop.create_future() for request in requests}
        self._cancelled.clear()
        answers = dict(self._answers)
        self._asked_at = self._clock()
        if self._is_ready:
            self._heard_at = self._asked_at  # its silence begins now, however long it was idle
        self._send(Draw(tuple(requests)))
        if upcoming:
            self.prefetch(upcoming)
        if self._stopping:
            self._lose(_ENDED)
        return answers

    def standing(self, job_id: str) -> Standing:
        """Where a running job stands, as the worker last said."""
        return self._standings.get(job_id) or Standing()

    def cancel(self, job_id: str) -> None:
        """Ask the worker to stop this job at its next step; once is enough."""
        if job_id in self._answers and job_id not in self._cancelled:
            self._cancelled.add(job_id)
            self._send(Cancel(job_id))

    def prefetch(self, request: GenerationRequest) -> None:
        """A job that came while another is drawn is the next: its files may come already."""
        self._send(Prefetch(request))

    def kill(self) -> None:
        """End the worker in the middle of its jobs, which are lost, for good."""
        self._stopping = True
        self._lose(_ENDED)
        if self._worker:
            self._worker.kill()

    async def stop(self) -> None:
        """End the worker; one that is still busy is killed."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        if (gone := self._worker) is None:
            return
        if gone.is_ready and not self._answers:
            gone.send(Stop())
            await gone.ended(1)
        gone.kill()
        await gone.ended(1)

    def _send(self, order: Order) -> None:
        """Tell the worker, or the next one once it is ready: until then it heeds nothing."""
        self._orders.append(order)
        if self._worker and self._worker.is_ready:
            self._send_waiting(self._worker)

    def _send_waiting(self, ready: WorkerProcess) -> None:
        for order in self._orders:
            ready.send(order)
        self._orders.clear()

    def _spawn(self) -> None:
        self._worker = WorkerProcess(self._run_worker, self._settings, self._heard, self._died)
        self._heard_at = self._clock()
        _log.info("event=worker_started pid=%s", self._worker.pid)

    def _heard(self, speaker: WorkerProcess, report: Report) -> None:
        self._heard_at = self._clock()
        if isinstance(report, Ready):
            speaker.is_ready = self._was_ready = True
            self._send_waiting(speaker)
        elif isinstance(report, Working):
            standing = self._standings.setdefault(report.job_id, Standing())
            standing.stage, standing.step, standing.steps = report.stage, report.step, report.steps
        elif isinstance(report, Preview):
            self._standings.setdefault(report.job_id, Standing()).preview = report.webp
        elif isinstance(report, Finished):
            answer = self._answers.pop(report.result.id, None)
            if answer and not answer.done():
                answer.set_result(report.result)

    def _died(self, gone: WorkerProcess) -> None:
        self._worker = None
        if gone.is_ready:  # else nothing was sent to it, and its successor may draw
            self._lose(gone.obituary())
        if self._stopping:
            return
        self._deaths.append(self._clock())
        _log.error("event=worker_died pid=%s status=%s", gone.pid, gone.status)
        self._keep(self._replace(quickly=gone.is_ready))

    def _lose(self, reason: str) -> None:
        """Fail the present jobs."""
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(WorkerLost(reason))
        self._answers.clear()
        self._orders.clear()

    async def _replace(self, *, quickly: bool) -> None:
        # One that dies while it starts will most likely do so again.
        await asyncio.sleep(0 if quickly else 5)
        if not self._stopping:
            self._spawn()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(1)
            self._look()

    def _look(self) -> None:
        """Kill a worker that is silent for too long while it starts or draws."""
        now, watched = self._clock(), self._worker
        if self._answers and not self._is_ready and now - self._asked_at > GRACE_SECONDS:
            self._lose("The worker process could not be started again.")
        if watched is None or (watched.is_ready and not self._answers):
            return
        limit = self._settings.hang_seconds if watched.is_ready else GRACE_SECONDS
        if now - self._heard_at > limit:
            _log.error("event=worker_hung pid=%s", watched.pid)
            watched.kill_silent(limit)

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
