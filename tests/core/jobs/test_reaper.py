"""Every open job ends: the reasons for which one is lost, one by one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.endpoints.service import Endpoint, EndpointStatus
from core.jobs.reaper import JobObservation, Reaper
from core.jobs.records import FailureReason, Job, JobFailure, JobState
from core.settings import Settings
from formats.generation.parameters import Mode

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SETTINGS = Settings(heartbeat_seconds=45, request_ttl_seconds=600)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def job(**changes: Any) -> Job:
    fields: dict[str, Any] = {
        "id": "01JD8Z5M3Q8V4T0W9X2Y7R6N5K",
        "owner": "ann",
        "endpoint": "demo",
        "created_at": ago(5),
        "updated_at": NOW,
        "mode": Mode.TXT2IMG,
        "checkpoint": "a",
        "prompt": "",
    }
    return Job(**{**fields, **changes})


def endpoint(status: EndpointStatus) -> Endpoint:
    return Endpoint(
        name="demo",
        status=status,
        instance_type="ml.m5.large",
        instances=1,
        desired=1,
        created_at=NOW,
        changed_at=NOW,
        failure_reason="No capacity.",
    )


WORKING = endpoint(EndpointStatus.IN_SERVICE)


def loss(
    changes: dict[str, Any], observation: JobObservation, found: Endpoint | None = WORKING
) -> JobFailure | None:
    return Reaper(SETTINGS, lambda _name: found).loss_reason(job(**changes), observation, NOW)


@pytest.mark.parametrize(
    ("changes", "heartbeat", "reason"),
    [
        ({"state": JobState.RUNNING}, 44, None),
        ({"state": JobState.RUNNING}, 46, FailureReason.WORKER_LOST),
        ({}, None, None),
        ({"created_at": ago(121)}, None, FailureReason.NOT_SENT),
        ({"created_at": ago(999), "sent_at": ago(650)}, None, None),
        ({"created_at": ago(999), "sent_at": ago(661)}, None, FailureReason.EXPIRED),
        ({"sent_at": ago(1)}, None, None),
    ],
)
def test_how_long_a_job_may_go_without_a_sign(
    changes: dict[str, Any], heartbeat: float | None, reason: FailureReason | None
) -> None:
    heard = ago(heartbeat) if heartbeat else None
    lost = loss(changes, JobObservation(since=ago(1), heartbeat_at=heard))
    assert (lost.code if lost else None) == reason


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (None, "demo was deleted"),
        (endpoint(EndpointStatus.DELETING), "demo was deleted"),
        (endpoint(EndpointStatus.FAILED), "demo failed while the job waited: No capacity."),
        (endpoint(EndpointStatus.UPDATING), None),
        (WORKING, None),
    ],
)
def test_a_queue_of_a_dead_endpoint_is_lost(found: Endpoint | None, says: str | None) -> None:
    lost = loss({"sent_at": ago(1)}, JobObservation(since=ago(1)), found)
    assert (lost.code if lost else None) == (FailureReason.ENDPOINT_GONE if says else None)
    assert (says or "") in (lost.message if lost else "")
    running = loss({"state": JobState.RUNNING}, JobObservation(since=ago(1)), found)
    assert running is None, "a job that runs has left the queue"


def test_a_restarted_dashboard_waits_before_it_gives_up() -> None:
    """It has not heard of the job yet; the wait begins with its own first poll."""
    running = {"state": JobState.RUNNING}
    assert loss(running, JobObservation(since=ago(44))) is None
    assert loss(running, JobObservation(since=ago(46)))
