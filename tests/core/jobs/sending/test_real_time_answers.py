"""What becomes of a job by what a real-time endpoint answers."""

import json

import pytest

from core.jobs.records import FailureReason, Job, JobState
from core.jobs.sending.sender import Sender
from formats.generation.request import GenerationRequest
from tests.core.jobs.conftest import Workshop, send
from tests.core.jobs.sending.test_throttled_sends import DELAYS, Answers, Waits
from tests.support.faulty_aws import Answer, Fault, lose_answer, refuse

INVOKE = "/endpoints/team/invocations"
ANSWERED = Answer(200, b"{}")


def model_error(status: int, message: str) -> Fault:
    """SageMaker's answer where the container gave an error, or with status 0 none."""
    body = {"Message": message, "OriginalStatusCode": status, "OriginalMessage": message}
    headers = (("x-amzn-ErrorType", "ModelError"), ("Content-Type", "application/json"))
    return lambda _call: Answer(424, json.dumps(body).encode(), headers)


def sent(workshop: Workshop, *faults: Fault) -> tuple[Job, Waits, list[tuple[str, str]]]:
    """A job sent to such an endpoint, the waits meanwhile, and what was told of its answer."""
    job, waits, told = workshop.job(), Waits(workshop), list[tuple[str, str]]()
    request = GenerationRequest(id=job.id, checkpoint="a.safetensors", prompt="a dog", seed=1)
    workshop.account.faults[INVOKE] = Answers(faults)
    sender = Sender(workshop.aws, workshop.storage, workshop.claims, 600, waits)
    sender.on_answer = lambda *answer: told.append(answer)
    send(sender, job, request, is_asynchronous=False)
    sender.close()
    found = workshop.store.get(job.id)
    assert found
    return found, waits, told


@pytest.mark.parametrize(
    ("fault", "failure"),
    [(lambda _call: ANSWERED, ""), (model_error(500, "out of memory"), "out of memory")],
)
def test_an_answer_is_told_at_once(workshop: Workshop, fault: Fault, failure: str) -> None:
    job, _, told = sent(workshop, fault)
    assert told == [(job.id, failure)]
    assert (job.state, job.failure) == (JobState.QUEUED, None)  # the result itself says how it was


@pytest.mark.parametrize(
    "fault", [lose_answer, refuse(500, "InternalFailure"), model_error(0, "timed out")]
)
def test_a_lost_answer_leaves_the_job_to_its_result(workshop: Workshop, fault: Fault) -> None:
    job, _, told = sent(workshop, fault)
    assert (job.state, job.failure, told) == (JobState.QUEUED, None, [])
    assert job.sent_at == workshop.now
    workshop.write_result(job)
    assert workshop.sweep.run([job]).jobs[0].state is JobState.SUCCEEDED


@pytest.mark.parametrize("busy", [model_error(503, "busy"), refuse(503, "ServiceUnavailable")])
def test_a_busy_endpoint_is_asked_again(workshop: Workshop, busy: Fault) -> None:
    job, waits, told = sent(workshop, busy, busy, lambda _call: ANSWERED)
    assert (waits.seconds, told) == (DELAYS[:2], [(job.id, "")])


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (model_error(503, "busy"), "team is busy and has no queue"),
        (refuse(400, "ValidationError", "No such endpoint."), "No such endpoint."),
    ],
)
def test_a_refusal_ends_the_job(workshop: Workshop, fault: Fault, says: str) -> None:
    job, _, told = sent(workshop, fault)
    assert job.failure
    assert (job.state, job.failure.code) == (JobState.FAILED, FailureReason.REJECTED)
    assert (says in job.failure.message, told) == (True, [])
