"""Decides when an open job is lost; every job ends, whatever happened to who worked on it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.endpoints.service import Endpoint, EndpointStatus
from core.jobs.records import FailureReason, Job, JobFailure, JobState
from core.settings import Settings
from core.texts import jobs as texts

_SENDING_SECONDS: Final = 120
"""A job that was not sent within this time belongs to a dashboard that stopped."""

_GRACE_SECONDS: Final = 60
_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")

FindEndpoint = Callable[[str], Endpoint | None]
"""The endpoint of a name, or None where there is none."""


@dataclass
class JobObservation:
    """What one dashboard saw of a job; times are its own, so that clocks need not agree."""

    since: datetime
    progress_etag: str = ""
    heartbeat_at: datetime | None = None
    slow_at: datetime = _EPOCH


class Reaper:
    """Knows how long a job may wait, be silent, or stand in the queue of a dead endpoint."""

    def __init__(self, settings: Settings, find_endpoint: FindEndpoint) -> None:
        self._heartbeat_seconds = settings.heartbeat_seconds
        self._ttl_seconds = settings.request_ttl_seconds
        self._find_endpoint = find_endpoint

    def loss_reason(
        self, job: Job, observation: JobObservation, now: datetime
    ) -> JobFailure | None:
        """Why an open job is lost, or None while it may still end by itself."""
        if job.state is JobState.RUNNING:
            return self._silence(observation, now)
        if job.sent_at is None:
            return _unsent(job, now)
        if (now - job.sent_at).total_seconds() > self._ttl_seconds + _GRACE_SECONDS:
            return self._expiry()
        return self._endpoint_loss(job.endpoint)

    def _silence(self, observation: JobObservation, now: datetime) -> JobFailure | None:
        last = observation.heartbeat_at or observation.since
        silent = (now - last).total_seconds()
        if silent <= self._heartbeat_seconds:
            return None
        return JobFailure(code=FailureReason.WORKER_LOST, message=texts.worker_lost(silent))

    def _expiry(self) -> JobFailure:
        message = texts.expired(hours=self._ttl_seconds / 3600)
        return JobFailure(code=FailureReason.EXPIRED, message=message)

    def _endpoint_loss(self, name: str) -> JobFailure | None:
        endpoint = self._find_endpoint(name)
        if endpoint is None or endpoint.status is EndpointStatus.DELETING:
            message = texts.endpoint_deleted(name)
        elif endpoint.status is EndpointStatus.FAILED:
            message = texts.endpoint_failed(name, endpoint.failure_reason)
        else:
            return None
        return JobFailure(code=FailureReason.ENDPOINT_GONE, message=message)


def _unsent(job: Job, now: datetime) -> JobFailure | None:
    if (now - job.created_at).total_seconds() <= _SENDING_SECONDS:
        return None
    return JobFailure(code=FailureReason.NOT_SENT, message=texts.NOT_SENT)
