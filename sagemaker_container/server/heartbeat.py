"""Tells the dashboard, through S3, where a running job stands, and hears when it is to stop."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Final

from formats import keys
from formats.generation.progress import Progress
from sagemaker_container.bucket import Bucket
from sagemaker_container.errors import JobError
from sagemaker_container.server.supervisor import Supervisor

_log = logging.getLogger(__name__)

BEAT_SECONDS: Final = 1.0
LOOK_SECONDS: Final = 0.25
"""Between two looks for a cancel, which only S3 can bring to one instance among several. A look is
one HEAD, a twelfth of what a beat's PUT costs, so that four of them cost a third of the beat."""


class Heartbeat:
    """Beats for running jobs, also while models load and while the worker is replaced.

    `pause` waits for so many seconds.
    """

    def __init__(
        self,
        bucket: Bucket,
        supervisor: Supervisor,
        now: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bucket = bucket
        self._supervisor = supervisor
        self._now = now
        self._pause = pause

    @asynccontextmanager
    async def beating(self, job_id: str) -> AsyncIterator[None]:
        """Beat once a second for as long as the block runs, and look for a cancel meanwhile."""
        tasks = [
            asyncio.create_task(self._beat(job_id)),
            asyncio.create_task(self._heed_cancel(job_id)),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _heed_cancel(self, job_id: str) -> None:
        """Apart from the beat, whose pictures may be slow to store; over once it was asked for."""
        while not (found := await asyncio.to_thread(self._is_cancelled, job_id)):
            await self._pause(BEAT_SECONDS if found is None else LOOK_SECONDS)
        self._supervisor.cancel(job_id)

    async def _beat(self, job_id: str) -> None:
        shown: bytes | None = None
        while True:
            standing = self._supervisor.standing(job_id)
            progress = Progress(
                id=job_id,
                stage=standing.stage,
                step=standing.step,
                steps=standing.steps,
                at=self._now(),
            )
            preview = standing.preview if standing.preview is not shown else None
            await asyncio.to_thread(self._write, job_id, progress, preview)
            shown = standing.preview
            await self._pause(BEAT_SECONDS)

    def _write(self, job_id: str, progress: Progress, preview: bytes | None) -> None:
        """Store what is new."""
        with _forgiven(job_id):
            data = progress.model_dump_json().encode()
            self._bucket.put(keys.progress_key(job_id), data, "application/json")
            if preview:
                self._bucket.put(keys.preview_key(job_id), preview, "image/webp")

    def _is_cancelled(self, job_id: str) -> bool | None:
        """None where S3 doesn't say."""
        with _forgiven(job_id):
            return self._bucket.exists(keys.cancel_key(job_id))
        return None


@contextmanager
def _forgiven(job_id: str) -> Iterator[None]:
    """The picture is worth more than its heartbeat: what S3 refuses is only logged."""
    try:
        yield
    except JobError as error:
        _log.warning("event=heartbeat_failed job=%s reason=%r", job_id, error.message)
