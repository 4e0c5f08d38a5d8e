"""The interface of the job list's stores, which SQLite and DynamoDB implement alike."""

import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Any, Final, NamedTuple, Protocol

from core.errors import InvalidInput
from core.jobs.records import Job, JobFilter, JobPage, JobState
from core.texts.jobs import jobs as texts
from formats.keys import ULID_PATTERN

MAX_BATCH: Final = 100
"""Records that one call gives by their ids."""
NO_INDEX: Final = frozenset({"ValidationException", "ResourceNotFoundException"})
"""AWS's codes for a query of an index that is not there, or that is being filled."""

Condition = Callable[[Job], bool]
"""What a record must be like to be changed; asked of the record that the change is made to."""


OnWrite = Callable[[str, Job | None], None]
"""Told of each write: the id, and the record as it is now; None of one that was deleted."""


def always(_job: Job) -> bool:
    """Whatever it is like."""
    return True


def tell_nobody(_job_id: str, _job: Job | None) -> None:
    """Nobody asked to be told of writes."""


class JobChanges(NamedTuple):
    """Which jobs were written; `cursor` asks for what is written after that."""

    ids: tuple[str, ...]
    cursor: str


class JobStore(Protocol):
    """Stores job records. Every change is one conditional write: of two dashboards one wins.

    A record that this version can't read, as a newer one wrote it, is in no list and can't be
    changed; a line in the log names it.
    """

    on_write: OnWrite
    """Told of what this store of this process wrote, by the thread that did."""

    def add(self, job: Job) -> bool:
        """Store a new job. False where its id is stored already; the old record stays."""
        ...

    def get(self, job_id: str) -> Job | None:
        """One record, or None."""
        ...

    def get_many(self, job_ids: Sequence[str]) -> tuple[Job, ...]:
        """Those of up to `MAX_BATCH` records that are there, in the order of the ids; one call."""
        ...

    def update(
        self,
        job_id: str,
        when: AbstractSet[JobState],
        changes: dict[str, Any],
        only_if: Condition = always,
    ) -> Job | None:
        """Change fields of a job that is in one of the states `when` and fulfils `only_if`.

        Returns the record as it is afterwards, or None where it is gone or does not.
        """
        ...

    def page(self, which: JobFilter, limit: int = 50, cursor: str | None = None) -> JobPage:
        """Records in the filter's order, each page at the cost of one (rarely two) queries.

        Raises InvalidInput for a cursor that this list did not give.
        """
        ...

    def open_jobs(self) -> tuple[Job, ...]:
        """All queued and running jobs, oldest first."""
        ...

    def changes(self, cursor: str = "") -> JobChanges:
        """Jobs that anybody wrote since an earlier answer's cursor; none without one. One query.

        What was told of once may be told of again; a deletion may be missing.
        Raises AwsError, with a code of `NO_INDEX` where the table has no such index (yet).
        """
        ...

    def trashed_before(self, moment: datetime, limit: int = MAX_BATCH) -> tuple[Job, ...]:
        """Jobs that went into the trash before then (UTC), the first first; one query."""
        ...

    def delete(self, job_id: str) -> bool:
        """Forget a closed job. False where it is gone or still open."""
        ...

    def lease(self) -> str:
        """Who follows the jobs of this list: a value that only its writer understands, or ""."""
        ...

    def swap_lease(self, old: str, new: str) -> bool:
        """Put `new` in the place of `old`. False where another value is there by now."""
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


def every_job(store: JobStore, which: JobFilter) -> Iterator[Job]:
    """All records that the filter lets through, a hundred with each query. Raises AwsError."""
    cursor = None
    while True:
        page = store.page(which, limit=100, cursor=cursor)
        yield from page.jobs
        if (cursor := page.cursor) is None:
            return


def check_cursor(cursor: str | None) -> None:
    """Raise InvalidInput for a cursor that is no job id."""
    if cursor is not None and not re.match(ULID_PATTERN, cursor):
        raise _unknown_cursor()


def score_cursor(score: float, job_id: str) -> str:
    """Names a job's place in the list by pose score: `0.75:<id>`."""
    return f"{score!r}:{job_id}"


def read_score_cursor(cursor: str) -> tuple[float, str]:
    """Score and id of such a place. Raises InvalidInput."""
    score, _, job_id = cursor.partition(":")
    check_cursor(job_id)
    try:
        return float(score), job_id
    except ValueError as error:
        raise _unknown_cursor() from error


def _unknown_cursor() -> InvalidInput:
    return InvalidInput(texts.PAGE_IS_GONE, "cursor")
