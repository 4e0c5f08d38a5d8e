"""Every open job ends: the reasons for which one is lost, one by one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.endpoints.service import Endpoint, EndpointStatus
from core.jobs.following.reaper import JobObservation, Reaper
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
AT_ZERO = WORKING.model_copy(update={"accepts_jobs": True, "instances": 0, "desired": 0})
WAKING = AT_ZERO.model_copy(update={"status": EndpointStatus.UPDATING, "desired": 1})
RUNNING = {"state": JobState.RUNNING}


def loss(
    changes: dict[str, Any], observation: JobObservation, found: Endpoint | None = WORKING
) -> JobFailure | None:
    """The verdict of a dashboard that has been looking until now."""
    observation.looked_at = NOW
    return Reaper(SETTINGS, lambda _name: found).loss_reason(job(**changes), observation, NOW)


@pytest.mark.parametrize(
    ("changes", "observed", "heartbeat", "reason"),
    [
        (RUNNING, 300, 44, None),
        (RUNNING, 300, 46, FailureReason.WORKER_LOST),
        (RUNNING, 44, None, None),  # a restarted dashboard waits from its own first poll on
        (RUNNING, 46, None, FailureReason.WORKER_LOST),
        ({}, 1, None, None),
        ({"created_at": ago(999)}, 119, None, None),
        ({"created_at": ago(121)}, 121, None, FailureReason.NOT_SENT),
        ({"created_at": ago(999), "stored_at": ago(990)}, 990, None, None),  # it waits in the line
        ({"stored_at": ago(3 * 86400 - 1)}, 999, None, None),
        ({"stored_at": ago(3 * 86400 + 1)}, 999, None, FailureReason.EXPIRED),
        ({"created_at": ago(999), "sent_at": ago(650)}, 650, None, None),
        ({"created_at": ago(999), "sent_at": ago(661)}, 59, None, None),
        ({"created_at": ago(999), "sent_at": ago(661)}, 61, None, FailureReason.EXPIRED),
        ({"sent_at": ago(1)}, 1, None, None),
    ],
)
def test_how_long_a_job_may_go_without_a_sign(
    changes: dict[str, Any],
    observed: float,
    heartbeat: float | None,
    reason: FailureReason | None,
) -> None:
    heard = ago(heartbeat) if heartbeat else None
    lost = loss(changes, JobObservation(since=ago(observed), heartbeat_at=heard))
    assert (lost.code if lost else None) == reason


@pytest.mark.parametrize(
    ("looks", "is_lost"),
    [
        ((10, 20, 30, 40, 44), False),
        ((10, 20, 30, 40, 46), True),
        ((60.5,), False),  # asleep from the first look on
        ((10, 20, 30, 40, 3600), False),
        ((10, 3600, 3610, 3620, 3630, 3640, 3644), False),
        ((10, 3600, 3610, 3620, 3630, 3640, 3646), True),  # silent after it woke as well
        ((10, 20, 30, -3600), False),  # the clock was set back
        ((10, -3600, -3590, -3580, -3570, -3560, -3554), True),
    ],
)
@pytest.mark.parametrize("changes", [RUNNING, {**RUNNING, "sent_at": ago(9999)}])
def test_time_in_which_nobody_looked_is_no_silence(
    looks: tuple[float, ...], is_lost: bool, changes: dict[str, Any]
) -> None:
    """Seconds at which a dashboard looked at a job that was last heard of at 0."""
    reaper = Reaper(SETTINGS, lambda _name: WORKING)
    observation = JobObservation(since=NOW, heartbeat_at=NOW)
    verdicts = [
        reaper.loss_reason(job(**changes), observation, NOW + timedelta(seconds=at)) for at in looks
    ]
    assert verdicts[:-1] == [None] * (len(looks) - 1)
    assert (verdicts[-1] is not None) is is_lost


@pytest.mark.parametrize("changes", [{"created_at": ago(9999)}, {"sent_at": ago(9999)}])
def test_a_sleep_neither_loses_a_job_being_sent_nor_one_that_waits(changes: dict[str, Any]) -> None:
    reaper = Reaper(SETTINGS, lambda _name: WORKING)
    observation = JobObservation(since=ago(9999), looked_at=ago(9999))
    assert reaper.loss_reason(job(**changes), observation, NOW) is None


@pytest.mark.parametrize(
    ("found", "says"),
    [
        (None, "demo was deleted"),
        (endpoint(EndpointStatus.DELETING), "demo was deleted"),
        (endpoint(EndpointStatus.FAILED), "demo failed while the job waited: No capacity."),
        (endpoint(EndpointStatus.UPDATING), None),
        (AT_ZERO, None),
        (WAKING, None),
        (WORKING, None),
    ],
)
@pytest.mark.parametrize("since", ["sent_at", "stored_at"])
def test_a_queue_of_a_dead_endpoint_is_lost(
    found: Endpoint | None, says: str | None, since: str
) -> None:
    lost = loss({since: ago(1)}, JobObservation(since=ago(1)), found)
    assert (lost.code if lost else None) == (FailureReason.ENDPOINT_GONE if says else None)
    assert (says or "") in (lost.message if lost else "")
    if found in (AT_ZERO, WAKING):  # it may take longer than any silence that is allowed
        assert loss({"sent_at": ago(500)}, JobObservation(since=ago(500)), found) is None
    running = loss(RUNNING, JobObservation(since=ago(1)), found)
    assert running is None, "a job that runs has left the queue"
