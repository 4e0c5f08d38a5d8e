"""Owns the search of jobs: a page, all ids and the counts of a query, as its user may see them."""

import json
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from collections.abc import Collection as Members
from threading import Lock
from typing import Any, Final

from core.errors import InvalidInput
from core.jobs.records import Job, JobOrder
from core.jobs.search import conditions
from core.jobs.search.collections import Collection
from core.jobs.search.conditions import Condition, joined
from core.jobs.search.counts import Counts, counted, facet_counts
from core.jobs.search.index import JobIndex
from core.jobs.search.query import KNOWN_OF_PRIVATE, FoundPage, JobFacet, JobFacets, JobQuery
from core.jobs.search.sync import IndexStatus, IndexSync
from core.jobs.store.authorized import AuthorizedJobs
from core.jobs.store.interface import MAX_BATCH
from core.team.access import Access
from core.team.permissions import Action
from core.team.users import User
from core.texts.jobs import search as texts

_ORDERS: Final = {JobOrder.NEWEST: "id DESC", JobOrder.POSE_SCORE: "score DESC, id DESC"}
_PAGE: Final = "SELECT id FROM jobs WHERE {} ORDER BY {}{} LIMIT ? OFFSET ?"
_PLACED: Final = "COALESCE((SELECT key FROM json_each(?) WHERE value = jobs.id), 1e9), "
_MOST_KNOWN: Final = 500
"""Counts that are kept while the index stays as it is."""

_PLACE: Final = re.compile(r"[0-9]{1,9}")


