"""Reports running jobs to the front process, and learns from it which of them are cancelled."""

import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import Final

from formats.generation.progress import Stage
from formats.generation.request import GenerationRequest
from sagemaker_container.errors import JobCancelled
from sagemaker_container.messages import (
    CancelJob,
    PrefetchInputs,
    PreviewUpdate,
    ProgressUpdate,
    RunJobs,
    StopWorker,
    WorkerCommand,
    WorkerEvent,
)

REPORT_SECONDS: Final = 0.1
"""Steps in between are not reported; who looks does so once a second."""
PREVIEW_SECONDS: Final = 1.0
_PREVIEW_SHARE: Final = 20
_MAX_PREVIEW_SECONDS: Final = 10.0
"""Where a preview takes long, as of a large VAE on a CPU, the next one waits for so many times as
long, up to that limit: previews cost a twentieth of a job."""

SILENCE_SECONDS: Final = 5.0
"""A stage that takes longer than this is reported again at the next check: it isn't hung."""


Prefetch = Callable[[Sequence[GenerationRequest]], None]
"""Begins to fetch what these jobs need, and returns at once."""


class WorkerChannel:
    """The worker's end of the pipe. One thread receives, any may send.

    Raises OSError and EOFError when the front process is gone. `clock` counts seconds.
    """

    def __init__(
        self,
        connection: "Connection[WorkerEvent, WorkerCommand]",
        prefetch: Prefetch,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._prefetch = prefetch
        self._clock = clock
        self._sending = threading.Lock()
        self._cancelled: set[str] = set()
        self.sent_at = clock()

    def send(self, event: WorkerEvent) -> None:
        """Send an event to the front process."""
        with self._sending:
            self.sent_at = self._clock()
            self._connection.send(event)

    def receive(self) -> RunJobs | StopWorker:
        """Wait for the next of these, and obey the other commands that come before it."""
        while True:
            command = self._connection.recv()
            if isinstance(command, CancelJob):
                self._cancelled.add(command.job_id)
            elif isinstance(command, PrefetchInputs):
                self._prefetch(command.requests)
            else:
                return command

    def is_cancelled(self, job_id: str) -> bool:
        """Whether this job was cancelled."""
        return job_id in self._cancelled

    def forget(self, job_id: str) -> None:
        """The job has ended."""
        self._cancelled.discard(job_id)


class JobMonitor:
    """Reports one job; `clock` counts seconds, as the channel's does."""

    def __init__(
        self, channel: WorkerChannel, job_id: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._channel = channel
        self._job_id = job_id
        self._clock = clock
        self._progress = ProgressUpdate(job_id, Stage.FETCHING)
        self._next_report = clock()
        self._next_preview = clock() + PREVIEW_SECONDS

    def begin_stage(self, stage: Stage, steps: int = 0) -> None:
        """Report a new stage. Raises JobCancelled."""
        self.check()
        self._send(ProgressUpdate(self._job_id, stage, 0, steps))

    def report_step(self, done: int, steps: int, preview: Callable[[], bytes]) -> None:
        """Report that `done` of `steps` have run, ten times a second at most, with a preview once a
        second or less.

        Raises JobCancelled.
        """
        self.check()
        self._progress = ProgressUpdate(self._job_id, Stage.DRAWING, done, steps)
        now = self._clock()
        if now >= self._next_report or done == steps:
            self._next_report = now + REPORT_SECONDS
            self._send(self._progress)
        if now >= self._next_preview:
            self._channel.send(PreviewUpdate(self._job_id, preview()))
            wait = min(_MAX_PREVIEW_SECONDS, _PREVIEW_SHARE * (self._clock() - now))
            self._next_preview = now + max(PREVIEW_SECONDS, wait)

    def report_download(self, done: int, total: int) -> None:
        """Report that `done` of `total` bytes of the job's files have come, where that is new.

        Raises JobCancelled.
        """
        self.check()
        if (done, total) != (self._progress.bytes_done, self._progress.bytes_total):
            stage = self._progress.stage
            self._send(ProgressUpdate(self._job_id, stage, bytes_done=done, bytes_total=total))

    def check(self) -> None:
        """Raises JobCancelled if the job was cancelled."""
        if self._channel.is_cancelled(self._job_id):
            raise JobCancelled
        if self._clock() - self._channel.sent_at > SILENCE_SECONDS:
            self._send(self._progress)

    def _send(self, progress: ProgressUpdate) -> None:
        self._progress = progress
        self._channel.send(progress)
