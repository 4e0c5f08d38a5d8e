"""The job list by page: in time's order or by pose score, filtered, alike in both stores."""

from datetime import timedelta
from typing import Any

import pytest
from ulid import ULID

from core.aws.client import Aws
from core.errors import InvalidInput
from core.jobs.records import Job, JobFilter, JobOrder, JobState
from core.jobs.store.dynamodb import DynamoJobStore, table_definition
from core.jobs.store.interface import JobStore
from core.team.permissions import Visibility
from tests.core.jobs.store.jobs import NOW, job


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
        (JobFilter(visibility=Visibility.TEAM), [0, 1]),
        (JobFilter(visibility=Visibility.TEAM, state=JobState.FAILED), [1]),
    ],
)
def test_filters(store: JobStore, which: JobFilter, expected: list[int]) -> None:
    failed = {"state": JobState.FAILED}
    team = {"visibility": Visibility.TEAM}
    jobs = [job(0, **team), job(-1, owner="bob", **failed, **team), job(-2, **failed)]
    for one in jobs:
        store.add(one)
    assert list(store.page(which).jobs) == [jobs[i] for i in expected]


def test_a_page_costs_one_query_however_many_jobs_there_are(moto_aws: Aws) -> None:
    table = f"jobs-{ULID()}"
    moto_aws.dynamodb().create_table(**table_definition(table))
    store = DynamoJobStore(moto_aws, table)
    asked: list[str] = []
    store._db.meta.events.register("before-call", lambda model, **_: asked.append(model.name))
    views = (
        JobFilter(),
        JobFilter(owner="ann"),
        JobFilter(state=JobState.FAILED),
        JobFilter(visibility=Visibility.TEAM),
        JobFilter(in_trash=True),
        JobFilter(in_trash=True, owner="ann"),
    )
    for ages in ([0], range(60 * 24 * 40, 60 * 24 * 200, 2000)):  # minutes: half a year
        for age in ages:
            store.add(job(-age, state=JobState.SUCCEEDED, visibility=Visibility.TEAM))
            store.add(job(-age, state=JobState.SUCCEEDED, trashed_at=NOW))
        asked.clear()
        for which in views:
            store.page(which, 50)
            store.page(which, 1)
        store.trashed_before(NOW, 50)
        assert asked == ["Query"] * 13
    store.close()


def test_a_foreign_cursor_is_refused(store: JobStore) -> None:
    with pytest.raises(InvalidInput):
        store.page(JobFilter(), cursor="../x")


SCORES = (0.25, None, 0.75, 1.0, 0.75, 0.0, 0.1 + 0.2)
"""Of seven jobs, the oldest first."""


@pytest.mark.parametrize(
    ("changes", "order"),
    [
        ({}, [3, 4, 2, 6, 0, 5]),
        ({"min_pose_score": 0.75}, [3, 4, 2]),
        ({"owner": "bob"}, [4]),
        ({"visibility": Visibility.TEAM}, [4, 0]),
        ({"state": JobState.FAILED}, []),
    ],
    ids=["all", "minimum", "owner", "team", "state"],
)
def test_the_whole_list_goes_by_pose_score(
    store: JobStore, changes: dict[str, Any], order: list[int]
) -> None:
    jobs = [
        job(
            n,
            pose_score=score,
            state=JobState.SUCCEEDED,
            owner="bob" if n == 4 else "ann",
            visibility=Visibility.TEAM if n in {0, 1, 4} else Visibility.PRIVATE,
        )
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


def test_a_job_leaves_the_teams_list_with_its_visibility(store: JobStore) -> None:
    which, first = JobFilter(visibility=Visibility.TEAM), job()
    store.add(first)
    assert store.page(which).jobs == ()
    for visibility, seen in ((Visibility.TEAM, [first.id]), (Visibility.PRIVATE, [])):
        store.update(first.id, {JobState.QUEUED}, {"visibility": visibility})
        assert [one.id for one in store.page(which).jobs] == seen


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (JobFilter(), [0, 2]),
        (JobFilter(in_trash=True), [1, 3]),
        (JobFilter(in_trash=True, owner="ann"), [3]),
        (JobFilter(in_trash=True, owner="ann", state=JobState.SUCCEEDED), []),
        (JobFilter(in_trash=True, state=JobState.SUCCEEDED), [1]),
        (JobFilter(in_trash=True, visibility=Visibility.TEAM), [1]),
        (JobFilter(in_trash=True, order=JobOrder.POSE_SCORE), [1, 3]),
        (JobFilter(order=JobOrder.POSE_SCORE), [0]),
        (JobFilter(state=JobState.FAILED), [2]),
        (JobFilter(owner="bob"), []),
        (JobFilter(visibility=Visibility.TEAM), [0]),
    ],
    ids=str,
)
def test_the_trash_is_a_list_of_its_own(
    store: JobStore, which: JobFilter, expected: list[int]
) -> None:
    done: dict[str, Any] = {"state": JobState.SUCCEEDED, "pose_score": 0.5}
    team, trashed = {"visibility": Visibility.TEAM}, {"trashed_at": NOW}
    jobs = [
        job(0, **done, **team),
        job(-1, owner="bob", **done, **team, **trashed),
        job(-2, state=JobState.FAILED),
        job(-3, state=JobState.FAILED, **trashed),
    ]
    for one in jobs:
        store.add(one)
    seen, cursor = [], None
    while True:
        page = store.page(which, 1, cursor)
        seen += [jobs.index(one) for one in page.jobs]
        if page.cursor is None:
            break
        cursor = page.cursor
    assert seen == expected


def test_a_job_comes_out_of_the_trash_as_it_was(store: JobStore) -> None:
    first = job(state=JobState.SUCCEEDED, pose_score=0.5, visibility=Visibility.TEAM)
    store.add(first)
    for trashed_at in (NOW, None):
        store.update(first.id, {JobState.SUCCEEDED}, {"trashed_at": trashed_at})
        for order in JobOrder:
            lists = [
                store.page(JobFilter(order=order, in_trash=each)).jobs for each in (False, True)
            ]
            assert [len(jobs) for jobs in lists] == ([0, 1] if trashed_at else [1, 0])
    assert store.get(first.id) == first


def test_what_was_put_into_the_trash_first_comes_first(store: JobStore) -> None:
    days = (3, 40, 31, 30)
    jobs = [job(-n, trashed_at=NOW - timedelta(days=n), state=JobState.FAILED) for n in days]
    for one in (*jobs, job(-50, state=JobState.FAILED)):
        store.add(one)
    found = store.trashed_before(NOW - timedelta(days=30))
    assert [jobs.index(one) for one in found] == [1, 2]
    assert store.trashed_before(NOW, 1) == (jobs[1],)
