"""Who asks for what, and when: nobody for jobs that nobody looks at, and one dashboard for all."""

from collections.abc import Callable

import pytest

from core.jobs.records import FailureReason, Job, JobState
from tests.core.jobs.conftest import Workshop
from tests.core.jobs.following.conftest import PREVIEW, Dashboard, beat, seconds

Dashboards = Callable[..., Dashboard]


def record(shop: Workshop, job: Job) -> Job:
    found = shop.store.get(job.id)
    assert found
    return found


def test_progress_is_read_only_while_somebody_looks(
    workshop: Workshop, dashboards: Dashboards
) -> None:
    board = dashboards()
    job = workshop.job(sent_at=workshop.now, state=JobState.RUNNING)
    reads = []
    for second in seconds(workshop, 40, board):
        beat(workshop, job, step=second)
        reads.append(board.calls["GetObject"])
        if 10 <= second < 20:
            board.follower.look(record(workshop, job))
    before, while_looked, after = reads[9], reads[20] - reads[10], reads[39] - reads[27]
    assert (before, after) == (1, 1), "each sweep reads what has changed"
    assert while_looked >= 9
    shown = board.follower.look(record(workshop, job))
    assert shown.step > 20
    assert board.follower.preview(job.id) == PREVIEW
    assert record(workshop, job).step == 0, "a record is not written for each step"


@pytest.mark.parametrize("tells", [True, False])
def test_a_start_and_an_end_that_are_looked_at_need_no_message(
    workshop: Workshop, dashboards: Dashboards, tells: bool
) -> None:
    board = dashboards(tells=tells)
    job = workshop.job(sent_at=workshop.now)
    board.follower.watch(job)
    began, ended = [], []
    for second in seconds(workshop, 30, board):
        state = board.follower.look(record(workshop, job)).state
        began += [second] if state is JobState.RUNNING else []
        ended += [second] if not state.is_open else []
        if second == 5:
            beat(workshop, job)
        if second == 12:
            workshop.write_result(job)
            beat(workshop)
    assert began[0] - 5 <= 3
    assert ended[0] - 12 <= 2
    assert board.follower.open_jobs() == ()


def test_a_second_dashboard_does_not_double_the_sweep(
    workshop: Workshop, dashboards: Dashboards
) -> None:
    first, second = dashboards(), dashboards()
    workshop.job(sent_at=workshop.now)
    for _ in seconds(workshop, 60, first, second):
        pass
    assert first.calls["ListObjectsV2"] >= 10
    assert second.calls["ListObjectsV2"] == 0
    assert len(second.follower.open_jobs()) == 1, "its pages know of the job all the same"
    assert first.calls["PutItem"] <= 7, "the lease is renewed seldom"


def test_what_a_dead_dashboard_left_is_found_by_another(
    workshop: Workshop, dashboards: Dashboards
) -> None:
    first, second = dashboards(), dashboards()
    job = workshop.job(sent_at=workshop.now, state=JobState.RUNNING)
    for _ in seconds(workshop, 20, first, second):
        beat(workshop, job)
    workshop.write_result(job)  # and its message is lost with the first dashboard
    for _ in seconds(workshop, 60, second):
        pass
    assert workshop.state(job) is JobState.SUCCEEDED
    assert second.follower.open_jobs() == ()


def test_another_dashboard_is_the_one_that_ends_a_lost_job(
    workshop: Workshop, dashboards: Dashboards
) -> None:
    """Only time that the new one observed counts: it was not there before."""
    first, second = dashboards(), dashboards()
    job = workshop.job(sent_at=workshop.now, state=JobState.RUNNING)
    for _ in seconds(workshop, 40, first, second):
        pass
    states = []
    for _ in seconds(workshop, 120, second):
        states.append(workshop.state(job))
    assert states[70] is JobState.RUNNING
    failure = record(workshop, job).failure
    assert failure
    assert failure.code is FailureReason.WORKER_LOST


def test_an_end_that_another_dashboard_wrote_is_shown_by_who_looks(
    workshop: Workshop, dashboards: Dashboards
) -> None:
    first, second = dashboards(), dashboards()
    job = workshop.job(sent_at=workshop.now, state=JobState.RUNNING)
    for _ in seconds(workshop, 3, first, second):
        second.follower.look(record(workshop, job))
    workshop.write_result(job)
    first.reconciler.end(job.id, "")
    assert second.follower.look(record(workshop, job)).state is JobState.SUCCEEDED
    assert second.follower.open_jobs() == ()


def test_the_late_result_of_a_cancelled_job_is_read(
    workshop: Workshop, dashboards: Dashboards
) -> None:
    board = dashboards()
    job = workshop.job(sent_at=workshop.now, state=JobState.RUNNING)
    for _ in seconds(workshop, 3, board):
        pass
    cancelled = workshop.store.update(job.id, {job.state}, {"state": JobState.CANCELLED})
    assert cancelled
    board.follower.watch(cancelled)
    workshop.write_result(job, pictures=3)
    for _ in seconds(workshop, 15, board):
        pass
    assert record(workshop, job).image_count == 3
