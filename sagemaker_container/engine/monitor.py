"""The running job's line to the front process: where it stands, and whether it shall stop."""

import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Final

from formats.progress import Stage
from formats.request import GenerationRequest
from sagemaker_container.errors import JobCancelled
from sagemaker_container.messages import Cancel, Order, Prefetch, Preview, Report, Working

PREVIEW_SECONDS: Final = 1.0
SILENCE_SECONDS: Final = 5.0
"""A stage that takes longer than this between two checks is reported again: it isn't hung."""


class Monitor:
    """Speaks for one job. A broken pipe (the front process is gone) raises OSError."""

    def __init__(
        self,
        connection: "Connection[Report, Order]",
        job_id: str,
        prefetch: Callable[[GenerationRequest], None],
    ) -> None:
        self._connection = connection
        self._job_id = job_id
        self._prefetch = prefetch
        self._working = Working(Stage.FETCHING)
        self._said_at = time.monotonic()
        self._next_preview = self._said_at + PREVIEW_SECONDS

    def stage(self, stage: Stage, steps: int = 0) -> None:
        """A new stage begins. Raises JobCancelled."""
        self.check()
        self._say(Working(stage, 0, steps))

    def step(self, done: int, steps: int, preview: Callable[[], bytes]) -> None:
        """`done` of `steps` are made; `preview` is called once a second. Raises JobCancelled."""
        self.check()
        self._say(Working(Stage.DRAWING, done, steps))
        if self._said_at >= self._next_preview:
            self._connection.send(Preview(preview()))
            self._next_preview = time.monotonic() + PREVIEW_SECONDS

    def check(self) -> None:
        """Raises JobCancelled when this job was asked to stop."""
        while self._connection.poll():
            order = self._connection.recv()
            if isinstance(order, Cancel) and order.job_id == self._job_id:
                raise JobCancelled
            if isinstance(order, Prefetch):
                self._prefetch(order.request)
        if time.monotonic() - self._said_at > SILENCE_SECONDS:
            self._say(self._working)

    def _say(self, working: Working) -> None:
        self._working = working
        self._said_at = time.monotonic()
        self._connection.send(working)
