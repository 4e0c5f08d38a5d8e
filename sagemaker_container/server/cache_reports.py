"""Tells the dashboard through S3 which model files this instance holds."""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from formats.generation.progress import CacheReport
from formats.keys import cache_report_key
from sagemaker_container.errors import JobError
from sagemaker_container.messages import CachedModels
from sagemaker_container.storage.bucket import ContainerBucket

_log = logging.getLogger(__name__)

REPEAT: Final = timedelta(hours=1)
"""A dashboard takes no older report than two of these."""

_LOOK_SECONDS: Final = 2.0
"""Between two looks at what the worker last said, which are no calls."""


class CacheReporter:
    """Writes a report where it differs from the last one, or that one is an hour old. Used from one
    event loop only."""

    def __init__(
        self,
        bucket: ContainerBucket,
        endpoint: str,
        instance_id: str,
        cached: Callable[[], CachedModels],
        now: Callable[[], datetime],
    ) -> None:
        self._bucket = bucket
        self._endpoint = endpoint
        self._key = cache_report_key(instance_id)
        self._cached = cached
        self._now = now
        self._last: CacheReport | None = None
        self._writing = asyncio.Lock()
        self._is_closed = False

    async def run(self) -> None:
        """Report whatever changes, until the task is cancelled."""
        while True:
            await self.report()
            await asyncio.sleep(_LOOK_SECONDS)

    async def report(self) -> None:
        """Write what is held now, if there is news; nothing outside of an endpoint."""
        async with self._writing:
            report = self._report()
            if self._endpoint and not self._is_closed and self._is_news(report):
                await asyncio.to_thread(self._store, report)

    async def remove(self) -> None:
        """Report nothing any more: the instance ends."""
        async with self._writing:
            self._is_closed = True
            if self._last:
                await asyncio.to_thread(self._remove)

    def _report(self) -> CacheReport:
        held = self._cached()
        return CacheReport(
            endpoint=self._endpoint,
            in_memory=tuple(sorted(held.in_memory)),
            on_disk=tuple(sorted(held.on_disk)),
            at=self._now(),
        )

    def _is_news(self, report: CacheReport) -> bool:
        last = self._last
        if last is None:
            return True
        same = report.model_copy(update={"at": last.at}) == last
        return not same or report.at - last.at >= REPEAT

    def _store(self, report: CacheReport) -> None:
        try:
            self._bucket.put(self._key, report.model_dump_json().encode(), "application/json")
        except JobError as error:  # the next job, or the next minute, tries again
            _log.warning("event=cache_not_reported reason=%r", error.message)
            return
        self._last = report

    def _remove(self) -> None:
        try:
            self._bucket.delete(self._key)
        except JobError as error:
            _log.warning("event=cache_report_left reason=%r", error.message)
