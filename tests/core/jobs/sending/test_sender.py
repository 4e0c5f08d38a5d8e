"""What becomes of a job when AWS refuses, breaks off or is silent while it is sent."""

import logging

import pytest

from core.jobs.records import FailureReason, Job, JobState
from core.jobs.sending.sender import Sender
from formats.generation.request import GenerationRequest
from tests.core.jobs.conftest import Workshop, send
from tests.support.faulty_aws import Answer, Call, Fault, lose_answer, refuse

INVOKE = "/async-invocations"
WRITE = "DynamoDB_20120810.PutItem"
READ = "DynamoDB_20120810.GetItem"
DENIED = refuse(400, "AccessDeniedException", "Not you.")


def sent(workshop: Workshop, faults: dict[str, Fault]) -> Job:
    """The record of a job after it was sent to such an AWS."""
    job = workshop.job()
    request = GenerationRequest(id=job.id, checkpoint="a.safetensors", prompt="a dog", seed=1)
    workshop.account.faults.update(faults)
    claims = workshop.claims
    claims.on_end = workshop.ended.append
    sender = Sender(workshop.aws, workshop.storage, claims, 600)
    send(sender, job, request)
    sender.close()
    workshop.account.faults.clear()
    found = workshop.store.get(job.id)
    assert found
    return found


@pytest.mark.parametrize(
    "fault",
    [
        lose_answer,
        lambda _call: Answer(0, None),
        refuse(500, "InternalFailure"),
        lambda _call: Answer(202, b"{not JSON"),
    ],
)
def test_a_lost_answer_leaves_the_job_queued(workshop: Workshop, fault: Fault) -> None:
    job = sent(workshop, {INVOKE: fault})
    assert (job.state, job.failure, job.sent_at) == (JobState.QUEUED, None, workshop.now)
    workshop.write_result(job)
    assert workshop.sweep.run([job]).jobs[0].state is JobState.SUCCEEDED


@pytest.mark.parametrize(
    ("faults", "says"),
    [
        ({INVOKE: refuse(400, "ValidationError", "No such endpoint.")}, "No such endpoint."),
        ({INVOKE: refuse(403, "AccessDeniedException", "Not you.")}, "Not you."),
        ({INVOKE: refuse(400, "ValidationError", "long " * 2000)}, "long long"),
        ({"PUT /": refuse(403, "AccessDenied")}, "request.json failed"),
    ],
)
def test_a_refusal_ends_the_job_with_its_words(
    workshop: Workshop, faults: dict[str, Fault], says: str
) -> None:
    job = sent(workshop, faults)
    assert job.failure
    assert (job.state, job.failure.code) == (JobState.FAILED, FailureReason.REJECTED)
    assert says in job.failure.message
    assert job.never_ran
    assert workshop.ended == [job]


@pytest.mark.parametrize(
    ("faults", "event"),
    [
        ({READ: DENIED}, "job_not_recorded"),
        ({WRITE: DENIED}, "job_not_recorded"),
        ({INVOKE: lose_answer}, "answer_lost"),
    ],
)
def test_a_failure_of_the_sender_is_told_with_its_job(
    workshop: Workshop, faults: dict[str, Fault], event: str, caplog: pytest.LogCaptureFixture
) -> None:
    """And leaves a record that its reaper ends, with a reason that is true."""
    with caplog.at_level(logging.WARNING):
        job = sent(workshop, faults)
    assert f"event={event} job={job.id}" in caplog.text
    assert job.state is JobState.QUEUED
    ended = workshop.look(job, 200)
    assert ended.state is JobState.FAILED
    assert ended.failure
    assert ended.failure.code in (FailureReason.NOT_SENT, FailureReason.ENDPOINT_GONE)


def test_a_cancelled_job_is_not_invoked(workshop: Workshop) -> None:
    calls: list[str] = []

    def cancel_first(call: Call) -> Answer:
        job_id = call.text.split("jobs/")[1][:26]
        now = {"state": JobState.CANCELLED, "updated_at": workshop.now}
        workshop.store.update(job_id, {JobState.QUEUED}, now)
        return call.forward()

    def count(call: Call) -> Answer:
        calls.append(call.text)
        return call.forward()

    job = sent(workshop, {"/request.json": cancel_first, INVOKE: count})
    assert (job.state, calls) == (JobState.CANCELLED, [])
