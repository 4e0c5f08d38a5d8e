"""All jobs of one owner: counted, removed, handed to another."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

from core.errors import Conflict, NotFound
from core.jobs.records import OPEN_STATES, Job, JobFilter, JobState
from core.jobs.store.interface import JobStore, every_job
from core.texts import team as texts

_COUNTED: Final = 1000
"""Nobody needs to know exactly how many more there are."""

ALL_STATES: Final = frozenset(JobState)

OfJob = Callable[[str], object]
"""Does something to the job with this id."""


class OwnedJobs:
    """For an admin's removals and handovers, which the caller has let through."""

    def __init__(self, store: JobStore, cancel: OfJob, delete: OfJob) -> None:
        self._store = store
        self._cancel = cancel
        self._delete = delete

    def count(self, owner: str) -> int:
        """How many there are, 1000 for that many and more."""
        lists = (JobFilter(owner=owner), JobFilter(owner=owner, in_trash=True))
        return min(sum(len(self._store.page(each, _COUNTED).jobs) for each in lists), _COUNTED)

    def remove(self, owner: str) -> None:
        """Cancel what is open and delete the rest with its images.

        Raises Conflict while cancelled jobs have not ended: call it again.
        """
        for state in OPEN_STATES:
            for job in every_job(self._store, JobFilter(owner=owner, state=state)):
                if not job.cancelling:
                    with suppress(Conflict, NotFound):  # it has ended meanwhile
                        self._cancel(job.id)
        still_open = 0
        for job in self._all(owner):
            try:
                self._delete(job.id)
            except Conflict:
                still_open += 1
            except NotFound:  # another dashboard was first
                continue
        if still_open:
            raise Conflict(texts.jobs_still_run(still_open))

    def hand_over(self, owner: str, to: str) -> None:
        """Make them another's; an open job goes on."""
        for job in self._all(owner):
            self._store.update(job.id, ALL_STATES, {"owner": to})

    def _all(self, owner: str) -> Iterator[Job]:
        """Those in the trash too."""
        for in_trash in (False, True):
            yield from every_job(self._store, JobFilter(owner=owner, in_trash=in_trash))
