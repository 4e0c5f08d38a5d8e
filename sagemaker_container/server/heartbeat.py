"""Writes a running job's progress to S3 for the dashboard, and reads there whether to cancel it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from typing import Final

from formats import keys
from formats.generation.progress import Progress
from sagemaker_container.bucket import ContainerBucket
from sagemaker_container.errors import JobError
from sagemaker_container.server.supervisor import Supervisor

_log = logging.getLogger(__name__)

HEARTBEAT_SECONDS: Final = 1.0
CANCEL_POLL_SECONDS: Final = 0.25
"""Between two checks for a cancel marker; only S3 can reach one instance among several. A check is
one HEAD, which costs a twelfth of a heartbeat's PUT: four of them are a third of a heartbeat."""


class JobHeartbeat:
    """Heartbeats of running jobs, also while models load and while the worker is replaced.

    `pause` waits for so many seconds.
    """

    def __init__(
        self,
        bucket: ContainerBucket,
        supervisor: Supervisor,
        now: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bucket = bucket
        self._supervisor = supervisor
        self._now = now
        self._pause = pause

    @asynccontextmanager
    async def running(self, job_id: str) -> AsyncIterator[None]:
        """Write a heartbeat once a second while the block runs, and pass on a cancel."""
        tasks = [
            asyncio.create_task(self._write_progress(job_id)),
            asyncio.create_task(self._watch_cancel(job_id)),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _watch_cancel(self, job_id: str) -> None:
        """A task of its own, because heartbeats may be slow to store; ends with the cancel."""
        while not (found := await asyncio.to_thread(self._is_cancelled, job_id)):
            await self._pause(HEARTBEAT_SECONDS if found is None else CANCEL_POLL_SECONDS)
        self._supervisor.cancel(job_id)

    async def _write_progress(self, job_id: str) -> None:
        last_preview: bytes | None = None
        while True:
            now = self._supervisor.progress(job_id)
            progress = Progress(
                id=job_id, stage=now.stage, step=now.step, steps=now.steps, at=self._now()
            )
            preview = now.preview if now.preview is not last_preview else None
            last_preview = now.preview
            await asyncio.to_thread(self._store, job_id, progress, preview)
            await self._pause(HEARTBEAT_SECONDS)

    def _store(self, job_id: str, progress: Progress, preview: bytes | None) -> None:
        with _log_failure(job_id):
            data = progress.model_dump_json().encode()
            self._bucket.put(keys.progress_key(job_id), data, "application/json")
            if preview:
                self._bucket.put(keys.preview_key(job_id), preview, "image/webp")

    def _is_cancelled(self, job_id: str) -> bool | None:
        """None if S3 doesn't answer."""
        with _log_failure(job_id):
            return self._bucket.exists(keys.cancel_key(job_id))
        return None


@contextmanager
def _log_failure(job_id: str) -> Iterator[None]:
    """Only log what S3 refuses: a missed heartbeat must not end the job."""
    try:
        yield
    except JobError as error:
        _log.warning("event=heartbeat_failed job=%s reason=%r", job_id, error.message)
