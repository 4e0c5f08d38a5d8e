"""One contract, two stores: SQLite and DynamoDB keep the job list alike."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer
from pydantic import SecretStr
from ulid import ULID

from core.aws.client import Aws, Connection
from core.errors import InvalidInput
from core.jobs.records import OPEN_STATES, Job, JobFilter, JobOrder, JobState
from core.jobs.store.dynamodb import DynamoJobStore, table_definition
from core.jobs.store.interface import JobStore
from core.jobs.store.sqlite import SqliteJobStore
from formats.generation.parameters import Mode

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def moto_aws() -> Iterator[Aws]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    secret = SecretStr("testing")
    yield Aws(
        Connection(
            url=f"http://{host}:{port}", access_key="testing", secret_key=secret,
            region="us-east-1",
        )
    )  # fmt: skip
    server.stop()


@pytest.fixture(params=["sqlite", "dynamodb"])
def store(request: pytest.FixtureRequest, tmp_path: Path, moto_aws: Aws) -> Iterator[JobStore]:
    if request.param == "sqlite":
        opened: JobStore = SqliteJobStore(tmp_path / "jobs.sqlite")
    else:
        table = f"jobs-{ULID()}"
        moto_aws.dynamodb().create_table(**table_definition(table))
        opened = DynamoJobStore(moto_aws, table)
    yield opened
    opened.close()


def job(minutes: float = 0, **changes: Any) -> Job:
    at = NOW + timedelta(minutes=minutes)
    values: dict[str, Any] = {
        "id": str(ULID.from_datetime(at)), "owner": "ann", "endpoint": "demo", "created_at": at,
        "updated_at": at, "mode": Mode.TXT2IMG, "checkpoint": "a.safetensors", "prompt": "a dog",
    }  # fmt: skip
    return Job(**{**values, **changes})


def test_a_job_is_kept_as_it_was(store: JobStore) -> None:
    first = job(prompt="ü, \n 'quoted'")
    assert store.add(first)
    assert store.get(first.id) == first
    assert store.get(job(1).id) is None


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
    names = ("step", "steps", "made", "units")

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
    body = {**first.model_dump(mode="json"), "pictures": 2, "mood": "happy"}
    del body["pose_score"]
    _overwrite(store, first.id, json.dumps(body))
    assert store.get(first.id) == first
    changed = store.update(first.id, OPEN_STATES, {"step": 1})
    assert changed == first.model_copy(update={"step": 1}) == store.get(first.id)


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


def test_pages_go_back_in_time(store: JobStore) -> None:
    jobs = [job(-60 * 24 * 20 * i) for i in range(7)]  # over five months
    for one in jobs:
        store.add(one)
    seen: list[Job] = []
    cursor = None
    while True:
        page = store.page(JobFilter(), limit=3, cursor=cursor)
        seen += page.jobs
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == jobs


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (JobFilter(owner="ann"), [0, 2]),
        (JobFilter(owner="nobody"), []),
        (JobFilter(state=JobState.FAILED), [1, 2]),
        (JobFilter(owner="ann", state=JobState.FAILED), [2]),
    ],
)
def test_filters(store: JobStore, which: JobFilter, expected: list[int]) -> None:
    failed = {"state": JobState.FAILED}
    jobs = [job(0), job(-1, owner="bob", **failed), job(-2, **failed)]
    for one in jobs:
        store.add(one)
    assert list(store.page(which).jobs) == [jobs[i] for i in expected]


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


def test_a_page_costs_one_query_however_many_jobs_there_are(moto_aws: Aws) -> None:
    table = f"jobs-{ULID()}"
    moto_aws.dynamodb().create_table(**table_definition(table))
    store = DynamoJobStore(moto_aws, table)
    asked: list[str] = []
    store._db.meta.events.register("before-call", lambda model, **_: asked.append(model.name))
    views = (JobFilter(), JobFilter(owner="ann"), JobFilter(state=JobState.FAILED))
    for ages in ([0], range(60 * 24 * 40, 60 * 24 * 200, 2000)):  # minutes: half a year
        for age in ages:
            store.add(job(-age, state=JobState.SUCCEEDED))
        asked.clear()
        for which in views:
            store.page(which, 50)
            store.page(which, 1)
        assert asked == ["Query"] * 6
    store.close()


def test_a_foreign_cursor_is_refused(store: JobStore) -> None:
    with pytest.raises(InvalidInput):
        store.page(JobFilter(), cursor="../x")


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


SCORES = (0.25, None, 0.75, 1.0, 0.75, 0.0, 0.1 + 0.2)
"""Of seven jobs, the oldest first."""


@pytest.mark.parametrize(
    ("changes", "order"),
    [
        ({}, [3, 4, 2, 6, 0, 5]),
        ({"min_pose_score": 0.75}, [3, 4, 2]),
        ({"owner": "bob"}, [4]),
        ({"state": JobState.FAILED}, []),
    ],
    ids=["all", "minimum", "owner", "state"],
)
def test_the_whole_list_goes_by_pose_score(
    store: JobStore, changes: dict[str, Any], order: list[int]
) -> None:
    jobs = [
        job(n, pose_score=score, state=JobState.SUCCEEDED, owner="bob" if n == 4 else "ann")
        for n, score in enumerate(SCORES)
    ]
    for one in jobs:
        store.add(one)
    which = JobFilter(order=JobOrder.POSE_SCORE, **changes)
    found, cursor = [], None
    while True:
        page = store.page(which, 2, cursor)
        found += [jobs.index(one) for one in page.jobs]
        if page.cursor is None:
            break
        cursor = page.cursor
    assert found == order


def test_a_score_moves_a_job_up(store: JobStore) -> None:
    which = JobFilter(order=JobOrder.POSE_SCORE)
    first = job(state=JobState.SUCCEEDED)
    store.add(first)
    assert store.page(which).jobs == ()
    store.update(first.id, {JobState.SUCCEEDED}, {"pose_score": 0.5})
    assert [one.id for one in store.page(which).jobs] == [first.id]
    with pytest.raises(InvalidInput):
        store.page(which, 1, "best:" + first.id)
