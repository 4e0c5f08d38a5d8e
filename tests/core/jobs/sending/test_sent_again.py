"""A job whose answer was lost is sent again by the process that sent it, until it begins."""

from datetime import timedelta

import pytest

from core.jobs.records import Job, JobState
from tests.core.jobs.following.conftest import beat
from tests.core.jobs.sending.conftest import Line, LineDashboard
from tests.support.faulty_aws import Answer, Call, Fault, lose_answer, refuse

INVOKE = "/async-invocations"


def never_arrive(_call: Call) -> Answer:
    """As on a connection that was idle, and that AWS ends just then."""
    return Answer(0, None)


def take(call: Call) -> Answer:
    return call.forward()


class Invocations:
    """The answers of successive invocations, the last one for all that come after."""

    def __init__(self, line: Line, *answers: Fault) -> None:
        self._shop = line.shop
        self._answers = list(answers)
        self.seconds: list[int] = []
        """When they came, from the first on."""
        self._begun = line.shop.now
        line.shop.account.faults[INVOKE] = self

    def __call__(self, call: Call) -> Answer:
        answer = self._answers[min(len(self.seconds), len(self._answers) - 1)]
        self.seconds.append(round((self._shop.now - self._begun).total_seconds()))
        return answer(call)


def pass_seconds(line: Line, count: int, *boards: LineDashboard) -> None:
    for _ in range(0, count, 5):
        for board in boards:
            board.poll()
        line.shop.now += timedelta(seconds=5)


def record(line: Line, job: Job) -> Job:
    found = line.shop.store.get(job.id)
    assert found
    return found


@pytest.mark.parametrize(
    "lost",
    [never_arrive, lose_answer, refuse(500, "InternalFailure"), lambda _call: Answer(202, b"{no")],
    ids=["never arrived", "taken", "500", "unreadable"],
)
@pytest.mark.parametrize("times", [1, 3])
def test_it_is_sent_until_an_answer_comes(line: Line, lost: Fault, times: int) -> None:
    board = line.dashboard()
    invocations = Invocations(line, *[lost] * times, take)
    job = board.submit("a")
    sent_at = line.shop.now
    pass_seconds(line, 600, board)
    assert invocations.seconds == [0, 30, 90, 210][: times + 1]
    found = record(line, job)
    assert (found.state, found.sent_at, found.claimed_by) == (JobState.QUEUED, sent_at, "")


def test_waits_grow_to_two_minutes(line: Line) -> None:
    board = line.dashboard()
    invocations = Invocations(line, never_arrive)
    board.submit("a")
    pass_seconds(line, 500, board)
    assert invocations.seconds == [0, 30, 90, 210, 330, 450]


@pytest.mark.parametrize("how", ["began", "ended", "cancelled"])
def test_what_shows_a_sign_is_not_sent_again(line: Line, how: str) -> None:
    board, shop = line.dashboard(), line.shop
    invocations = Invocations(line, lose_answer)
    job = board.submit("a")
    pass_seconds(line, 10, board)
    for step in range(20):
        if how == "began":
            beat(shop, job, step=step)
        elif how == "ended":
            shop.write_result(job)
        elif step == 0:
            shop.store.update(job.id, {JobState.QUEUED}, {"state": JobState.CANCELLED})
        pass_seconds(line, 5, board)
    assert invocations.seconds == [0]


def test_a_claim_in_doubt_outlives_its_process(line: Line) -> None:
    """And is taken over as that of one that was killed."""
    first = line.dashboard()
    invocations = Invocations(line, never_arrive, take)
    job = first.submit("a")
    first.close()
    second = line.dashboard()
    pass_seconds(line, 140, second)
    assert invocations.seconds == [0, 125]
    pass_seconds(line, 10, second)
    assert record(line, job).claimed_by == ""
