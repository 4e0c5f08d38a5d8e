"""A verdict is carried out, and what a container writes after it is read all the same."""

from datetime import timedelta
from typing import Any

import pytest

from core.jobs.records import FailureReason, JobFailure, JobState
from formats.generation.result import ErrorCode
from formats.keys import cancel_key
from tests.core.jobs.conftest import Workshop
from tests.support.faulty_aws import Fault, refuse

LOST = JobFailure(code=FailureReason.WORKER_LOST, message="It died.")
OUT_OF_MEMORY = {"code": ErrorCode.OUT_OF_MEMORY, "message": "No memory."}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": JobState.RUNNING}, FailureReason.WORKER_LOST),
        ({}, FailureReason.NOT_SENT),
        ({"sent_at": "now"}, FailureReason.ENDPOINT_GONE),
        ({"sent_at": "long ago"}, FailureReason.ENDPOINT_GONE),
    ],
)
def test_a_verdict_stops_the_container(
    workshop: Workshop, changes: dict[str, Any], reason: FailureReason
) -> None:
    if "sent_at" in changes:
        age = timedelta(hours=9 if changes["sent_at"] == "long ago" else 0)
        changes = {"sent_at": workshop.now - age}
    job = workshop.look(workshop.job(**changes), 200)
    assert job.failure
    assert job.failure.code is reason
    assert workshop.storage.head(cancel_key(job.id))


@pytest.mark.parametrize(
    ("location", "fault"),
    [
        ("s3://another-bucket/async/failure/x.out", None),
        ("s3://my-team-bucket/async/failure/x.out", refuse(403, "AccessDenied")),
        ("no address at all", None),
    ],
)
def test_the_reaper_is_asked_whatever_the_failure_object_is(
    workshop: Workshop, location: str, fault: Fault | None
) -> None:
    if fault:
        workshop.account.faults["GET /my-team-bucket/async/"] = fault
    job = workshop.look(workshop.job(sent_at=workshop.now, failure_location=location), 200)
    assert job.failure
    assert job.failure.code is FailureReason.ENDPOINT_GONE


@pytest.mark.parametrize(
    ("before", "result", "state", "images", "code"),
    [
        ({"state": "failed", "failure": LOST}, {}, "succeeded", 1, FailureReason.WORKER_LOST),
        (
            {"state": "failed", "failure": LOST},
            {"outcome": "failed", "failure": OUT_OF_MEMORY, "pictures": 0},
            "failed",
            0,
            ErrorCode.OUT_OF_MEMORY,
        ),
        (
            {"state": "failed", "failure": LOST},
            {"outcome": "cancelled"},
            "failed",
            1,
            FailureReason.WORKER_LOST,
        ),
        ({"state": "cancelled"}, {}, "cancelled", 1, None),
        ({"state": "succeeded", "image_count": 1}, {"pictures": 2}, "succeeded", 1, None),
    ],
)
def test_a_result_after_the_verdict_is_read(
    workshop: Workshop,
    before: dict[str, Any],
    result: dict[str, Any],
    state: str,
    images: int,
    code: object,
) -> None:
    job = workshop.job(**before)
    workshop.late.expect(job)
    workshop.sweep.run(())
    workshop.write_result(job, **result)
    workshop.now += timedelta(seconds=10)
    workshop.sweep.run(())
    settled = workshop.store.get(job.id)
    assert settled
    assert (settled.state, settled.image_count) == (state, images)
    assert (settled.failure.code if settled.failure else None) == code
    assert bool(workshop.ended) is (state != job.state.value)


def test_a_job_that_was_lost_and_finished_is_told_once(workshop: Workshop) -> None:
    job = workshop.look(workshop.job(state=JobState.RUNNING), 100)
    assert job.state is JobState.FAILED
    workshop.write_result(job)
    workshop.late.expect(job)
    for _ in range(3):
        workshop.now += timedelta(seconds=10)
        workshop.sweep.run(())
    assert [ended.state for ended in workshop.ended] == [JobState.FAILED, JobState.SUCCEEDED]
