"""Decides when an open job is lost; every job ends, whatever happened to who worked on it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.jobs.records import Job, JobFailure, JobState, Reason
from core.settings import Settings

_SENDING_SECONDS: Final = 120
"""A job that was not sent within this time belongs to a dashboard that stopped."""

_GRACE_SECONDS: Final = 60
_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass
class Sight:
    """What one dashboard saw of a job; times are its own, so that clocks need not agree."""

    since: datetime
    progress_etag: str = ""
    heartbeat_at: datetime | None = None
    slow_at: datetime = _EPOCH


def verdict(
    job: Job,
    sight: Sight,
    now: datetime,
    settings: Settings,
    endpoint_gone: Callable[[str], str | None],
) -> JobFailure | None:
    """Why the job is lost, or None while there is hope."""
    if job.state is JobState.RUNNING:
        return _running(sight, now, settings)
    if job.sent_at is None:
        return _unsent(job, now)
    waited = (now - job.sent_at).total_seconds()
    if waited > settings.request_ttl_seconds + _GRACE_SECONDS:
        hours = settings.request_ttl_seconds / 3600
        message = f"The job waited longer than {hours:.1f} hours. Start an instance and retry."
        return JobFailure(code=Reason.EXPIRED, message=message)
    gone = endpoint_gone(job.endpoint)
    return JobFailure(code=Reason.ENDPOINT_GONE, message=gone) if gone else None


def _running(sight: Sight, now: datetime, settings: Settings) -> JobFailure | None:
    silent = (now - (sight.heartbeat_at or sight.since)).total_seconds()
    if silent <= settings.heartbeat_seconds:
        return None
    message = (
        f"The container has not been heard of for {silent:.0f} seconds: it died or was replaced. "
        "Retry the job."
    )
    return JobFailure(code=Reason.WORKER_LOST, message=message)


def _unsent(job: Job, now: datetime) -> JobFailure | None:
    if (now - job.created_at).total_seconds() <= _SENDING_SECONDS:
        return None
    message = "The dashboard stopped before the job was sent. Retry it."
    return JobFailure(code=Reason.NOT_SENT, message=message)
