"""What is handed on, when, by whom: with the real stores and every invocation counted."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from core.ids import new_id
from core.jobs.inputs.storing import store_inputs
from core.jobs.records import FailureReason, Job, JobState
from formats.generation.request import GenerationRequest
from tests.core.jobs.conftest import Workshop
from tests.core.jobs.following.conftest import beat
from tests.core.jobs.sending.conftest import Line, LineDashboard
from tests.core.jobs.sending.test_throttled_sends import Answers
from tests.support.faulty_aws import refuse


def record(shop: Workshop, job: Job) -> Job:
    found = shop.store.get(job.id)
    assert found
    return found


def pass_seconds(line: Line, count: int, *boards: LineDashboard) -> None:
    """So many seconds in which these dashboards poll, in steps that leave no gap."""
    for _ in range(0, count, 5):
        for board in boards:
            board.poll()
        line.shop.now += timedelta(seconds=5)


def test_a_single_click_is_sent_at_once(line: Line) -> None:
    job = line.dashboard().submit("a")
    assert line.invoked == [job.id]
    sent = record(line.shop, job)
    assert (sent.sent_at, sent.is_in_line) == (line.shop.now, False)


def test_an_error_on_the_way_leaves_the_job_in_the_line(line: Line) -> None:
    board = line.dashboard()
    usual = board.dispatcher.holds.maintenance

    def broken() -> str:
        board.dispatcher.holds.maintenance = usual
        raise RuntimeError("once")

    board.dispatcher.holds.maintenance = broken
    job = board.submit("a")
    assert (line.invoked, record(line.shop, job).is_in_line) == ([], True)
    board.poll()
    assert line.invoked == [job.id]


def test_what_is_beyond_the_room_waits_and_follows_an_end(line: Line) -> None:
    board = line.dashboard(most=2)
    jobs = [board.submit("a") for _ in range(4)]
    assert line.invoked == [job.id for job in jobs[:2]]
    assert [record(line.shop, job).is_in_line for job in jobs] == [False, False, True, True]
    line.end_oldest(board)
    line.end_oldest(board)
    assert line.invoked == [job.id for job in jobs]


@pytest.mark.parametrize(
    ("clicks", "order"),
    [
        ("aaaaaaaaaab", "aabaaaaaaaa"),  # ten of a, then b's one: it is the next
        ("aaaabbbb", "aabababb"),
        ("aaabc", "aabca"),
    ],
)
def test_owners_take_turns(line: Line, clicks: str, order: str) -> None:
    board = line.dashboard(most=2)
    for owner in clicks:
        board.submit(owner)
    for _ in clicks:
        line.end_oldest(board)
    assert line.owners() == order


def test_an_admins_job_is_the_next(line: Line) -> None:
    board = line.dashboard(most=1)
    for _ in range(3):
        board.submit("a")
    for _ in range(2):
        board.submit("z", has_priority=True)
    for _ in range(5):
        line.end_oldest(board)
    assert line.owners() == "azaza"


def test_a_held_queue_lets_others_pass_and_goes_on_later(line: Line) -> None:
    board, other = line.dashboard(most=1), line.dashboard(most=1)
    other.dispatcher.holds.hold("a")
    line.shop.now += timedelta(seconds=11)  # until the other dashboard asks again
    board.submit("a")
    board.submit("b")
    board.poll()
    assert line.owners() == "b"
    line.end_oldest(board)
    board.dispatcher.holds.resume("a")
    board.follower.wake()
    board.poll()
    assert line.owners() == "ba"


def test_in_maintenance_only_admins_jobs_begin(line: Line) -> None:
    board = line.dashboard(most=2)
    board.maintenance.append("New disks.")
    board.submit("a")
    board.submit("z", has_priority=True)
    assert line.owners() == "z"
    board.maintenance.clear()
    board.follower.wake()
    board.poll()
    assert line.owners() == "za"


def test_two_dashboards_send_each_job_once(line: Line) -> None:
    boards = [line.dashboard(most=0), line.dashboard(most=0)]
    jobs = [boards[n % 2].submit("ab"[n % 2]) for n in range(20)]
    for board in boards:
        board.dispatcher._limits.note("team", board.limit.model_copy(update={"jobs": 50}))
        line.shop.now += timedelta(seconds=1)
        board.follower._sweep_all()  # both know of all
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda board: board.dispatcher._hand_on(), boards))
    for board in boards:
        board.settle()
    assert line.count() == {job.id: 1 for job in jobs}


def test_what_a_stopped_dashboard_left_is_sent_by_another(line: Line) -> None:
    """A rolling update: nothing is lost, nothing sent again."""
    old = line.dashboard(most=2)
    jobs = [old.submit("a") for _ in range(5)]
    old.close()
    new = line.dashboard(most=2)
    new.poll()
    for _ in jobs:
        line.end_oldest(new)
    pass_seconds(line, 300, new)
    assert line.count() == {job.id: 1 for job in jobs}
    assert {line.shop.state(job) for job in jobs} == {JobState.SUCCEEDED}


def test_a_claim_of_a_dead_dashboard_is_taken_over(line: Line) -> None:
    shop, board = line.shop, line.dashboard()
    claimed = shop.job(stored_at=shop.now, sent_at=shop.now, claimed_by=new_id())
    pass_seconds(line, 115, board)
    assert line.invoked == []
    pass_seconds(line, 20, board)
    assert line.invoked == [claimed.id]
    pass_seconds(line, 200, board)
    assert line.count() == {claimed.id: 1}
    assert record(shop, claimed).claimed_by == ""


def test_a_job_that_began_or_is_known_to_be_sent_is_not_taken_over(line: Line) -> None:
    shop, board = line.shop, line.dashboard(most=3)
    shop.job(stored_at=shop.now, sent_at=shop.now)
    began = shop.job(
        stored_at=shop.now, sent_at=shop.now, claimed_by=new_id(), state=JobState.RUNNING
    )
    for step in range(60):
        beat(shop, began, step=step)
        pass_seconds(line, 5, board)
    assert line.invoked == []


def test_a_claim_ends_soon_after_the_job_was_sent(line: Line) -> None:
    board = line.dashboard()
    board.sender.tells_of = lambda _endpoint: True
    job = board.submit("a")
    assert record(line.shop, job).claimed_by == board.dispatcher._claims.me
    pass_seconds(line, 15, board)
    board.dispatcher.close()
    assert record(line.shop, job).claimed_by == ""
    assert line.count() == {job.id: 1}


@pytest.mark.parametrize("is_stored", [True, False])
def test_a_dashboard_that_died_before_the_line(line: Line, *, is_stored: bool) -> None:
    """What lies complete in S3 is sent, by whomever; the rest ends with the reason."""
    shop, board = line.shop, line.dashboard()
    job = shop.job(bucket=shop.storage.bucket)
    if is_stored:
        request = GenerationRequest(id=job.id, checkpoint="a.safetensors", prompt="a dog", seed=1)
        store_inputs(shop.storage, request, ())
    pass_seconds(line, 150, board)
    assert line.invoked == ([job.id] if is_stored else [])
    failure = record(shop, job).failure
    assert (failure.code if failure else None) == (None if is_stored else FailureReason.NOT_SENT)


def test_a_cancelled_job_is_not_sent_and_makes_room(line: Line) -> None:
    board = line.dashboard(most=1)
    first, second, third = (board.submit("a") for _ in range(3))
    cancelled = {"state": JobState.CANCELLED, "updated_at": line.shop.now}
    line.shop.store.update(second.id, {JobState.QUEUED}, cancelled)  # at another dashboard
    line.end_oldest(board)
    board.poll()
    assert line.invoked == [first.id, third.id]


def test_a_refused_job_makes_room(line: Line) -> None:
    board = line.dashboard(most=1)
    board.maintenance.append("wait")
    jobs = [board.submit("a") for _ in range(2)]
    answers = Answers([refuse(400, "ValidationError", "Not this one."), line._count])
    line.shop.account.faults["/async-invocations"] = answers
    board.maintenance.clear()
    board.follower.wake()
    board.poll()
    board.poll()
    assert [line.shop.state(job) for job in jobs] == [JobState.FAILED, JobState.QUEUED]
    assert line.invoked == [jobs[1].id]


def test_positions_follow_the_turns(line: Line) -> None:
    board = line.dashboard(most=1)
    board.submit("a")
    waiting = [board.submit(owner) for owner in "aab"]
    found = board.dispatcher.positions("team")
    assert [found[job.id] for job in waiting] == [(2, 0), (3, 1), (1, 0)]
