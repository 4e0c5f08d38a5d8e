"""What a view of the page costs in calls of AWS, counted at two sizes of the list."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from ulid import ULID

from core.aws.client import Aws
from core.jobs.search.index import JobIndex
from core.jobs.search.query import JobFacet, JobQuery
from core.jobs.search.service import JobSearch
from core.jobs.search.sync import IndexSync
from core.jobs.store.authorized import AuthorizedJobs
from core.jobs.store.dynamodb import DynamoJobStore, table_definition
from core.records.sqlite import SqliteRecordStore
from core.team.access import Access, allow_all
from core.team.sharing import Sharing
from core.team.users import LOCAL
from tests.core.jobs.search.conftest import moto_aws
from tests.core.jobs.store.jobs import NOW, job

__all__ = ["moto_aws"]

VIEWS: Final = (
    JobQuery(),
    JobQuery(text="dog -cat", favourites=True),
    JobQuery(choices={JobFacet.STATE: ("queued",), JobFacet.TAG: ("a", "b")}),
)


class CountedStore(DynamoJobStore):
    """Counts the calls that leave the process."""

    def __init__(self, aws: Aws, table: str) -> None:
        super().__init__(aws, table)
        self.calls: Counter[str] = Counter()
        self._db.meta.events.register("before-send.dynamodb.*", self._count)

    def _count(self, event_name: str, **_: object) -> None:
        self.calls[event_name.rpartition(".")[2]] += 1


@pytest.fixture
def store(moto_aws: Aws) -> Iterator[CountedStore]:
    table = f"jobs-{ULID()}"
    moto_aws.dynamodb().create_table(**table_definition(table))
    opened = CountedStore(moto_aws, table)
    yield opened
    opened.close()


@pytest.mark.parametrize("size", [60, 240])
def test_a_view_costs_two_calls_whatever_the_size(
    store: CountedStore, tmp_path: Path, size: int
) -> None:
    for minute in range(size):
        store.add(job(-minute, tags=("a",), starred_by=(LOCAL.name,)))
    records = SqliteRecordStore(tmp_path / "records.sqlite")
    access, ticks = Access(allow_all), iter(range(0, 10_000_000, 100_000))
    index = JobIndex(tmp_path / "index.sqlite", "calls")
    sync = IndexSync(store, index, lambda: NOW, lambda: next(ticks))
    jobs = AuthorizedJobs(store, Sharing(records, lambda: NOW), access)
    search = JobSearch(jobs, access, index, sync, lambda one: one)
    search.look()
    index.set_state(cursor="2999-01-01T00:00")  # all that was written is known
    sync._monotonic = lambda: 0.0
    for query in VIEWS:
        sync._next = 0.0
        store.calls.clear()
        page = search.page(LOCAL, query, 50)
        search.facets(LOCAL, query)
        assert (len(page.jobs), page.found) == (50, size)
        assert store.calls == {"Query": 1, "BatchGetItem": 1}
    search.close()
    records.close()
