"""Sends jobs to a worker process, watches it, and replaces it when it crashes or hangs."""

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
    CachedModels,
    CancelJob,
    JobFinished,
    MemoryReport,
    PrefetchInputs,
    PreviewUpdate,
    ProgressUpdate,
    RunJobs,
    StopWorker,
    WorkerCommand,
    WorkerEvent,
    WorkerFree,
    WorkerReady,
)
from sagemaker_container.server.worker_process import WorkerMain, WorkerProcess
from sagemaker_container.settings import ContainerSettings
from sagemaker_container.texts import jobs as texts

_log = logging.getLogger(__name__)

GRACE_SECONDS: Final = 120.0
"""How long a worker may take to start. While one is replaced, `/ping` stays 200 for so long."""

MAX_CRASHES: Final = 3
CRASH_WINDOW_SECONDS: Final = 600.0
"""So many crashes in so many seconds make the container unhealthy, and SageMaker replaces it."""


class WorkerLost(Exception):
    """The worker crashed or hung; the message says which."""


@dataclass
class JobProgress:
    """What the worker last said about a running job."""

    stage: Stage = Stage.LOADING
    step: int = 0
    steps: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    preview: bytes | None = None


class Supervisor:
    """Runs the worker. Used from one event loop only.

    `clock` counts seconds; `main` is the function that the worker process runs.
    """

    def __init__(
        self,
        settings: ContainerSettings,
        clock: Callable[[], float] = time.monotonic,
        main: WorkerMain = worker.main,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._main = main
        self._worker: WorkerProcess | None = None
        self._last_event_at = self._submitted_at = clock()
        self._was_ready = False
        self._stopping = False
        self._crashes: deque[float] = deque(maxlen=MAX_CRASHES)
        self._unsent: list[WorkerCommand] = []
        """Commands for the next worker, as soon as it is ready."""
        self._results: dict[str, asyncio.Future[GenerationResult]] = {}
        self._cancelled: set[str] = set()
        self._progress: dict[str, JobProgress] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._unanswered = 0
        """How many `RunJobs` the worker was sent and is not through with."""
        self._freed = asyncio.Event()
        self._started_at = 0.0
        self.starts = 0
        """How many workers were started."""
        self.start_seconds = 0.0
        """How long the last one took to be ready."""
        self.memory: MemoryReport | None = None
        """What the worker last said of its memory."""
        self.cached = CachedModels()
        """The model files that the worker last said it holds."""

    @property
    def is_healthy(self) -> bool:
        """What `/ping` answers: False until the libraries are imported, when workers keep
        crashing, and when the worker was killed for good.
        """
        now = self._clock()
        recent = sum(now - crashed < CRASH_WINDOW_SECONDS for crashed in self._crashes)
        if self._stopping or recent >= MAX_CRASHES or not self._was_ready:
            return False
        return self._is_ready or now - self._crashes[-1] < GRACE_SECONDS

    @property
    def _is_ready(self) -> bool:
        return self._worker is not None and self._worker.is_ready

    async def start(self) -> None:
        """Start the worker and the task that watches it."""
        self._start_worker()
        self._create_task(self._watch())

    def run_jobs(
        self, requests: Sequence[GenerationRequest], upcoming: Sequence[GenerationRequest] = ()
    ) -> Mapping[str, Awaitable[GenerationResult]]:
        """Let the worker run these jobs together, now or when it is ready. Call it again only where
        there is room.

        Returns the result to await for each job; each may raise WorkerLost. What the `upcoming`
        jobs need is fetched in the meantime.
        """
        loop = asyncio.get_running_loop()
        results = {request.id: loop.create_future() for request in requests}
        stored = self._results.keys()  # the last jobs' images may be on their way to S3
        self._progress = {i: told for i, told in self._progress.items() if i in stored}
        self._cancelled &= stored
        self._results |= results
        self._unanswered += 1
        self._submitted_at = self._clock()
        if self._is_ready:
            self._last_event_at = self._submitted_at  # however long it was idle before
        self._send(RunJobs(tuple(requests)))
        if upcoming:
            self.prefetch(*upcoming)
        if self._stopping:
            self._fail_jobs(texts.WORKER_STOPPED)
        return results

    def has_room(self, batches: int) -> bool:
        """Whether the worker has fewer batches than that to run."""
        return self._unanswered < batches

    async def freed(self) -> None:
        """Wait until the worker is through with a batch."""
        await self._freed.wait()

    def progress(self, job_id: str) -> JobProgress:
        """What the worker last said about a running job."""
        return self._progress.get(job_id) or JobProgress()

    def cancel(self, job_id: str) -> None:
        """Tell the worker, once, to stop this job at its next step."""
        if job_id in self._results and job_id not in self._cancelled:
            self._cancelled.add(job_id)
            self._send(CancelJob(job_id))

    def prefetch(self, *requests: GenerationRequest) -> None:
        """Let the worker fetch what the next jobs need while it runs others."""
        self._send(PrefetchInputs(requests))

    def kill(self) -> None:
        """End the worker for good; its running jobs are lost."""
        self._stopping = True
        self._fail_jobs(texts.WORKER_STOPPED)
        if self._worker:
            self._worker.kill()

    async def stop(self) -> None:
        """End the worker; one that is still busy is killed."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        if (last := self._worker) is None:
            return
        if last.is_ready and not self._results:
            last.send(StopWorker())
            await last.wait(1)
        last.kill()
        await last.wait(1)

    def _send(self, command: WorkerCommand) -> None:
        """Send to the worker, or to the next one: a worker reads nothing until it is ready."""
        self._unsent.append(command)
        if self._worker and self._worker.is_ready:
            self._send_all(self._worker)

    def _send_all(self, ready: WorkerProcess) -> None:
        for command in self._unsent:
            ready.send(command)
        self._unsent.clear()

    def _start_worker(self) -> None:
        self._worker = WorkerProcess(self._main, self._settings, self._on_event, self._on_exit)
        self._last_event_at = self._started_at = self._clock()
        self.starts += 1
        _log.info("event=worker_started pid=%s", self._worker.pid)

    def _on_event(self, sender: WorkerProcess, event: WorkerEvent) -> None:
        self._last_event_at = self._clock()
        if isinstance(event, WorkerReady):
            sender.is_ready = self._was_ready = True
            self.start_seconds = self._last_event_at - self._started_at
            _log.info("event=worker_ready seconds=%.1f", self.start_seconds)
            self._send_all(sender)
        elif isinstance(event, ProgressUpdate):
            progress = self._progress.setdefault(event.job_id, JobProgress())
            progress.stage, progress.step, progress.steps = event.stage, event.step, event.steps
            progress.bytes_done, progress.bytes_total = event.bytes_done, event.bytes_total
        elif isinstance(event, MemoryReport):
            self.memory = event
        elif isinstance(event, CachedModels):
            self.cached = event
        elif isinstance(event, PreviewUpdate):
            self._progress.setdefault(event.job_id, JobProgress()).preview = event.webp
        elif isinstance(event, WorkerFree):
            self._set_unanswered(self._unanswered - 1)
        elif isinstance(event, JobFinished):
            result = self._results.pop(event.result.id, None)
            if result and not result.done():
                result.set_result(event.result)

    def _on_exit(self, exited: WorkerProcess) -> None:
        self._worker = self.memory = None
        self.cached = CachedModels(on_disk=self.cached.on_disk)
        if exited.is_ready:  # else it was sent nothing, and the next worker can run the jobs
            self._fail_jobs(exited.exit_reason())
        if self._stopping:
            return
        self._crashes.append(self._clock())
        _log.error("event=worker_died pid=%s status=%s", exited.pid, exited.exit_code)
        self._create_task(self._replace(at_once=exited.is_ready))

    def _fail_jobs(self, reason: str) -> None:
        for result in self._results.values():
            if not result.done():
                result.set_exception(WorkerLost(reason))
        self._results.clear()
        self._unsent.clear()
        self._set_unanswered(0)

    def _set_unanswered(self, count: int) -> None:
        self._unanswered = count
        self._freed.set()
        self._freed.clear()

    async def _replace(self, *, at_once: bool) -> None:
        # A worker that crashes while it starts will most likely do so again.
        await asyncio.sleep(0 if at_once else 5)
        if not self._stopping:
            self._start_worker()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(1)
            self._kill_if_hung()

    def _kill_if_hung(self) -> None:
        """Kill a worker that is silent for too long while it starts or runs jobs."""
        now, current = self._clock(), self._worker
        if self._results and not self._is_ready and now - self._submitted_at > GRACE_SECONDS:
            self._fail_jobs(texts.WORKER_NOT_STARTED)
        if current is None or (current.is_ready and not self._results):
            return
        limit = self._settings.hang_seconds if current.is_ready else GRACE_SECONDS
        if now - self._last_event_at > limit:
            _log.error("event=worker_hung pid=%s", current.pid)
            current.kill_hung(limit)

    def _create_task(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
