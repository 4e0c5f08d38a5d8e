"""The running job's line to the front process: where it stands, and whether it shall stop."""

import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Final

from formats.progress import Stage
from sagemaker_container.errors import JobCancelled
from sagemaker_container.messages import Cancel, Order, Preview, Report, Working

PREVIEW_SECONDS: Final = 1.0


class Monitor:
    """Speaks for one job. A broken pipe (the front process is gone) raises OSError."""

    def __init__(self, connection: "Connection[Report, Order]", job_id: str) -> None:
        self._connection = connection
        self._job_id = job_id
        self._next_preview = time.monotonic() + PREVIEW_SECONDS

    def stage(self, stage: Stage, steps: int = 0) -> None:
        """A new stage begins. Raises JobCancelled."""
        self.check()
        self._connection.send(Working(stage, 0, steps))

    def step(self, done: int, steps: int, preview: Callable[[], bytes]) -> None:
        """`done` of `steps` are made; `preview` is called once a second. Raises JobCancelled."""
        self.check()
        self._connection.send(Working(Stage.DRAWING, done, steps))
        if time.monotonic() >= self._next_preview:
            self._connection.send(Preview(preview()))
            self._next_preview = time.monotonic() + PREVIEW_SECONDS

    def check(self) -> None:
        """Raises JobCancelled when this job was asked to stop."""
        while self._connection.poll():
            order = self._connection.recv()
            if isinstance(order, Cancel) and order.job_id == self._job_id:
                raise JobCancelled
