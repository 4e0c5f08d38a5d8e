"""Writes what this instance runs to S3 for the dashboard, and reads there which jobs to cancel."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from formats import keys
from formats.generation.progress import Heartbeat, Progress
from sagemaker_container.errors import JobError
from sagemaker_container.server.supervisor import Supervisor
from sagemaker_container.storage.bucket import ContainerBucket

_log = logging.getLogger(__name__)

HEARTBEAT_SECONDS: Final = 1.0
CANCEL_POLL_SECONDS: Final = 0.25
"""Between two looks at the key that tells of cancels; only S3 can reach one instance among several.
A look is one HEAD for all jobs, a twelfth of a heartbeat's PUT."""

_REMOVAL_SECONDS: Final = 2 * HEARTBEAT_SECONDS
"""Within this a heartbeat is removed after the last job, where S3 answers."""

_LOOKS_AT_EACH: Final = 20
"""After so many looks, 5 s, each job's own key is looked at: a dashboard older than 0.2 writes no
other."""


class InstanceHeartbeat:
    """The heartbeat of all running jobs, also while models load and while the worker is replaced.

    One PUT a second and four HEADs, however many jobs run; nothing while none does. Used from one
    event loop only. `pause` waits for so many seconds.
    """

    def __init__(
        self,
        bucket: ContainerBucket,
        supervisor: Supervisor,
        instance_id: str,
        now: Callable[[], datetime],
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bucket = bucket
        self._supervisor = supervisor
        self._key = keys.heartbeat_key(instance_id)
        self._now = now
        self._pause = pause
        self._jobs: dict[str, str | None] = {}
        """The running jobs, and the version of the cancels' key each was last checked at."""
        self._beating: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None

    @contextmanager
    def running(self, job_id: str) -> Iterator[None]:
        """Tell of the job while the block runs, and pass on its cancel."""
        self._jobs[job_id] = None
        if self._beating is None or self._beating.done():
            self._beating = asyncio.create_task(self._beat())
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch_cancels())
        try:
            yield
        finally:
            self._jobs.pop(job_id)

    async def ended(self) -> None:
        """Wait until the heartbeat is removed: the jobs have ended, and the instance does."""
        if self._beating:
            await asyncio.wait([self._beating], timeout=_REMOVAL_SECONDS)

    async def _beat(self) -> None:
        """One task writes and removes, so that a removal never overtakes a heartbeat."""
        while self._jobs:
            await asyncio.to_thread(self._store, self._heartbeat())
            await self._pause(HEARTBEAT_SECONDS)
            if not self._jobs:
                await asyncio.to_thread(self._remove)

    async def _watch_cancels(self) -> None:
        """A task of its own, because heartbeats may be slow to store."""
        looks = 0
        while self._jobs:
            if looks % _LOOKS_AT_EACH == 0:
                self._jobs = dict.fromkeys(self._jobs)
            version = await asyncio.to_thread(self._last_cancel)
            if version is not None:
                await self._pass_on_cancels(version)
                looks += 1
            await self._pause(HEARTBEAT_SECONDS if version is None else CANCEL_POLL_SECONDS)

    async def _pass_on_cancels(self, version: str) -> None:
        """Look at the jobs whose own key was not looked at since the last cancel of any job."""
        for job_id in [each for each, seen in self._jobs.items() if seen != version]:
            found = await asyncio.to_thread(self._is_cancelled, job_id)
            if found:
                self._supervisor.cancel(job_id)
            if found is not None and job_id in self._jobs:
                self._jobs[job_id] = version

    def _heartbeat(self) -> Heartbeat:
        return Heartbeat(jobs=tuple(self._progress(job_id) for job_id in self._jobs))

    def _progress(self, job_id: str) -> Progress:
        now = self._supervisor.progress(job_id)
        return Progress(
            id=job_id,
            stage=now.stage,
            step=now.step,
            steps=now.steps,
            bytes_done=now.bytes_done,
            bytes_total=now.bytes_total,
            at=self._now(),
        ).model_copy(update={"preview": now.preview})  # bytes, not the base64 it is stored as

    def _store(self, heartbeat: Heartbeat) -> None:
        with _log_failure(self._key):
            data = heartbeat.model_dump_json().encode()
            self._bucket.put(self._key, data, "application/json")

    def _remove(self) -> None:
        """Roles of older versions may not delete; then it says that nothing runs."""
        try:
            self._bucket.delete(self._key)
        except JobError as error:
            _log.info("event=heartbeat_not_removed reason=%r", error.message)
            self._store(Heartbeat(jobs=()))

    def _last_cancel(self) -> str | None:
        """The version of the key that every cancel writes, "" before the first; None if S3 doesn't
        answer."""
        with _log_failure(keys.LAST_CANCEL):
            found = self._bucket.head(keys.LAST_CANCEL)
            return found.etag if found else ""
        return None

    def _is_cancelled(self, job_id: str) -> bool | None:
        """None if S3 doesn't answer."""
        with _log_failure(job_id):
            return self._bucket.exists(keys.cancel_key(job_id))
        return None


@contextmanager
def _log_failure(what: str) -> Iterator[None]:
    """Only log what S3 refuses: a missed heartbeat must not end the job."""
    try:
        yield
    except JobError as error:
        _log.warning("event=heartbeat_failed what=%s reason=%r", what, error.message)
