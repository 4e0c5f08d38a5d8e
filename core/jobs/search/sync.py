"""Keeps the index of one dashboard in step with the store: what changed, and all of it in turn."""

import logging
import sqlite3
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import Lock
from typing import Final

from core.errors import AwsError
from core.ids import Clock, created_at
from core.jobs.records import Job, JobFilter
from core.jobs.search.index import JobIndex
from core.jobs.store.interface import MAX_BATCH, NO_INDEX, JobStore
from core.texts.jobs import search as texts
from formats.frozen import Frozen

log = logging.getLogger(__name__)

_REFRESH_SECONDS: Final = 1.5
"""For so long, for each call that the last one took, no view asks the store what changed."""

_YOUNG: Final = timedelta(minutes=10)
"""An index of the store may lack a job for a moment: none so young is forgotten for that."""

_LISTS: Final = (JobFilter(), JobFilter(in_trash=True))
"""All jobs are read by these, one after the other."""

_HIGHEST: Final = "Z"


class IndexStatus(Frozen):
    """Whether the index can be asked; while it is built, how many jobs it has."""

    is_ready: bool
    indexed: int = 0
    problem: str = ""


class IndexSync:
    """What changed is read before a view, at most every second and a half; and in the background
    the whole list is walked, a hundred jobs a minute, for what no change tells of: what another
    dashboard deleted, and what one of an older version wrote. The first walk builds the index.

    What this process writes is in the index at once.
    """

    def __init__(
        self,
        store: JobStore,
        index: JobIndex,
        clock: Clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._index = index
        self._clock = clock
        self._monotonic = monotonic
        self._next = 0.0
        self._lock = Lock()
        self._closed = False
        self._is_built = index.state("built") != ""
        self._problem = ""

    def status(self) -> IndexStatus:
        """What a page has to say of the index."""
        if self._is_built and not self._problem:
            return IndexStatus(is_ready=True)
        ((count,),) = self._index.rows("SELECT count(*) FROM jobs")
        return IndexStatus(is_ready=False, indexed=count, problem=self._problem)

    def note(self, job_id: str, job: Job | None) -> None:
        """A write of this process, which must not fail for the index."""
        try:
            if job:
                self._index.put((job,))
            else:
                self._index.remove((job_id,))
        except sqlite3.Error as error:  # the next look at what changed finds it
            log.warning("event=index_not_written job_id=%s error=%s", job_id, error)

    def refresh(self) -> None:
        """Read what changed, unless that was done just now. Raises AwsError."""
        if not self._is_built:
            return
        with self._lock:
            if self._monotonic() >= self._next:
                calls = self._read_changes()
                self._next = self._monotonic() + _REFRESH_SECONDS * calls

    def look(self) -> None:
        """Build the index where it is not, else walk on by one page. Raises AwsError."""
        if not self._index.state("cursor"):
            self._index.set_state(cursor=self._store.changes().cursor)
        self._check_index()
        self._walk_page()
        while not (self._is_built or self._closed):
            self._walk_page()

    def close(self) -> None:
        """Stop after the page under way."""
        self._closed = True

    def _check_index(self) -> None:
        """Whether the store tells of changes: a table of an older version does not."""
        try:
            with self._lock:
                self._read_changes()
            self._problem = ""
        except AwsError as error:
            if error.code not in NO_INDEX:
                raise
            self._problem = texts.NO_INDEX

    def _read_changes(self) -> int:
        """Returns how many calls it took."""
        changes = self._store.changes(self._index.state("cursor"))
        for start in range(0, len(changes.ids), MAX_BATCH):
            self._read(changes.ids[start : start + MAX_BATCH])
        self._index.set_state(cursor=changes.cursor)
        return 1 + -(-len(changes.ids) // MAX_BATCH)

    def _read(self, ids: Sequence[str]) -> None:
        """Take over these jobs as the store has them."""
        jobs = self._store.get_many(ids)
        self._index.put(jobs)
        self._index.remove(set(ids) - {job.id for job in jobs})

    def _walk_page(self) -> None:
        """The next hundred of the list: what the index has too much is looked up one by one."""
        number, _, place = self._index.state("place").partition(" ")
        which = _LISTS[int(number or 0)]
        page = self._store.page(which, MAX_BATCH, place or None)
        self._index.put(page.jobs)
        if not which.in_trash:
            known = self._index.between(page.cursor or "", place or _HIGHEST)
            left = [
                each for each in known - {job.id for job in page.jobs} if not self._is_young(each)
            ]
            for start in range(0, len(left), MAX_BATCH):
                self._read(left[start : start + MAX_BATCH])
        if page.cursor:
            self._index.set_state(place=f"{number or 0} {page.cursor}")
        elif which.in_trash:
            self._index.set_state(place="0 ", built="yes")
            self._is_built = True
        else:
            self._index.set_state(place="1 ")

    def _is_young(self, job_id: str) -> bool:
        return self._clock() - created_at(job_id) < _YOUNG
