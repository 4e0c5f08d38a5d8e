"""Chooses what is sent next from the open jobs of an endpoint, and remembers whose turn it was."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from core.jobs.records import Job
from core.jobs.sending.line import in_order, last_served

_SETTLE: Final = timedelta(seconds=10)
"""For so long a listing may not know yet that a job was sent."""


class Turns:
    """The turns as one dashboard gave them; of others' it knows what open jobs tell."""

    def __init__(self) -> None:
        self._chosen: dict[str, datetime | None] = {}
        """Jobs that are being sent here, and until when the open jobs may not show that they
        were."""
        self._served: dict[str, dict[str, datetime]] = {}
        self._after_priority: dict[str, bool] = {}

    def choose(
        self, endpoint: str, jobs: Sequence[Job], sendable: Sequence[Job], most: int, now: datetime
    ) -> list[Job]:
        """Take from the line what has its turn of what may be `sendable` of all open jobs, so that
        at most so many are under way."""
        self._forget_settled(now)
        line = [job for job in sendable if job.id not in self._chosen]
        under_way = sum(job.sent_at is not None or job.id in self._chosen for job in jobs)
        chosen = list(islice(self.order(endpoint, line), max(0, most - under_way)))
        for number, job in enumerate(chosen):
            self.begin(job)
            at = now + timedelta(microseconds=number)
            self._served.setdefault(endpoint, {})[job.owner] = at
            self._after_priority[endpoint] = job.has_priority
        return chosen

    def is_free(self, job: Job, now: datetime) -> bool:
        """Whether the job is not being sent here."""
        self._forget_settled(now)
        return job.id not in self._chosen

    def begin(self, job: Job) -> None:
        """The job is being sent here, whoever had chosen it."""
        self._chosen[job.id] = None

    def end(self, job: Job, now: datetime) -> None:
        """The job was sent, or could not be."""
        self._chosen[job.id] = now + _SETTLE

    def order(self, endpoint: str, jobs: Sequence[Job]) -> Iterator[Job]:
        """Those of an endpoint's jobs that wait, in the order of their turns."""
        sent = [job for job in jobs if job.sent_at]
        served = last_served(sent)
        for owner, at in self._served.get(endpoint, {}).items():
            served[owner] = max(at, served.get(owner, at))
        latest = max(sent, key=lambda job: job.sent_at or job.created_at, default=None)
        after_priority = self._after_priority.get(
            endpoint, latest.has_priority if latest else False
        )
        return in_order(jobs, served, after_priority=after_priority)

    def _forget_settled(self, now: datetime) -> None:
        self._chosen = {i: until for i, until in self._chosen.items() if not until or until > now}
