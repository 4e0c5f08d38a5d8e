"""Decides when an open job is lost; every job ends, whatever happened to who worked on it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from core.endpoints.service import Endpoint, EndpointStatus
from core.jobs.records import FailureReason, Job, JobFailure, JobState
from core.settings import Settings
from core.texts.jobs import jobs as texts

_SENDING_SECONDS: Final = 120
"""A job that was not sent within this observed time belongs to a dashboard that stopped."""

_GRACE_SECONDS: Final = 60
_REAL_TIME_SECONDS: Final = 900
"""A job without an answer may wait in the container for ten others, which take a minute each."""

_LONGEST_WAIT: Final = timedelta(days=3)
"""In the line, also of who holds their queue: an image that is asked for is not forgotten there."""

_POLLS_IN_GAP: Final = 5
_HEARTBEATS_IN_GAP: Final = 3
"""Polls this many times as far apart as usual, or a third of the silence that is allowed, are a
gap. Both, so that neither a slow poll nor a short silence is taken for one."""

FindEndpoint = Callable[[str], Endpoint | None]
"""The endpoint of a name, or None where there is none."""


@dataclass
class JobObservation:
    """What one dashboard saw of a job; times are its own, so that clocks need not agree."""

    since: datetime
    """Begin of the time in which it looked without a gap."""
    heartbeat_etag: str = ""
    heartbeat_at: datetime | None = None
    looked_at: datetime | None = None

    def note_look(self, now: datetime, longest_gap: float) -> None:
        """Begin anew after a gap of more seconds, or a clock set back: a machine that slept saw
        nothing, and time in which nobody looked is no silence."""
        last = self.looked_at or self.heartbeat_at or self.since
        if not 0 <= (now - last).total_seconds() <= longest_gap:
            self.since, self.heartbeat_at = now, None
        self.looked_at = now

    def seconds(self, now: datetime) -> float:
        """How long the job has been observed without a gap."""
        return (now - self.since).total_seconds()


class Reaper:
    """Knows how long a job may wait, be silent, or stand in the queue of a dead endpoint."""

    def __init__(self, settings: Settings, find_endpoint: FindEndpoint) -> None:
        self._heartbeat_seconds = settings.heartbeat_seconds
        self._longest_gap = max(
            settings.poll_seconds * _POLLS_IN_GAP, settings.heartbeat_seconds / _HEARTBEATS_IN_GAP
        )
        self._ttl_seconds = settings.request_ttl_seconds
        self._find_endpoint = find_endpoint

    def note_look(self, observation: JobObservation, now: datetime) -> None:
        """Keep that the job was looked at; called with every poll."""
        observation.note_look(now, self._longest_gap)

    def loss_reason(
        self, job: Job, observation: JobObservation, now: datetime
    ) -> JobFailure | None:
        """Why an open job is lost, or None while it may still end by itself."""
        self.note_look(observation, now)
        if job.state is JobState.RUNNING:
            return self._silence(observation, now)
        if self.is_unsent(job, observation, now):
            return JobFailure(code=FailureReason.NOT_SENT, message=texts.NOT_SENT)
        if job.sent_at is None:
            return self._loss_in_line(job, now)
        waited = (now - job.sent_at).total_seconds() > self._ttl_seconds + _GRACE_SECONDS
        if waited and observation.seconds(now) > _GRACE_SECONDS:
            return self._expiry()
        since_sent = (now - job.sent_at).total_seconds()
        return self._endpoint_loss(job.endpoint, min(since_sent, observation.seconds(now)))

    def is_unsent(self, job: Job, observation: JobObservation, now: datetime) -> bool:
        """Whether the dashboard that should bring a job into the line has stopped."""
        if job.state is not JobState.QUEUED or job.stored_at or job.sent_at:
            return False
        return observation.seconds(now) > _SENDING_SECONDS

    def _loss_in_line(self, job: Job, now: datetime) -> JobFailure | None:
        if job.stored_at is None:
            return None
        if now - job.stored_at > _LONGEST_WAIT:
            message = texts.expired_in_line(_LONGEST_WAIT.days)
            return JobFailure(code=FailureReason.EXPIRED, message=message)
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

    def _endpoint_loss(self, name: str, seconds_since_sent: float = 0) -> JobFailure | None:
        endpoint = self._find_endpoint(name)
        if endpoint is None or endpoint.status is EndpointStatus.DELETING:
            message = texts.endpoint_deleted(name)
        elif endpoint.status is EndpointStatus.FAILED:
            message = texts.endpoint_failed(name, endpoint.failure_reason)
        elif not endpoint.is_asynchronous and seconds_since_sent > _REAL_TIME_SECONDS:
            return JobFailure(code=FailureReason.WORKER_LOST, message=texts.answer_lost(name))
        else:
            return None
        return JobFailure(code=FailureReason.ENDPOINT_GONE, message=message)
