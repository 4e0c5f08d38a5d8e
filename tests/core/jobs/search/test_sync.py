"""The index follows the store: built by pages, kept in step by changes, looked over in turn."""

from pathlib import Path

import pytest

from core.jobs.records import OPEN_STATES, JobState
from core.jobs.search.index import JobIndex
from core.jobs.search.query import JobFacet, JobQuery
from core.jobs.search.sync import IndexSync
from core.jobs.store.interface import JobStore
from core.jobs.store.sqlite import SqliteJobStore
from core.team.access import Access, allow_all
from core.team.users import LOCAL
from tests.core.jobs.search.conftest import OpenSearch
from tests.core.jobs.store.jobs import NOW, job

ALL = Access(allow_all)
OLD = -60


def test_two_dashboards_find_what_the_other_wrote(open_search: OpenSearch, store: JobStore) -> None:
    near, far = open_search("near", ALL), open_search("far", ALL)
    first = job(OLD)
    store.add(first)
    failed = JobQuery(choices={JobFacet.STATE: ("failed",)})
    for search in (near, far):
        assert search.ids(LOCAL, JobQuery(), 9) == (first.id,)
        assert search.ids(LOCAL, failed, 9) == ()
    store.update(first.id, OPEN_STATES, {"state": JobState.FAILED})
    for search in (near, far):
        assert search.ids(LOCAL, failed, 9) == (first.id,)


def test_an_index_is_built_by_pages_and_kept(
    open_search: OpenSearch, store: JobStore, tmp_path: Path
) -> None:
    for minute in range(230):
        store.add(job(OLD - minute))
    store.add(job(OLD - 500, trashed_at=NOW))
    search = open_search("kept", ALL)
    assert search.status().is_ready
    assert len(search.ids(LOCAL, JobQuery(), 1000)) == 230
    assert len(search.ids(LOCAL, JobQuery(in_trash=True), 9)) == 1
    search.close()
    again = IndexSync(store, JobIndex(tmp_path / "kept.sqlite", "test"), lambda: NOW)
    assert again.status().is_ready
    other = IndexSync(store, JobIndex(tmp_path / "kept.sqlite", "other"), lambda: NOW)
    assert (other.status().is_ready, other.status().indexed) == (False, 0)


def test_a_look_over_the_list_finds_what_no_change_told_of(
    open_search: OpenSearch, store: JobStore
) -> None:
    kept, gone = job(OLD), job(OLD - 1)
    store.add(kept)
    store.add(gone)
    search = open_search(access=ALL)
    search._index.remove((kept.id,))
    store.on_write = lambda _job_id, _job: None
    store.update(gone.id, OPEN_STATES, {"state": JobState.FAILED})
    store.delete(gone.id)
    search._index.put((gone,))  # as where a deletion is told to nobody
    search._index.set_state(cursor=store.changes().cursor)
    for _ in range(2):
        search.look()
    assert search.ids(LOCAL, JobQuery(), 9) == (kept.id,)


def test_a_write_of_this_process_is_found_at_once(open_search: OpenSearch, store: JobStore) -> None:
    search = open_search(access=ALL)
    search._sync._next = float("inf")
    store.on_write = search._sync.note
    store.add(one := job())
    assert search.ids(LOCAL, JobQuery(), 9) == (one.id,)


@pytest.mark.parametrize("number", [0, 3])
def test_a_backup_that_was_put_back_is_read_again(tmp_path: Path, number: int) -> None:
    """Its changes are numbered from one again."""
    store = SqliteJobStore(tmp_path / "jobs.sqlite")
    for minute in range(number):
        store.add(job(minute))
    assert len(store.changes("17").ids) == number
    assert store.changes("17").cursor == str(number)
    store.close()
