"""Owns the trash of jobs: put a job there, take it out, delete it for good, by hand or by time."""

import logging
from datetime import timedelta
from typing import Final

from core.aws.storage import Storage
from core.errors import Conflict, ContrappostoError, NotFound
from core.ids import Clock
from core.jobs.following.late_results import LATE_SECONDS, may_end_late
from core.jobs.public_links.records import PUBLIC_LINKS
from core.jobs.records import BEING_DELETED, CLOSED_STATES, TRASH_DAYS, Job
from core.jobs.store.authorized import AuthorizedJobs
from core.jobs.store.interface import MAX_BATCH
from core.records.edit import delete_all
from core.records.interface import RecordStore
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action
from core.team.users import User
from core.texts.jobs import jobs as texts
from formats.keys import job_prefix

log = logging.getLogger(__name__)

_KEPT_FOR: Final = timedelta(days=TRASH_DAYS)
_LATE: Final = timedelta(seconds=LATE_SECONDS)


class JobTrash:
    """A mark in the job's record; its objects stay under their keys, so that nothing is copied.

    Who may delete a job may do all of this. Each call raises NotFound, NotAllowed, AwsError, and
    Conflict for an open job.
    """

    def __init__(
        self, authorized: AuthorizedJobs, records: RecordStore, storage: Storage, clock: Clock
    ) -> None:
        self._authorized = authorized
        self._store = authorized.store
        self._records = records
        self._storage = storage
        self._clock = clock

    def put(self, user: User, job_id: str) -> None:
        """Move a closed job into the trash; one that is there stays as long as it would have."""
        with self._authorized.acting(user, job_id, Action.DELETE, AuditEvent.TRASH) as job:
            if not job.is_trashed:
                self._mark(job, trashed_at=self._clock())

    def restore(self, user: User, job_id: str) -> None:
        """Take a job out of the trash; one that is not there stays as it is."""
        with self._authorized.acting(user, job_id, Action.DELETE, AuditEvent.RESTORE) as job:
            if job.is_being_deleted:
                raise Conflict(texts.BEING_DELETED)
            if job.is_trashed:
                self._mark(job, trashed_at=None)

    def delete(self, user: User, job_id: str, *, at_once: bool = False) -> None:
        """Remove a closed job with its images for good, from the trash or not.

        Where its container may still write a result, the next sweep removes its objects, unless
        it must be gone `at_once`.
        """
        with self._authorized.acting(user, job_id, Action.DELETE) as job:
            marked = self._mark(job, trashed_at=BEING_DELETED)
            if at_once or not self._may_end_late(marked):
                self._remove(marked)

    def sweep(self) -> int:
        """Remove what was in the trash for 30 days, and go on where a removal was cut off; returns
        how many jobs are gone. Several dashboards may do it at once. Raises AwsError."""
        before, removed = self._clock() - _KEPT_FOR, 0
        while expired := self._store.trashed_before(before, MAX_BATCH):
            done = sum(self._remove_expired(job) for job in expired)
            removed += done
            if not done:
                break
        return removed

    def _remove_expired(self, job: Job) -> bool:
        """Whether it is gone; what fails is tried again by the next sweep."""
        try:
            marked = self._mark(job, trashed_at=BEING_DELETED)
            if self._may_end_late(marked):
                return False
            self._remove(marked)
        except ContrappostoError as error:
            log.warning("event=job_not_swept job=%s error=%s", job.id, error)
            return False
        return True

    def _mark(self, job: Job, **changes: object) -> Job:
        """The record with another mark, where nobody moved it since it was read."""
        changed = self._store.update(
            job.id, CLOSED_STATES, changes, only_if=lambda now: now.trashed_at == job.trashed_at
        )
        if changed:
            return changed
        found = self._store.get(job.id)
        if found is None:
            raise NotFound(texts.IS_GONE)
        raise Conflict(texts.IS_OPEN if found.state.is_open else texts.WAS_MOVED)

    def _may_end_late(self, job: Job) -> bool:
        """Whether its container may still write into its folder, which would then be nobody's."""
        is_late = job.sent_at is not None and may_end_late(job)
        return is_late and self._clock() - job.updated_at < _LATE

    def _remove(self, job: Job) -> None:
        """The record goes last: until then the next sweep finds it, and goes on."""
        self._storage.of_bucket(job.bucket).delete_prefix(job_prefix(job.id))
        self._authorized.forget_shares(job)
        delete_all(self._records, PUBLIC_LINKS, job.id)
        self._store.delete(job.id)
        log.info("event=job_deleted job=%s", job.id)
