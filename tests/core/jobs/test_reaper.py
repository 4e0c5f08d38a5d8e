"""Every open job ends: the reaper's verdicts, one by one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.jobs.reaper import Sight, verdict
from core.jobs.records import Job, JobState, Reason
from core.settings import Settings
from formats.generation.parameters import Mode

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SETTINGS = Settings(heartbeat_seconds=45, request_ttl_seconds=600)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def job(**changes: Any) -> Job:
    return Job(
        id="01JD8Z5M3Q8V4T0W9X2Y7R6N5K", owner="ann", endpoint="demo", updated_at=NOW,
        mode=Mode.TXT2IMG, checkpoint="a", prompt="", **{"created_at": ago(5), **changes},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "heartbeat", "gone", "reason"),
    [
        ({"state": JobState.RUNNING}, 44, None, None),
        ({"state": JobState.RUNNING}, 46, None, Reason.WORKER_LOST),
        ({"state": JobState.RUNNING}, 1, "deleted", None),
        ({}, None, None, None),
        ({"created_at": ago(121)}, None, None, Reason.NOT_SENT),
        ({"created_at": ago(999), "sent_at": ago(650)}, None, None, None),
        ({"created_at": ago(999), "sent_at": ago(661)}, None, None, Reason.EXPIRED),
        ({"sent_at": ago(1)}, None, "deleted", Reason.ENDPOINT_GONE),
        ({"sent_at": ago(1)}, None, None, None),
    ],
)
def test_verdicts(
    changes: dict[str, Any], heartbeat: float | None, gone: str | None, reason: Reason | None
) -> None:
    sight = Sight(since=ago(1), heartbeat_at=ago(heartbeat) if heartbeat else None)
    found = verdict(job(**changes), sight, NOW, SETTINGS, lambda _name: gone)
    assert (found.code if found else None) == reason


def test_a_restarted_dashboard_waits_before_it_gives_up() -> None:
    """It has not heard the job yet; the wait begins with its own first look."""
    running = job(state=JobState.RUNNING)
    assert verdict(running, Sight(since=ago(44)), NOW, SETTINGS, lambda _: None) is None
    assert verdict(running, Sight(since=ago(46)), NOW, SETTINGS, lambda _: None)
