"""Reads what the instances run and how far it is, without a call for each job."""

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock
from typing import Final

from core.aws.storage import ObjectContent, ObjectSummary, Storage
from core.ids import Clock
from core.jobs.records import Job
from core.records.stored import read_stored
from formats.generation.progress import Heartbeat, Progress
from formats.keys import HEARTBEATS, progress_key

_READERS: Final = 8
_LEFT_BEHIND: Final = timedelta(days=1)
"""An instance that was killed removes no heartbeat; one this old is no living one's."""


@dataclass(frozen=True)
class SeenProgress:
    """What a heartbeat says of one job, and the version of the object that says so."""

    progress: Progress
    etag: str


@dataclass(frozen=True)
class _Source:
    """An object that tells of running jobs: an instance's, or an older container's own of a job."""

    bucket: str
    key: str


@dataclass(frozen=True)
class _Report:
    """What such an object said when it was read: nothing, where this version can't read it."""

    etag: str
    jobs: Mapping[str, SeenProgress]


class Heartbeats:
    """The running jobs of every instance.

    One LIST finds the instances that run something, however many jobs they run, and one GET reads
    each that has written since. A container older than 0.2 writes one object for each job instead.
    """

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._lock = Lock()
        self._sources: dict[_Source, _Report] = {}

    def of(self, job_id: str) -> SeenProgress | None:
        """What was last read of a job; costs no call."""
        with self._lock:
            reports = self._sources.values()
            found = (each.jobs[job_id] for each in reports if job_id in each.jobs)
            return max(found, key=lambda seen: seen.progress.at, default=None)

    def discover(self, bucket: str) -> None:
        """Find what runs in a bucket: a LIST, and a GET of what is new. Raises AwsError."""
        storage = self._storage.of_bucket(bucket)
        living = self._remove_dead(storage, storage.list(HEARTBEATS))
        etags = {_Source(storage.bucket, found.key): found.etag for found in living}
        with self._lock:
            gone = [s for s in self._sources if _is_of(s, storage.bucket) and s not in etags]
            for source in gone:
                del self._sources[source]
            known = {source: report.etag for source, report in self._sources.items()}
        self._read(source for source, etag in etags.items() if known.get(source) != etag)

    def read_again(self, job_ids: Collection[str]) -> None:
        """A GET of each object that told of one of these jobs. Raises AwsError."""
        with self._lock:
            known = self._sources.items()
            sources = [s for s, report in known if not report.jobs.keys().isdisjoint(job_ids)]
        self._read(sources)

    def note_own_progress(self, job: Job, etag: str) -> None:
        """A job's own object was seen, as older containers write it. Raises AwsError."""
        source = self._own(job)
        with self._lock:
            known = self._sources.get(source)
        if known is None or known.etag != etag:
            self._read([source])

    def read_own_progress(self, job: Job) -> None:
        """A GET of a job's own object, as older containers write it. Raises AwsError."""
        self._read([self._own(job)])

    def keep_only(self, job_ids: Collection[str]) -> None:
        """Forget the own objects of other jobs."""
        with self._lock:
            for source in [s for s in self._sources if not s.key.startswith(HEARTBEATS)]:
                if self._sources[source].jobs.keys().isdisjoint(job_ids):
                    del self._sources[source]

    def _own(self, job: Job) -> _Source:
        return _Source(self._storage.of_bucket(job.bucket).bucket, progress_key(job.id))

    def _remove_dead(
        self, storage: Storage, listed: Collection[ObjectSummary]
    ) -> list[ObjectSummary]:
        oldest = self._clock() - _LEFT_BEHIND
        if dead := tuple(found.key for found in listed if found.modified < oldest):
            storage.delete(dead)
        return [found for found in listed if found.key not in dead]

    def _read(self, sources: Iterable[_Source]) -> None:
        wanted = list(sources)
        if len(wanted) > 1:
            with ThreadPoolExecutor(_READERS) as pool:
                contents = list(pool.map(self._find, wanted))
        else:
            contents = [self._find(source) for source in wanted]
        with self._lock:
            for source, content in zip(wanted, contents, strict=True):
                self._sources.pop(source, None)
                if content:
                    self._sources[source] = _Report(content.etag, _jobs_of(source, content))

    def _find(self, source: _Source) -> ObjectContent | None:
        return self._storage.of_bucket(source.bucket).find(source.key)


def _is_of(source: _Source, bucket: str) -> bool:
    return source.bucket == bucket and source.key.startswith(HEARTBEATS)


def _jobs_of(source: _Source, content: ObjectContent) -> dict[str, SeenProgress]:
    if source.key.startswith(HEARTBEATS):
        heartbeat = read_stored(Heartbeat, content.data, source.key)
        jobs = heartbeat.jobs if heartbeat else ()
    else:
        progress = read_stored(Progress, content.data, source.key)
        jobs = (progress,) if progress else ()
    return {job.id: SeenProgress(job, content.etag) for job in jobs}
