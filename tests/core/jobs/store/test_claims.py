"""A job is claimed by one process, in both stores."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from core.jobs.records import OPEN_STATES, JobState
from core.jobs.sending.claims import STALE, Claims, StaleClaims
from core.jobs.store.interface import JobStore
from tests.core.jobs.store.jobs import NOW, job


def claims(store: JobStore, process: str) -> Claims:
    return Claims(store, lambda: NOW, process, lambda _job: None)


def test_a_change_needs_its_condition(store: JobStore) -> None:
    first = job(step=1)
    store.add(first)
    assert store.update(first.id, OPEN_STATES, {"step": 3}, lambda found: found.step == 2) is None
    changed = store.update(first.id, OPEN_STATES, {"step": 2}, lambda found: found.step == 1)
    assert changed == first.model_copy(update={"step": 2}) == store.get(first.id)


def test_of_many_processes_one_claims_a_job(store: JobStore) -> None:
    waiting = job(stored_at=NOW)
    store.add(waiting)
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda n: claims(store, f"p{n}").take(waiting), range(8)))
    (winner,) = filter(None, taken)
    assert store.get(waiting.id) == winner
    assert (winner.sent_at, winner.is_in_line) == (NOW, False)


@pytest.mark.parametrize(
    ("changes", "dead", "may"),
    [
        ({}, "", True),
        ({"sent_at": NOW, "claimed_by": "old"}, "", False),
        ({"sent_at": NOW, "claimed_by": "old"}, "old", True),
        ({"sent_at": NOW, "claimed_by": "another"}, "old", False),  # it was faster
        ({"sent_at": NOW}, "old", False),  # SageMaker has it
        ({"state": JobState.RUNNING, "sent_at": NOW, "claimed_by": "old"}, "old", False),
        ({"state": JobState.CANCELLED}, "", False),
    ],
)
def test_what_may_be_claimed(
    store: JobStore, changes: dict[str, Any], dead: str, *, may: bool
) -> None:
    waiting = job(stored_at=NOW, **changes)
    store.add(waiting)
    taken = claims(store, "me").take(waiting, dead)
    assert (taken is not None) is may
    assert taken is None or taken.claimed_by == "me"


def test_a_released_job_waits_again_and_only_its_holder_releases_it(store: JobStore) -> None:
    waiting = job(stored_at=NOW)
    store.add(waiting)
    mine, others = claims(store, "me"), claims(store, "another")
    mine.take(waiting)
    others.release(waiting.id)
    found = store.get(waiting.id)
    assert found
    assert not found.is_in_line
    mine.release(waiting.id)
    found = store.get(waiting.id)
    assert found
    assert found.is_in_line


@pytest.mark.parametrize(("process", "is_stale"), [("another", True), ("me", False), ("", False)])
def test_a_claim_is_stale_once_it_was_seen_for_too_long(process: str, *, is_stale: bool) -> None:
    stale, claimed = StaleClaims("me"), job(sent_at=NOW, claimed_by=process)
    assert stale.of([claimed], NOW) == ()
    assert stale.of([claimed], NOW + STALE) == ()
    later = NOW + STALE + timedelta(seconds=1)
    assert stale.of([claimed], later) == ((claimed,) if is_stale else ())
    again = claimed.model_copy(update={"claimed_by": "a third"})
    assert stale.of([again], later) == (), "its own time begins"
