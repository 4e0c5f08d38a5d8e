"""What a user can do with the line: see a place in it, move a job up, hold or cancel their own."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, NamedTuple

from core.errors import Conflict, NotFound
from core.ids import Clock
from core.jobs.following.follower import Follower
from core.jobs.records import Job, JobState
from core.jobs.sending.dispatcher import JobDispatcher
from core.jobs.sending.line import LinePosition
from core.jobs.store.authorized import AuthorizedJobs
from core.team.access import Access, Act
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action, Item, Kind
from core.team.users import User
from core.texts.jobs import jobs as texts

_FRESH: Final = timedelta(seconds=1)
_WORKERS: Final = 8

Cancel = Callable[[User, str], Job]
"""Stops a job; raises Conflict where it is over, NotFound where it is gone."""


class WaitingState(NamedTuple):
    """Why a job waits in the line: its position there, or what holds it."""

    position: LinePosition | None
    is_held: bool = False
    """Its owner holds their queue."""
    maintenance: str = ""
    """Why nothing begins now; empty where this job may."""


class JobLine:
    """The line for everybody; each change passes the permission check with its user."""

    def __init__(
        self,
        jobs: AuthorizedJobs,
        follower: Follower,
        dispatcher: JobDispatcher,
        access: Access,
        cancel: Cancel,
        clock: Clock,
    ) -> None:
        self._jobs = jobs
        self._follower = follower
        self._dispatcher = dispatcher
        self._holds = dispatcher.holds
        self._access = access
        self._cancel = cancel
        self._clock = clock
        self._lock = Lock()
        self._positions: dict[str, tuple[Mapping[str, LinePosition], datetime]] = {}

    def state_of(self, job: Job) -> WaitingState | None:
        """What a job waits for in the line; None for one that was sent, or is still stored."""
        if not job.is_in_line:
            return None
        return WaitingState(
            position=self._positions_at(job.endpoint).get(job.id),
            is_held=job.owner in self._holds.owners(),
            maintenance="" if job.has_priority else self._holds.maintenance(),
        )

    def waiting(self, user: User) -> tuple[Job, ...]:
        """The user's own jobs that wait, from the shared snapshot."""
        jobs = self._follower.open_jobs()
        return tuple(job for job in jobs if job.is_in_line and job.owner == user.name)

    def holds(self, user: User) -> bool:
        """Whether the user holds their queue."""
        return user.name in self._holds.owners()

    def move_to_front(self, user: User, job_id: str) -> Job:
        """Send a job before its owner's others. Raises NotFound, NotAllowed, Conflict where it
        waits no more."""
        acting, event = self._jobs.acting, AuditEvent.PRIORITIZE
        with acting(user, job_id, Action.CHANGE, event) as job:
            return self._jobs.view(user, self._move_to_front(job))

    def _move_to_front(self, job: Job) -> Job:
        now = self._clock()
        changes = {"moved_at": now, "updated_at": now}
        moved = self._jobs.store.update(
            job.id, {JobState.QUEUED}, changes, lambda found: found.is_in_line
        )
        if moved is None:
            raise Conflict(texts.WAITS_NO_MORE)
        self._changed(moved)
        return moved

    def hold(self, user: User) -> None:
        """Keep the user's jobs in the line; those that were sent go on. Raises NotAllowed."""
        with self._acting(user, AuditEvent.HOLD):
            self._holds.hold(user.name)

    def resume(self, user: User) -> None:
        """Send the user's jobs again. Raises NotAllowed."""
        with self._acting(user, AuditEvent.RESUME):
            self._holds.resume(user.name)
        self._follower.wake()

    def cancel_all(self, user: User) -> int:
        """Cancel all of the user's own open jobs. Returns how many; one that ends meanwhile is none
        of them. Raises NotAllowed, AwsError."""
        with self._acting(user, AuditEvent.CANCEL):
            return self._cancel_own(user)

    def _cancel_own(self, user: User) -> int:
        jobs = {job.id: job for job in (*self._jobs.store.open_jobs(), *self._follower.open_jobs())}
        own = [job for job in jobs.values() if job.owner == user.name and not job.cancelling]

        def cancel(job: Job) -> bool:
            with suppress(Conflict, NotFound):
                self._cancel(user, job.id)
                return True
            return False

        # The last in line first, so that none of them is sent meanwhile.
        own.sort(key=lambda job: job.id, reverse=True)
        with ThreadPoolExecutor(_WORKERS) as pool:
            return sum(pool.map(cancel, own))

    def _positions_at(self, endpoint: str) -> Mapping[str, LinePosition]:
        """As of a second ago: a list asks for each of its rows."""
        now = self._clock()
        with self._lock:
            found, at = self._positions.get(endpoint, ({}, None))
            if at is None or not timedelta() <= now - at < _FRESH:
                found = self._dispatcher.positions(endpoint)
                self._positions[endpoint] = found, now
            return found

    def _changed(self, job: Job) -> None:
        with self._lock:
            self._positions.clear()
        self._follower.watch(job)

    def _acting(self, user: User, event: AuditEvent) -> AbstractContextManager[Act]:
        own = Item(kind=Kind.JOB, owner=user.name)
        return self._access.acting(user, Action.CHANGE, own, event=event)
