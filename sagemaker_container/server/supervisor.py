"""Starts the worker process, talks to it, and replaces it when it dies or hangs."""

import asyncio
import logging
import multiprocessing
import signal
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Final

from formats.progress import Stage
from formats.request import GenerationRequest
from formats.result import GenerationResult
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
from sagemaker_container.settings import Settings

_log = logging.getLogger(__name__)

GRACE_SECONDS: Final = 120.0
"""How long a worker may take to start; while one is replaced, `/ping` stays 200 so long."""

MAX_DEATHS: Final = 3
DEATHS_WINDOW: Final = 600.0
"""So many deaths within so many seconds make the container unhealthy: SageMaker replaces it."""


class WorkerLost(Exception):
    """The worker died or hung; the message says which."""


@dataclass
class Standing:
    """Where a running job stands."""

    stage: Stage = Stage.LOADING
    step: int = 0
    steps: int = 0
    preview: bytes | None = None


@dataclass
class _Worker:
    """One worker process, from its start to its death."""

    process: SpawnProcess
    connection: "Connection[Order, Report]"
    heard_at: float
    is_ready: bool = False


class Supervisor:
    """Owns the worker. Used from one event loop only.

    `clock` counts seconds; `run` is what the worker process runs.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Callable[[], float] = time.monotonic,
        run: Callable[["Connection[Report, Order]", Settings], None] = worker.run,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._run_worker = run
        self._context = multiprocessing.get_context("spawn")
        self._worker: _Worker | None = None
        self._ready = asyncio.Event()
        self._was_ready = False
        self._stopping = False
        self._deaths: deque[float] = deque(maxlen=MAX_DEATHS)
        self._answers: dict[str, asyncio.Future[GenerationResult]] = {}
        self._standings: dict[str, Standing] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def is_healthy(self) -> bool:
        """What `/ping` tells: False until libraries are imported, and when workers keep dying."""
        now = self._clock()
        recent = sum(now - died < DEATHS_WINDOW for died in self._deaths)
        if recent >= MAX_DEATHS or not self._was_ready:
            return False
        return self._ready.is_set() or now - self._deaths[-1] < GRACE_SECONDS

    async def start(self) -> None:
        """Start the worker and the watch over it."""
        self._spawn()
        self._keep(self._watch())

    async def draw(
        self, requests: Sequence[GenerationRequest], upcoming: GenerationRequest | None = None
    ) -> Mapping[str, Awaitable[GenerationResult]]:
        """Let the worker make these jobs' pictures together; one such order at a time.

        Returns what to wait for, by job; each may raise WorkerLost, as this does. The `upcoming`
        job's files come to the worker's disk meanwhile.
        """
        self._standings = {request.id: Standing() for request in requests}
        ready = await self._ready_worker()
        ready.heard_at = self._clock()  # its silence begins now, however long it was idle
        loop = asyncio.get_running_loop()
        self._answers = {request.id: loop.create_future() for request in requests}
        answers = dict(self._answers)
        self._send(Draw(tuple(requests)))
        if upcoming:
            self.prefetch(upcoming)
        return answers

    def standing(self, job_id: str) -> Standing:
        """Where a running job stands, as the worker last said."""
        return self._standings.get(job_id) or Standing()

    def cancel(self, job_id: str) -> None:
        """Ask the worker to stop this job at its next step."""
        self._send(Cancel(job_id))

    def prefetch(self, request: GenerationRequest) -> None:
        """A job that came while another is drawn is the next: its files may come already."""
        self._send(Prefetch(request))

    def kill(self) -> None:
        """End the worker in the middle of its jobs, which are lost, for good."""
        self._stopping = True
        if self._worker:
            self._worker.process.kill()

    async def stop(self) -> None:
        """End the worker; one that is still busy is killed."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        if (gone := self._worker) is None:
            return
        if self._ready.is_set() and not self._answers:
            self._send(Stop())
            await asyncio.to_thread(gone.process.join, 2)
        gone.process.kill()
        await asyncio.to_thread(gone.process.join)

    async def _ready_worker(self) -> _Worker:
        try:
            await asyncio.wait_for(self._ready.wait(), GRACE_SECONDS)
        except TimeoutError:
            self._ready.clear()
        if self._worker is None or not self._ready.is_set():
            raise WorkerLost("The worker process could not be started again.")
        return self._worker

    def _send(self, order: Order) -> None:
        if self._worker is None:
            return
        try:
            self._worker.connection.send(order)
        except OSError:
            _log.info("event=send_failed order=%s", type(order).__name__)  # its death is on its way

    def _spawn(self) -> None:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(
            target=self._run_worker, args=(theirs, self._settings), name="worker", daemon=True
        )
        process.start()
        theirs.close()  # else its death would not end our reading
        self._worker = _Worker(process, ours, heard_at=self._clock())
        loop = asyncio.get_running_loop()
        threading.Thread(
            target=self._listen, args=(self._worker, loop), name="listen", daemon=True
        ).start()
        _log.info("event=worker_started pid=%s", process.pid)

    def _listen(self, speaker: _Worker, loop: asyncio.AbstractEventLoop) -> None:
        """In a thread of its own: pass on what the worker says, and at last its death."""
        try:
            while True:
                report = speaker.connection.recv()
                loop.call_soon_threadsafe(self._heard, speaker, report)
        except (EOFError, OSError):
            speaker.process.join(5)
            speaker.connection.close()
            if not loop.is_closed():
                loop.call_soon_threadsafe(self._died, speaker)

    def _heard(self, speaker: _Worker, report: Report) -> None:
        speaker.heard_at = self._clock()
        if isinstance(report, Ready):
            speaker.is_ready = self._was_ready = True
            self._ready.set()
        elif isinstance(report, Working):
            standing = self._standings.setdefault(report.job_id, Standing())
            standing.stage, standing.step, standing.steps = report.stage, report.step, report.steps
        elif isinstance(report, Preview):
            self._standings.setdefault(report.job_id, Standing()).preview = report.webp
        elif isinstance(report, Finished):
            answer = self._answers.pop(report.result.id, None)
            if answer and not answer.done():
                answer.set_result(report.result)

    def _died(self, gone: _Worker) -> None:
        self._ready.clear()
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(WorkerLost(_obituary(gone.process.exitcode)))
        self._answers.clear()
        if self._stopping:
            return
        self._deaths.append(self._clock())
        _log.error("event=worker_died pid=%s status=%s", gone.process.pid, gone.process.exitcode)
        self._worker = None
        self._keep(self._replace(quickly=gone.is_ready))

    async def _replace(self, *, quickly: bool) -> None:
        # One that dies while it starts will most likely do so again.
        await asyncio.sleep(0 if quickly else 5)
        self._spawn()

    async def _watch(self) -> None:
        """Kill a worker that is silent for too long while it starts or draws."""
        while True:
            await asyncio.sleep(1)
            watched = self._worker
            if watched is None or (watched.is_ready and not self._answers):
                continue
            limit = self._settings.hang_seconds if watched.is_ready else GRACE_SECONDS
            if self._clock() - watched.heard_at > limit:
                _log.error("event=worker_hung pid=%s", watched.process.pid)
                watched.process.kill()

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _obituary(status: int | None) -> str:
    how = f"was ended by signal {-status}" if status and status < 0 else f"ended ({status})"
    if status == -signal.SIGKILL:
        how += ", as the system does when memory runs out,"
    return (
        f"The worker process {how} while it made the picture. Run the job again, or a smaller one."
    )
