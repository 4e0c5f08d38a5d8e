"""Reads which endpoints hold which model files in memory or on disk, as their containers report."""

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from enum import IntEnum
from typing import Final

from core.aws.shared_listing import SharedListing
from core.aws.storage import ObjectSummary, Storage
from core.endpoints.service import Endpoint
from core.ids import Clock
from core.records.stored import read_stored
from core.texts import endpoints as texts
from formats.frozen import Frozen
from formats.generation.progress import CacheReport
from formats.keys import CACHE_REPORTS

_FRESH_SECONDS: Final = 20.0
_READERS: Final = 8
_LIVING: Final = timedelta(hours=2)
"""An instance that lives writes its report again each hour."""

_LEFT_BEHIND: Final = timedelta(days=1)


class CacheTier(IntEnum):
    """Where an endpoint has a file, the fastest highest."""

    NONE = 0
    DISK = 1
    MEMORY = 2


class Route(Frozen):
    """The endpoint that a job is sent to, and why, as a sentence."""

    endpoint: Endpoint
    reason: str
    """Empty where it was chosen by its name."""


class ModelCaches:
    """The reports of all instances: a LIST in 20 s while a page asks, and a GET of what is new."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._known: dict[str, tuple[str, CacheReport | None]] = {}
        self._listing = SharedListing(self._read, clock, _FRESH_SECONDS)

    def tier(self, endpoint: Endpoint, sha256: str | None) -> CacheTier:
        """The best place where one of the endpoint's instances has a file. Raises AwsError."""
        if not sha256 or not endpoint.instances:
            return CacheTier.NONE
        oldest = max(self._clock() - _LIVING, endpoint.created_at)
        tiers = (
            _tier(report, sha256)
            for report in self._listing.get()
            if report.endpoint == endpoint.name and report.at >= oldest
        )
        return max(tiers, default=CacheTier.NONE)

    def route(
        self,
        endpoints: Iterable[Endpoint],
        sha256: str | None,
        open_jobs: Mapping[str, int],
    ) -> Route | None:
        """The best of the endpoints that take jobs; None without one. Raises AwsError.

        One with an instance beats one at zero, an idle one a busy one, then a file in memory one on
        disk, then fewer open jobs for each instance; of equal ones it is the first.
        """
        ready = [one for one in endpoints if one.accepts_jobs]
        if not ready:
            return None

        def rank(one: Endpoint) -> tuple[bool, bool, CacheTier, float]:
            jobs = open_jobs.get(one.name, 0)
            share = jobs / max(1, one.instances)
            return one.instances > 0, not jobs, self.tier(one, sha256), -share

        best = max(ready, key=rank)
        jobs = open_jobs.get(best.name, 0)
        reason = _reason(best, jobs, self.tier(best, sha256))
        return Route(endpoint=best, reason=reason)

    def _read(self) -> tuple[CacheReport, ...]:
        listed = self._remove_dead(self._storage.list(CACHE_REPORTS))
        known = {one.key: self._known[one.key] for one in listed if self._is_known(one)}
        new = [one for one in listed if one.key not in known]
        with ThreadPoolExecutor(_READERS) as pool:
            read = zip(new, pool.map(self._find, new), strict=True)
            self._known = known | {one.key: (one.etag, report) for one, report in read}
        return tuple(report for _, report in self._known.values() if report)

    def _is_known(self, listed: ObjectSummary) -> bool:
        return self._known.get(listed.key, ("", None))[0] == listed.etag

    def _find(self, listed: ObjectSummary) -> CacheReport | None:
        content = self._storage.find(listed.key)
        return read_stored(CacheReport, content.data, listed.key) if content else None

    def _remove_dead(self, listed: Collection[ObjectSummary]) -> list[ObjectSummary]:
        """An instance that was killed removes no report."""
        oldest = self._clock() - _LEFT_BEHIND
        if dead := tuple(found.key for found in listed if found.modified < oldest):
            self._storage.delete(dead)
        return [found for found in listed if found.key not in dead]


def _tier(report: CacheReport, sha256: str) -> CacheTier:
    if sha256 in report.in_memory:
        return CacheTier.MEMORY
    return CacheTier.DISK if sha256 in report.on_disk else CacheTier.NONE


def _reason(endpoint: Endpoint, jobs: int, tier: CacheTier) -> str:
    if not endpoint.instances:
        return texts.routed_to_zero(endpoint.name)
    held = {CacheTier.MEMORY: texts.HELD_IN_MEMORY, CacheTier.DISK: texts.HELD_ON_DISK}.get(tier)
    return texts.routed(endpoint.name, jobs, held or "")
