"""Counts what a query finds, and how many jobs each value of each facet would leave."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

from core.jobs.search.conditions import Condition, is_column, joined
from core.jobs.search.index import JobIndex
from core.jobs.search.query import JobFacet

_ALL: Final = "SELECT count(*) FROM jobs WHERE {}"
_BASE: Final = """
WITH found AS MATERIALIZED (
    SELECT {} FROM jobs WHERE {}
)
"""
_OF_COLUMN: Final = "SELECT '{0}', {0}, count(*) FROM found WHERE {0} != '' GROUP BY {0}"
_OF_MARKS: Final = """
SELECT name, value, count(*) FROM found JOIN marks USING (number)
WHERE name IN ({}) GROUP BY name, value
"""

Counts = Mapping[JobFacet, Mapping[str, int]]


def counted(index: JobIndex, condition: Condition) -> int:
    """How many jobs fulfil a condition."""
    ((count,),) = index.rows(_ALL.format(condition.sql), condition.values)
    return int(count)


def facet_counts(index: JobIndex, conditions: Mapping[JobFacet, list[Condition]]) -> Counts:
    """By facet and value, of the jobs that fulfil what holds for that facet; facets with the same
    conditions are counted together."""
    groups: dict[Condition, list[JobFacet]] = defaultdict(list)
    for facet, each in conditions.items():
        groups[joined(each)].append(facet)
    counts: dict[JobFacet, dict[str, int]] = {facet: {} for facet in conditions}
    for condition, facets in groups.items():
        for name, value, count in index.rows(_sql(condition, facets), condition.values):
            counts[JobFacet(name)][value] = count
    return counts


def _sql(condition: Condition, facets: Iterable[JobFacet]) -> str:
    names = [facet.value for facet in facets if is_column(facet)]
    columns = [_OF_COLUMN.format(name) for name in names]
    marks = ", ".join(f"'{facet.value}'" for facet in facets if not is_column(facet))
    parts = [*columns, *([_OF_MARKS.format(marks)] if marks else [])]
    return _BASE.format(", ".join(["number", *names]), condition.sql) + " UNION ALL ".join(parts)
