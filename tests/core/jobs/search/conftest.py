"""A search over each store of the job list, which is empty."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from core.jobs.search.index import JobIndex
from core.jobs.search.service import JobSearch
from core.jobs.search.sync import IndexSync
from core.jobs.store.authorized import AuthorizedJobs
from core.jobs.store.interface import JobStore
from core.records.sqlite import SqliteRecordStore
from core.team.access import Access
from core.team.sharing import Sharing
from tests.core.jobs.store.conftest import moto_aws, store
from tests.core.jobs.store.jobs import NOW

__all__ = ["moto_aws", "store"]

OpenSearch = Callable[..., JobSearch]


@pytest.fixture
def open_search(store: JobStore, tmp_path: Path) -> Iterator[OpenSearch]:
    """Opens one whose index is built; its time since the last look is of its own making."""
    records = SqliteRecordStore(tmp_path / "records.sqlite")
    opened: list[JobSearch] = []

    def open_one(name: str = "one", access: Access | None = None) -> JobSearch:
        access, now = access or Access(), iter(range(0, 1_000_000, 1000))
        index = JobIndex(tmp_path / f"{name}.sqlite", "test")
        sync = IndexSync(store, index, lambda: NOW, lambda: next(now))
        jobs = AuthorizedJobs(store, Sharing(records, lambda: NOW), access)
        search = JobSearch(jobs, access, index, sync, lambda job: job)
        search.look()
        opened.append(search)
        return search

    yield open_one
    for search in opened:
        search.close()
    records.close()
