"""Tells the dashboard, through S3, where a running job stands, and hears when it is to stop."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Final

from formats import keys
from formats.progress import Progress
from sagemaker_container.bucket import Bucket
from sagemaker_container.errors import JobError
from sagemaker_container.server.supervisor import Supervisor

_log = logging.getLogger(__name__)

BEAT_SECONDS: Final = 1.0


class Heartbeat:
    """Beats for running jobs, also while models load and while the worker is replaced."""

    def __init__(self, bucket: Bucket, supervisor: Supervisor, now: Callable[[], datetime]) -> None:
        self._bucket = bucket
        self._supervisor = supervisor
        self._now = now

    @asynccontextmanager
    async def beating(self, job_id: str) -> AsyncIterator[None]:
        """Beat once a second for as long as the block runs."""
        task = asyncio.create_task(self._beat(job_id))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

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
            if await asyncio.to_thread(self._exchange, job_id, progress, preview):
                self._supervisor.cancel(job_id)
            shown = standing.preview
            await asyncio.sleep(BEAT_SECONDS)

    def _exchange(self, job_id: str, progress: Progress, preview: bytes | None) -> bool:
        """Write what is new; True when somebody asked to cancel."""
        try:
            data = progress.model_dump_json().encode()
            self._bucket.put(keys.progress_key(job_id), data, "application/json")
            if preview:
                self._bucket.put(keys.preview_key(job_id), preview, "image/webp")
            return self._bucket.exists(keys.cancel_key(job_id))
        except JobError as error:
            # The picture is worth more than its heartbeat.
            _log.warning("event=heartbeat_failed job=%s reason=%r", job_id, error.message)
            return False
