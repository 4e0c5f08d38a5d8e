"""A job whose invocation AWS throttles is sent again, or ends with the reason; never both."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from threading import Event

import pytest

from core.aws.client import Aws
from core.aws.storage import Storage
from core.jobs.records import FailureReason, Job, JobState
from core.jobs.sending.sender import Sender
from core.jobs.store.dynamodb import DynamoJobStore
from formats.generation.request import GenerationRequest
from tests.core.jobs.conftest import Workshop
from tests.core.jobs.conftest import send as hand_over
from tests.support.faulty_aws import Answer, Call, Fault, lose_answer, refuse
from tests.support.helpers import wait_for

INVOKE = "/async-invocations"
HAND_OVER = "DynamoDB_20120810.PutItem"
THROTTLED = refuse(400, "ThrottlingException", "Rate exceeded")
DELAYS = [2, 4, 8, 16, 16]


class Waits(Event):
    """Waits that are over at once, at so many seconds of the workshop's time."""

    def __init__(self, workshop: Workshop, meanwhile: Callable[[], object] = lambda: None) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._workshop = workshop
        self._meanwhile = meanwhile

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout or 0)
        self._workshop.now += timedelta(seconds=timeout or 0)
        self._meanwhile()
        return self.is_set()


class Answers:
    """The answers of successive calls, the last one for all that come after; None is AWS's own."""

    def __init__(self, faults: Iterable[Fault | None]) -> None:
        self._faults = list(faults)
        self.calls = 0

    def __call__(self, call: Call) -> Answer:
        fault = self._faults[min(self.calls, len(self._faults) - 1)]
        self.calls += 1
        return fault(call) if fault else call.forward()


def send(workshop: Workshop, waits: Event, faults: dict[str, Fault], job: Job | None = None) -> Job:
    """The record of a job after it was sent to such an AWS."""
    job = job or workshop.job()
    request = GenerationRequest(id=job.id, checkpoint="a.safetensors", prompt="a dog", seed=1)
    workshop.account.faults.update(faults)
    sender = Sender(workshop.aws, workshop.storage, workshop.claims, 600, waits)
    hand_over(sender, job, request)
    sender.close()
    workshop.account.faults.clear()
    found = workshop.store.get(job.id)
    assert found
    return found


@pytest.mark.parametrize(
    "fault",
    [
        THROTTLED,
        refuse(429, "TooManyRequestsException"),
        refuse(503, "ServiceUnavailable"),
        refuse(503, "anything"),
    ],
)
def test_a_throttled_job_is_sent_again(workshop: Workshop, fault: Fault) -> None:
    begin, waits = workshop.now, Waits(workshop)
    answers = Answers([fault, fault, fault, None])
    job = send(workshop, waits, {INVOKE: answers})
    assert (job.state, job.failure, answers.calls) == (JobState.QUEUED, None, 4)
    assert waits.seconds == DELAYS[:3]
    assert job.sent_at == begin + timedelta(seconds=sum(DELAYS[:3]))
    assert job.failure_location


def test_while_it_waits_it_counts_as_not_sent(workshop: Workshop) -> None:
    job = workshop.job()
    seen: list[object] = []

    def look() -> None:
        found = workshop.store.get(job.id)
        assert found
        seen.append((found.state, found.sent_at))

    send(workshop, Waits(workshop, look), {INVOKE: Answers([THROTTLED, None])}, job)
    assert seen == [(JobState.QUEUED, None)]


def test_a_throttle_that_stays_ends_the_job(workshop: Workshop) -> None:
    waits, answers = Waits(workshop), Answers([THROTTLED])
    job = send(workshop, waits, {INVOKE: answers})
    assert (waits.seconds, answers.calls) == (DELAYS, 6)
    assert job.failure
    assert (job.state, job.sent_at) == (JobState.FAILED, None)
    assert job.failure.code is FailureReason.REJECTED
    assert "Rate exceeded (ThrottlingException). AWS takes no more calls" in job.failure.message


@pytest.mark.parametrize(
    ("faults", "state", "calls"),
    [
        ([THROTTLED, refuse(500, "InternalFailure")], JobState.QUEUED, 2),
        ([THROTTLED, lose_answer], JobState.QUEUED, 2),
        ([lose_answer], JobState.QUEUED, 1),
        ([refuse(500, "InternalFailure")], JobState.QUEUED, 1),
        ([THROTTLED, refuse(400, "ValidationError")], JobState.FAILED, 2),
    ],
)
def test_only_what_was_not_taken_is_sent_again(
    workshop: Workshop, faults: list[Fault], state: JobState, calls: int
) -> None:
    answers = Answers(faults)
    job = send(workshop, Waits(workshop), {INVOKE: answers})
    assert (job.state, answers.calls) == (state, calls)
    assert (job.sent_at is not None) is (state is JobState.QUEUED)


@pytest.mark.parametrize(
    ("step", "fault"), [("PUT /", refuse(503, "SlowDown")), (HAND_OVER, THROTTLED)]
)
def test_its_other_steps_are_tried_again_too(workshop: Workshop, step: str, fault: Fault) -> None:
    """After boto3's own tries; the clients of pages have the fewest."""
    workshop.storage = Storage(workshop.aws, workshop.storage.bucket, for_pages=True)
    workshop.store = DynamoJobStore(workshop.aws, "jobs", for_pages=True)
    waits = Waits(workshop, workshop.account.faults.clear)
    job = send(workshop, waits, {step: fault})
    assert (job.state, waits.seconds) == (JobState.QUEUED, DELAYS[:1])
    assert job.sent_at == workshop.now


def test_a_connection_that_was_never_made_is_tried_again(workshop: Workshop) -> None:
    connection = workshop.account.connection.model_copy(update={"url": "http://127.0.0.1:9"})
    workshop.aws, waits = Aws(connection), Waits(workshop)
    job = send(workshop, waits, {})
    assert (job.state, job.sent_at, waits.seconds) == (JobState.FAILED, None, DELAYS)
    assert job.failure
    assert "Check the network" in job.failure.message


def test_a_job_that_was_cancelled_meanwhile_is_not_sent(workshop: Workshop) -> None:
    job, answers = workshop.job(), Answers([THROTTLED, None])
    cancelled = {"state": JobState.CANCELLED, "updated_at": workshop.now}

    def cancel() -> None:
        workshop.store.update(job.id, {JobState.QUEUED}, cancelled)

    job = send(workshop, Waits(workshop, cancel), {INVOKE: answers}, job)
    assert (job.state, answers.calls) == (JobState.CANCELLED, 1)


def test_a_job_that_waits_is_back_in_line_when_the_dashboard_stops(workshop: Workshop) -> None:
    job, answers = workshop.job(), Answers([THROTTLED])
    request = GenerationRequest(id=job.id, checkpoint="a.safetensors", prompt="a dog", seed=1)
    workshop.account.faults[INVOKE] = answers
    sender = Sender(workshop.aws, workshop.storage, workshop.claims, 600)
    assert sender.store(job, request, ())
    sender.hand_over(job)
    wait_for(lambda: answers.calls == 1)
    sender.close()
    left = workshop.store.get(job.id)
    assert left
    assert (left.is_in_line, left.claimed_by, answers.calls) == (True, "", 1)
