"""One contract, two stores: SQLite and DynamoDB keep and change job records alike."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.jobs.records import OPEN_STATES, Job, JobFilter, JobOrder, JobState
from core.jobs.store.dynamodb import DynamoJobStore
from core.jobs.store.interface import JobStore
from core.jobs.store.sqlite import SqliteJobStore
from tests.core.jobs.store.jobs import job


def test_a_job_is_kept_as_it_was(store: JobStore) -> None:
    first = job(prompt="ü, \n 'quoted'")
    assert store.add(first)
    assert store.get(first.id) == first
    assert store.get(job(1).id) is None


def test_many_are_read_in_the_order_asked_for(store: JobStore) -> None:
    jobs = [job(minute) for minute in range(3)]
    for one in jobs:
        store.add(one)
    asked = [jobs[2].id, job(9).id, jobs[0].id, jobs[2].id]
    assert store.get_many(asked) == (jobs[2], jobs[0], jobs[2])
    assert store.get_many(()) == ()


def test_the_same_id_is_kept_once(store: JobStore) -> None:
    first = job()
    assert store.add(first)
    assert not store.add(first.model_copy(update={"prompt": "another"}))
    assert store.get(first.id) == first


def test_a_change_needs_the_right_state(store: JobStore) -> None:
    first = job()
    store.add(first)
    running = store.update(first.id, {JobState.QUEUED}, {"state": JobState.RUNNING, "step": 1})
    assert running
    assert (running.state, running.step) == (JobState.RUNNING, 1)
    assert store.update(first.id, {JobState.QUEUED}, {"state": JobState.FAILED}) is None
    assert store.get(first.id) == running
    assert store.update(job(1).id, OPEN_STATES, {"step": 2}) is None


def test_of_many_only_one_makes_a_transition(store: JobStore) -> None:
    first = job()
    store.add(first)

    def end(index: int) -> bool:
        state = {"state": JobState.SUCCEEDED if index % 2 else JobState.FAILED}
        return store.update(first.id, OPEN_STATES, state) is not None

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(end, range(16))) == 1


def test_changes_of_different_fields_are_not_lost(store: JobStore) -> None:
    first = job()
    store.add(first)
    names = ("step", "steps", "image_count", "units")

    def change(name: str) -> None:
        store.update(first.id, OPEN_STATES, {name: 7})

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(change, names))
    kept = store.get(first.id)
    assert kept
    assert [getattr(kept, name) for name in names] == [7] * 4


def test_a_record_of_another_version_can_be_changed(store: JobStore) -> None:
    """One that lacks a field of ours and has some that we don't know (any more)."""
    first = job()
    store.add(first)
    body = {**first.model_dump(mode="json"), "made": 2, "pictures": 2, "mood": "happy"}
    del body["pose_score"]
    _overwrite(store, first.id, json.dumps(body))
    kept = first.model_copy(update={"image_count": 2})
    assert store.get(first.id) == kept
    changed = store.update(first.id, OPEN_STATES, {"step": 1})
    assert changed == kept.model_copy(update={"step": 1}) == store.get(first.id)


@pytest.mark.parametrize("field", ["state", "mode", "failure"])
@pytest.mark.parametrize("order", list(JobOrder))
def test_a_record_that_only_a_newer_version_reads_hides_no_other(
    store: JobStore, field: str, order: JobOrder
) -> None:
    jobs = [job(minute, pose_score=0.5) for minute in range(4)]
    for one in jobs:
        store.add(one)
    body = {**jobs[2].model_dump(mode="json"), field: "of tomorrow"}
    _overwrite(store, jobs[2].id, json.dumps(body))
    assert store.get(jobs[2].id) is None
    assert store.update(jobs[2].id, OPEN_STATES, {"step": 1}) is None
    assert list(store.open_jobs()) == [jobs[0], jobs[1], jobs[3]]
    listed: list[Job] = []
    cursor = None
    while page := store.page(JobFilter(order=order), 2, cursor):
        listed += page.jobs
        if (cursor := page.cursor) is None:
            break
    assert listed == [jobs[3], jobs[1], jobs[0]]


def _overwrite(store: JobStore, job_id: str, body: str) -> None:
    if isinstance(store, SqliteJobStore):
        store._db.execute("UPDATE jobs SET body = ? WHERE id = ?", (body, job_id))
    elif isinstance(store, DynamoJobStore):
        store._db.update_item(
            TableName=store._table,
            Key={"id": {"S": job_id}},
            UpdateExpression="SET body = :body",
            ExpressionAttributeValues={":body": {"S": body}},
        )


def test_open_jobs_leave_when_they_end(store: JobStore) -> None:
    jobs = [job(0), job(1), job(2, state=JobState.SUCCEEDED)]
    for one in jobs:
        store.add(one)
    assert list(store.open_jobs()) == jobs[:2]
    store.update(jobs[0].id, OPEN_STATES, {"state": JobState.FAILED})
    assert list(store.open_jobs()) == jobs[1:2]


def test_only_closed_jobs_can_be_deleted(store: JobStore) -> None:
    first = job()
    store.add(first)
    assert not store.delete(first.id)
    store.update(first.id, OPEN_STATES, {"state": JobState.CANCELLED})
    assert store.delete(first.id)
    assert not store.delete(first.id)
    assert store.get(first.id) is None


def test_sqlite_keeps_jobs_over_a_restart(tmp_path: Path) -> None:
    first = job()
    path = tmp_path / "jobs.sqlite"
    for _ in range(2):
        store = SqliteJobStore(path)
        store.add(first)
        store.close()
    again = SqliteJobStore(path)
    assert again.open_jobs() == (first,)
    again.close()