class JobSearch:
    """The index finds, the store decides: what a page shows was read from the store for it.

    A page costs one call for what changed since the last one, one for its jobs, and one for each
    hundred jobs that changed, however many jobs there are.
    """

    def __init__(
        self,
        authorized: AuthorizedJobs,
        access: Access,
        index: JobIndex,
        sync: IndexSync,
        look: Callable[[Job], Job],
    ) -> None:
        self._authorized = authorized
        self._access = access
        self._index = index
        self._sync = sync
        self._lock = Lock()
        self._version = -1
        self._known: dict[Hashable, Any] = {}
        self._look = look

    def look(self) -> None:
        """Build the index, or look over a part of it; for a worker. Raises AwsError."""
        self._sync.look()

    def stop(self) -> None:
        """Let the look under way end soon."""
        self._sync.close()

    def close(self) -> None:
        """Let go of the index's file."""
        self._index.close()

    def status(self) -> IndexStatus:
        """Whether the index can be asked; costs no call."""
        return self._sync.status()

    def page(
        self, user: User, query: JobQuery, limit: int = 50, cursor: str | None = None
    ) -> FoundPage:
        """At most `limit` (100) jobs in the query's order; fewer where some changed meanwhile.

        Raises NotAllowed for another's scope, InvalidInput for a cursor of another list, AwsError.
        """
        start = _start(cursor)
        where = self._where(user, query)
        self._sync.refresh()
        limit = min(limit, MAX_BATCH)
        ids = self._ids(where, query, limit, start)
        found = self._counted(where)
        more = start + limit < found
        return FoundPage(
            jobs=self._shown(user, query, ids),
            cursor=str(start + limit) if more else None,
            found=found,
        )

    def ids(self, user: User, query: JobQuery, most: int) -> tuple[str, ...]:
        """All that a query finds, in its order, `most` at most; no call but for what changed.

        Raises as `page`.
        """
        where = self._where(user, query)
        self._sync.refresh()
        return self._ids(where, query, most, 0)

    def facets(
        self, user: User, query: JobQuery, only: Members[JobFacet] = tuple(JobFacet)
    ) -> JobFacets:
        """How many jobs each choice of these facets would leave. Counted once for each state of
        the index. Raises NotAllowed, AwsError."""
        self._sync.refresh()
        where = {facet: self._conditions(user, query, facet) for facet in JobFacet if facet in only}
        unmarked = query.model_copy(update={"favourites": False})
        starred = [*self._conditions(user, unmarked), *self._inside(user)]
        return JobFacets(
            found=self._counted(self._where(user, query)),
            counts=self._counts(where),
            favourites=self._counted(joined([*starred, conditions.starred_by(user)])),
        )

    def _counted(self, where: Condition) -> int:
        found: int = self._once(where, lambda: counted(self._index, where))
        return found

    def _counts(self, where: Mapping[JobFacet, list[Condition]]) -> Counts:
        key = tuple((facet, joined(each)) for facet, each in where.items())
        counts: Counts = self._once(key, lambda: facet_counts(self._index, where))
        return counts

    def _once(self, key: Hashable, count: Callable[[], Any]) -> Any:
        """What was counted of the index as it is now."""
        version = self._index.version()
        with self._lock:
            if version != self._version:
                self._version, self._known = version, {}
            if key in self._known:
                return self._known[key]
        answer = count()
        with self._lock:
            if version == self._version and len(self._known) < _MOST_KNOWN:
                self._known[key] = answer
        return answer

    def covers(self, user: User, boards: Sequence[Collection]) -> Mapping[str, Job]:
        """The job that stands for each collection, by the collection's id: its cover, else its
        first one; none where the user may see none. One call for each hundred."""
        first = {board.id: self._cover(user, board) for board in boards}
        ids = tuple(dict.fromkeys(job_id for job_id in first.values() if job_id))
        seen = {job.id: job for job in self._authorized.views(user, ids) if not job.is_redacted}
        return {board: seen[job_id] for board, job_id in first.items() if job_id in seen}

    def _cover(self, user: User, board: Collection) -> str:
        query = JobQuery(placed=(board.cover, *board.placed))
        is_there = conditions.of_facet(JobFacet.COLLECTION, (board.id,))
        where = joined([*self._inside(user), *conditions.of_query(user, query), is_there])
        return next(iter(self._ids(where, query, 1, 0)), "")

    def _ids(self, where: Condition, query: JobQuery, limit: int, start: int) -> tuple[str, ...]:
        is_placed = query.placed and query.order is JobOrder.NEWEST
        sql = _PAGE.format(where.sql, _PLACED if is_placed else "", _ORDERS[query.order])
        places = [json.dumps(query.placed)] if is_placed else []
        rows = self._index.rows(sql, (*where.values, *places, limit, start))
        return tuple(job_id for (job_id,) in rows)

    def _shown(self, user: User, query: JobQuery, ids: Sequence[str]) -> tuple[Job, ...]:
        """Those of the ids that the store still has in this list, as the user may see them."""
        if not ids:
            return ()
        stored = self._authorized.store.get_many(ids)
        if gone := set(ids) - {job.id for job in stored}:
            self._index.remove(gone)
        states = query.choices.get(JobFacet.STATE, ())
        jobs = (job for job in stored if job.is_trashed == query.in_trash)
        known = self._authorized.known(
            user, tuple(j for j in jobs if not states or j.state in states)
        )
        return tuple(
            job if job.is_redacted else self._look(job)
            for job in known
            if not (job.is_redacted and query.looks_inside)
        )

    def _where(self, user: User, query: JobQuery) -> Condition:
        return joined(self._conditions(user, query))

    def _conditions(
        self, user: User, query: JobQuery, counted_facet: JobFacet | None = None
    ) -> list[Condition]:
        """All that holds; where a facet's values are counted, all but the choice of them."""
        access = self._access
        self._authorized.require_scope(user, query.scope)
        asked = query
        if counted_facet:
            kept = {f: values for f, values in query.choices.items() if f is not counted_facet}
            asked = query.model_copy(update={"choices": kept})
        found = [
            conditions.of_scope(user, query.scope, allows_all=access.allows_all),
            conditions.allowed(user, Action.LIST, access.may),
            *conditions.of_query(user, query),
            *_chosen(asked),
        ]
        if query.in_trash:  # it is for whoever may restore it
            found.append(conditions.allowed(user, Action.DELETE, access.may))
        looks_inside = counted_facet is not None and counted_facet not in KNOWN_OF_PRIVATE
        if asked.looks_inside or looks_inside:
            found += self._inside(user)
        return found

    def _inside(self, user: User) -> list[Condition]:
        """Only jobs that the user may look into: nothing is told of what is inside of others."""
        return [conditions.allowed(user, Action.SEE, self._access.may)]


def _chosen(query: JobQuery) -> Iterator[Condition]:
    for facet, values in query.choices.items():
        if values:
            yield conditions.of_facet(facet, values)


def _start(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not _PLACE.fullmatch(cursor):
        raise InvalidInput(texts.BAD_PLACE, "cursor")
    return int(cursor)
