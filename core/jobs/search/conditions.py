"""Which rows of the index a query finds for a user, as conditions of SQL."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple

from ulid import ULID

from core.jobs.records import JobOrder, JobScope
from core.jobs.search.index import SHARED, STARRED
from core.jobs.search.query import JobFacet, JobQuery
from core.jobs.search.text_query import parse
from core.team.permissions import Action, Item, Kind, Visibility
from core.team.users import User

_COLUMNS: Final = frozenset(
    {JobFacet.STATE, JobFacet.MODE, JobFacet.OWNER, JobFacet.ENDPOINT, JobFacet.CHECKPOINT}
)
May = Callable[[User, Action, Item], bool]
"""The permission check."""

_IS_MARKED: Final = "number IN (SELECT number FROM marks WHERE name = '{}' AND value = ?)"
_HAS_ONE_OF: Final = "number IN (SELECT number FROM marks WHERE name = '{}' AND value IN ({}))"
_HAS_TEXT: Final = "number {} (SELECT rowid FROM texts WHERE texts MATCH ?)"
_OWN: Final = "owner = ?"
_TEAM: Final = f"visibility = '{Visibility.TEAM.value}'"
_SHARED_WITH: Final = _IS_MARKED.format(SHARED)


class Condition(NamedTuple):
    """A part of a WHERE, and the values of its question marks."""

    sql: str
    values: tuple[Any, ...] = ()


def is_column(facet: JobFacet) -> bool:
    """Whether a job has one value of it, in a column of its name; else it is a mark."""
    return facet in _COLUMNS


def joined(conditions: list[Condition]) -> Condition:
    """All of them at once."""
    sql = " AND ".join(f"({each.sql})" for each in conditions) or "TRUE"
    return Condition(sql, tuple(value for each in conditions for value in each.values))


def allowed(user: User, action: Action, may: May) -> Condition:
    """The jobs that a user may do this with, by the table of permissions: own ones, those that the
    team may see, those that are shared with them, and what is left."""
    private = Item(kind=Kind.JOB, visibility=Visibility.PRIVATE)
    kinds = (
        (Condition(_OWN, (user.name,)), private.model_copy(update={"owner": user.name})),
        (Condition(_TEAM), Item(kind=Kind.JOB)),
        (
            Condition(_SHARED_WITH, (user.name,)),
            private.model_copy(update={"shared_with": (user.name,)}),
        ),
        (Condition("TRUE"), private),
    )
    passed = [condition for condition, item in kinds if may(user, action, item)]
    if len(passed) == len(kinds):
        return Condition("TRUE")
    sql = " OR ".join(each.sql for each in passed) or "FALSE"
    return Condition(sql, tuple(value for each in passed for value in each.values))


def of_scope(user: User, scope: JobScope, *, allows_all: bool) -> Condition:
    """The rows of a list; without an identity there is one list, of all."""
    if allows_all or scope is JobScope.EVERYBODY:
        return Condition("TRUE")
    if scope is JobScope.TEAM:
        return Condition(_TEAM)
    return Condition(_OWN if scope is JobScope.MINE else _SHARED_WITH, (user.name,))


def of_query(user: User, query: JobQuery) -> Iterator[Condition]:
    """What a query asks for beside its scope and its facets."""
    yield Condition("is_trashed = ?", (int(query.in_trash),))
    text = parse(query.text)
    if text.wanted:
        yield Condition(_HAS_TEXT.format("IN"), (text.wanted,))
    if text.unwanted:
        yield Condition(_HAS_TEXT.format("NOT IN"), (text.unwanted,))
    if query.first_day:
        yield Condition("id >= ?", (_first_id(query.first_day),))
    if query.last_day:
        yield Condition("id < ?", (_first_id(query.last_day + timedelta(days=1)),))
    if query.min_pose_score is not None or query.order is JobOrder.POSE_SCORE:
        yield Condition("score >= ?", (query.min_pose_score or 0.0,))
    if query.favourites:
        yield starred_by(user)


def starred_by(user: User) -> Condition:
    """Somebody's favourites."""
    return Condition(_IS_MARKED.format(STARRED), (user.name,))


def of_facet(facet: JobFacet, values: tuple[str, ...]) -> Condition:
    """Jobs with one of these values."""
    marks = ", ".join("?" * len(values))
    if is_column(facet):
        return Condition(f"{facet.value} IN ({marks})", values)
    return Condition(_HAS_ONE_OF.format(facet.value, marks), values)


def _first_id(day: date) -> str:
    """No id that was made on this day or later sorts before it."""
    begin = datetime.combine(day, time(), UTC)
    return str(ULID.from_timestamp(begin.timestamp()))[:10]
