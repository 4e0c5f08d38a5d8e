"""The running jobs' line to the front process: where each stands, and whether it shall stop."""

import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Final

from formats.generation.progress import Stage
from formats.generation.request import GenerationRequest
from sagemaker_container.errors import JobCancelled
from sagemaker_container.messages import Cancel, Order, Prefetch, Preview, Report, Working

PREVIEW_SECONDS: Final = 1.0
SILENCE_SECONDS: Final = 5.0
"""A stage that takes longer than this between two checks is reported again: it isn't hung."""


class Line:
    """The worker's end of the pipe while it draws. A broken one raises OSError: the front is gone.

    `prefetch` is called with the job whose files may come meanwhile; `clock` counts seconds.
    """

    def __init__(
        self,
        connection: "Connection[Report, Order]",
        prefetch: Callable[[GenerationRequest], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._connection = connection
        self._prefetch = prefetch
        self._clock = clock
        self._cancelled: set[str] = set()
        self.said_at = clock()

    def say(self, report: Report) -> None:
        """Tell the front process."""
        self.said_at = self._clock()
        self._connection.send(report)

    def is_cancelled(self, job_id: str) -> bool:
        """Whether this job was asked to stop, after reading what has come."""
        while self._connection.poll():
            order = self._connection.recv()
            if isinstance(order, Cancel):
                self._cancelled.add(order.job_id)
            elif isinstance(order, Prefetch):
                self._prefetch(order.request)
        return job_id in self._cancelled


class Monitor:
    """Speaks for one job; `clock` counts seconds, as the line's does."""

    def __init__(
        self, line: Line, job_id: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._line = line
        self._job_id = job_id
        self._clock = clock
        self._working = Working(job_id, Stage.FETCHING)
        self._next_preview = clock() + PREVIEW_SECONDS

    def stage(self, stage: Stage, steps: int = 0) -> None:
        """A new stage begins. Raises JobCancelled."""
        self.check()
        self._say(Working(self._job_id, stage, 0, steps))

    def step(self, done: int, steps: int, preview: Callable[[], bytes]) -> None:
        """`done` of `steps` are made; `preview` is called once a second. Raises JobCancelled."""
        self.check()
        self._say(Working(self._job_id, Stage.DRAWING, done, steps))
        now = self._clock()
        if now >= self._next_preview:
            self._line.say(Preview(self._job_id, preview()))
            self._next_preview = now + PREVIEW_SECONDS

    def check(self) -> None:
        """Raises JobCancelled when this job was asked to stop."""
        if self._line.is_cancelled(self._job_id):
            raise JobCancelled
        if self._clock() - self._line.said_at > SILENCE_SECONDS:
            self._say(self._working)

    def _say(self, working: Working) -> None:
        self._working = working
        self._line.say(working)
