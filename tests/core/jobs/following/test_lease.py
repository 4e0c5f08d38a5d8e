"""One dashboard follows for all; another takes over only what was silent for long enough."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.ids import new_id
from core.jobs.following.lease import FollowerLease
from core.jobs.store.interface import JobStore
from core.jobs.store.sqlite import SqliteJobStore
from tests.core.jobs.store.conftest import moto_aws, store

__all__ = ["moto_aws", "store"]


class Dashboard:
    """A lease with a clock of its own, which may be wrong."""

    def __init__(self, store: JobStore, ahead_seconds: float = 0) -> None:
        self.now = datetime(2026, 11, 29, tzinfo=UTC) + timedelta(seconds=ahead_seconds)
        self.lease = FollowerLease(store, lambda: self.now, new_id)

    def held_after(self, seconds: float) -> bool:
        self.now += timedelta(seconds=seconds)
        return self.lease.is_held()


def test_a_value_is_swapped_only_for_the_one_that_was_read(store: JobStore) -> None:
    assert store.lease() == ""
    assert not store.swap_lease("a", "b")
    assert store.swap_lease("", "a")
    assert not store.swap_lease("", "b")
    assert store.swap_lease("a", "b")
    assert store.lease() == "b"
    assert store.swap_lease("b", "")
    assert store.swap_lease("", "c")
    assert (store.open_jobs(), store.get("lease")) == ((), None)


@pytest.mark.parametrize("ahead_seconds", [-86400, 0, 86400])
def test_only_observed_silence_makes_a_lease_stale(tmp_path: Path, ahead_seconds: float) -> None:
    store = SqliteJobStore(tmp_path / "jobs.sqlite")
    first, second = Dashboard(store), Dashboard(store, ahead_seconds)
    assert first.held_after(0)
    for _ in range(20):
        assert first.held_after(10)
        assert not second.held_after(10)
    assert [second.held_after(10) for _ in range(4)] == [False, False, True, True]
    assert not first.held_after(10), "it was silent, and another one follows now"
    store.close()


def test_a_dashboard_that_ends_hands_over_at_once(tmp_path: Path) -> None:
    store = SqliteJobStore(tmp_path / "jobs.sqlite")
    first, second = Dashboard(store), Dashboard(store)
    assert first.held_after(0)
    assert not second.held_after(1)
    first.lease.release()
    assert second.held_after(1)
    store.close()
