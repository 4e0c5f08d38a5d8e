"""What a user may do with the line, and what others may not."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.errors import Conflict, ContrappostoError, NotAllowed, NotFound
from core.jobs.records import Job, JobState
from core.jobs.sending.line import LinePosition
from core.jobs.sending.service import JobLine, WaitingState
from core.jobs.store.authorized import AuthorizedJobs
from core.records.dynamodb import DynamoRecordStore
from core.team.access import Access
from core.team.sharing import Sharing
from core.team.users import Role, User
from tests.core.jobs.sending.conftest import Line, LineDashboard

ANN, BEN = (User(name=name, role=Role.ARTIST) for name in ("ann", "ben"))
VIEWER = User(name="ann", role=Role.VIEWER)
OPERATOR = User(name="olga", role=Role.OPERATOR)


class Cancelled:
    """Ends a job as `Jobs.cancel` does."""

    def __init__(self, board: LineDashboard) -> None:
        self.board = board

    def __call__(self, _user: User, job_id: str) -> Job:
        ended = {"state": JobState.CANCELLED}
        job = self.board.shop.store.update(job_id, {JobState.QUEUED}, ended)
        if job is None:
            raise Conflict("over")
        self.board.follower.watch(job)
        return job


def service(board: LineDashboard) -> JobLine:
    shop, access = board.shop, Access()
    sharing = Sharing(DynamoRecordStore(shop.aws, "records"), shop.clock)
    jobs = AuthorizedJobs(shop.store, sharing, access)
    return JobLine(jobs, board.follower, board.dispatcher, access, Cancelled(board), shop.clock)


def test_a_job_is_moved_before_its_owners_others(line: Line) -> None:
    board = line.dashboard(most=1)
    lines = service(board)
    for _ in range(3):
        board.submit("ann")
    last, bens = board.submit("ann"), board.submit("ben")
    assert lines.state_of(last) is None, "only the record knows that it is stored"
    waiting = {job.id: job for job in board.follower.open_jobs()}
    assert lines.state_of(waiting[last.id]) == WaitingState(LinePosition(4, 2))
    lines.move_to_front(ANN, last.id)
    assert lines.state_of(waiting[last.id]) == WaitingState(LinePosition(2, 0))
    assert lines.state_of(waiting[bens.id]) == WaitingState(LinePosition(1, 0))
    line.end_oldest(board)
    line.end_oldest(board)
    assert line.invoked[1:] == [bens.id, last.id]


def test_what_is_sent_can_be_moved_no_more(line: Line) -> None:
    board = line.dashboard(most=1)
    job = board.submit("ann")
    with pytest.raises(Conflict, match="waits no more"):
        service(board).move_to_front(ANN, job.id)


def test_a_held_queue_says_so(line: Line) -> None:
    board = line.dashboard(most=0)
    lines = service(board)
    anns, bens = board.submit("ann"), board.submit("ben")
    lines.hold(ANN)
    assert (lines.holds(ANN), lines.holds(BEN)) == (True, False)
    waiting = {job.id: job for job in board.follower.open_jobs()}
    assert lines.state_of(waiting[anns.id]) == WaitingState(None, is_held=True)
    assert lines.state_of(waiting[bens.id]) == WaitingState(LinePosition(1, 0))
    board.maintenance.append("New disks.")
    line.shop.now += timedelta(seconds=1)
    assert lines.state_of(waiting[bens.id]) == WaitingState(None, maintenance="New disks.")
    lines.resume(ANN)
    assert not lines.holds(ANN)


def test_cancel_all_ends_ones_own_alone(line: Line) -> None:
    board = line.dashboard(most=1)
    anns = [board.submit("ann") for _ in range(5)]
    bens = board.submit("ben")
    assert service(board).cancel_all(ANN) == 5
    assert {line.shop.state(job) for job in anns} == {JobState.CANCELLED}
    assert line.shop.state(bens) is JobState.QUEUED
    board.poll()
    assert line.owners() == "annben"


@pytest.mark.parametrize(
    ("act", "error"),
    [
        (lambda lines, job: lines.move_to_front(BEN, job.id), NotFound),
        (lambda lines, job: lines.move_to_front(VIEWER, job.id), NotAllowed),
        (lambda lines, job: lines.move_to_front(OPERATOR, job.id), None),
        (lambda lines, _job: lines.hold(VIEWER), NotAllowed),
        (lambda lines, _job: lines.resume(VIEWER), NotAllowed),
        (lambda lines, _job: lines.cancel_all(VIEWER), NotAllowed),
    ],
)
def test_who_may(
    line: Line, act: Callable[[JobLine, Job], object], error: type[ContrappostoError] | None
) -> None:
    board = line.dashboard(most=0)
    lines, job = service(board), board.submit("ann")
    if error is None:
        assert act(lines, job)
        return
    with pytest.raises(error):
        act(lines, job)
    assert line.shop.state(job) is JobState.QUEUED
