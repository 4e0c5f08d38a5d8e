"""The job list as one user may see it: whose jobs, what of them, and whom they are shared with."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from pydantic import ValidationError

from core.errors import Conflict, InvalidInput, NotAllowed, NotFound
from core.jobs.records import Job, JobFilter, JobOrder, JobPage, JobScope, JobState, redacted
from core.jobs.store.interface import MAX_BATCH, JobStore, read_score_cursor, score_cursor
from core.records.paging import Place
from core.team.access import Access, Act
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action, Item, Kind, Visibility
from core.team.sharing import Sharing
from core.team.users import User
from core.texts.jobs import jobs as texts
from formats.keys import job_prefix

_IN_TRASH: Final = frozenset({Action.LIST, Action.SEE, Action.DELETE})
"""What can be done with a job in the trash, by whoever may restore it."""

_OTHERS_PRIVATE: Final = Item(kind=Kind.JOB, visibility=Visibility.PRIVATE)


class AuthorizedJobs:
    """Every record that leaves it has passed the permission check, as the store has it now."""

    def __init__(self, store: JobStore, sharing: Sharing, access: Access) -> None:
        self.store = store
        self._sharing = sharing
        self._access = access

    def scopes(self, user: User) -> tuple[JobScope, ...]:
        """The lists that a user may ask for; without an identity there is one, of all jobs."""
        if self._access.allows_all:
            return (JobScope.EVERYBODY,)
        sees_all = self._access.may(user, Action.LIST, _OTHERS_PRIVATE)
        return tuple(s for s in JobScope if sees_all or s is not JobScope.EVERYBODY)

    def require_scope(self, user: User, scope: JobScope) -> None:
        """Raise NotAllowed for everybody's jobs where the user may not know of them."""
        if scope is JobScope.EVERYBODY:
            self._access.require(user, Action.LIST, _OTHERS_PRIVATE)

    def find(self, user: User, job_id: str, *actions: Action) -> Job:
        """One record that the user may do all of this with.

        Raises InvalidInput for what is no job id; NotFound also for a job that the user may not
        even know of, so that the answer tells nobody which ids there are; NotAllowed; Conflict for
        what can't be done with a job in the trash.
        """
        try:
            job_prefix(job_id)
        except ValidationError as error:
            raise InvalidInput(texts.NO_JOB_ID, "job") from error
        job = self.store.get(job_id)
        if job is None:
            raise NotFound(texts.IS_GONE)
        try:
            self._access.require(user, Action.LIST, job.item, job_id)
        except NotAllowed as error:  # the audit knows
            raise NotFound(texts.IS_GONE) from error
        if not self._is_known(user, job):
            raise NotFound(texts.IS_GONE)
        for action in actions:
            self._access.require(user, action, job.item, job_id)
            _require_place(job, action)
        return job

    def require_images(self, user: User, job: Job, action: Action) -> None:
        """Raise NotAllowed where the user may not do this with the job's images."""
        self._access.require(user, action, job.image_item, job.id)

    def creating(
        self, user: User, event: AuditEvent = AuditEvent.CREATE
    ) -> AbstractContextManager[Act]:
        """Around the making of jobs, which names them. Raises NotAllowed where the user may make
        none."""
        jobs = Item(kind=Kind.JOB, owner=user.name)
        return self._access.acting(user, Action.CREATE, jobs, event=event)

    @contextmanager
    def acting(
        self, user: User, job_id: str, action: Action, event: AuditEvent | None = None
    ) -> Iterator[Job]:
        """Around what is done with a job, which the audit keeps. Raises as `find`."""
        job = self.find(user, job_id)
        with self._access.acting(user, action, job.item, job_id, event):
            _require_place(job, action)
            yield job

    def view(self, user: User, job: Job) -> Job:
        """What the user may see of a job that they may know of."""
        return job if self._access.may(user, Action.SEE, job.item) else redacted(job)

    def seen(self, user: User, job_ids: Sequence[str]) -> tuple[str, ...]:
        """Of up to `MAX_BATCH` jobs those that are there and that the user may look into; one
        call, and nothing for the audit."""
        jobs = self.store.get_many(job_ids) if job_ids else ()
        return tuple(
            job.id
            for job in jobs
            if not job.is_trashed and self._access.may(user, Action.SEE, job.item)
        )

    def views(self, user: User, job_ids: Sequence[str]) -> tuple[Job, ...]:
        """Those of these jobs that the user may know of; one call for each `MAX_BATCH`."""
        batches = (job_ids[n : n + MAX_BATCH] for n in range(0, len(job_ids), MAX_BATCH))
        return tuple(
            job for batch in batches for job in self.known(user, self.store.get_many(batch))
        )

    def open(self, user: User, jobs: tuple[Job, ...]) -> tuple[Job, ...]:
        """Of open jobs as they were a moment ago the user's own, and that others have some.

        Who may look into another's job may have changed since, so that nothing is told of it.
        """
        return tuple(
            job if self._access.allows_all or job.owner == user.name else redacted(job)
            for job in jobs
            if self._access.may(user, Action.LIST, job.item)
        )

    def page(self, user: User, which: JobFilter, limit: int, cursor: str | None) -> JobPage:
        """One page at the cost of one query, of `SHARED` of one more call.

        More are needed where few jobs pass: by state in `TEAM` and `SHARED`, by pose score in all.
        By pose score `SHARED` reads the whole list, and `EVERYBODY` leaves out what is redacted:
        its place would tell the score. Raises NotAllowed, InvalidInput for another list's cursor.
        """
        if self._access.allows_all:
            return self.store.page(which, limit, cursor)
        match which.scope:
            case JobScope.MINE:
                return self._stored(user, which, limit, cursor, owner=user.name)
            case JobScope.TEAM:
                return self._stored(user, which, limit, cursor, visibility=Visibility.TEAM)
            case JobScope.SHARED:
                shared = self._shared_by_score if which.is_by_score else self._shared
                return shared(user, which, limit, cursor)
            case JobScope.EVERYBODY:
                self.require_scope(user, which.scope)
                return self._everybody(user, which, limit, cursor)

    def share(
        self, user: User, job_id: str, visibility: Visibility, people: tuple[str, ...]
    ) -> Job:
        """Say who else may see a job; who is not named may no more from now on.

        Raises NotFound, NotAllowed, InvalidInput for people who are not of the team.
        """
        with self.acting(user, job_id, Action.SHARE) as old:
            return self._share(old, visibility, people)

    def _share(self, old: Job, visibility: Visibility, people: tuple[str, ...]) -> Job:
        job_id = old.id
        names = self._sharing.recipients(old.owner, people)
        changes = {"visibility": visibility, "shared_with": names}
        changed = self.store.update(
            job_id, frozenset(JobState), changes, only_if=lambda job: not job.is_trashed
        )
        if changed is None:
            raise NotFound(texts.IS_GONE)
        # The record above decides. A break before this leaves a list that lacks the job.
        self._sharing.forget(job_id, set(old.shared_with) - set(names))
        self._sharing.keep(job_id, old.owner, names)
        return changed

    def forget_shares(self, job: Job) -> None:
        """Take a deleted job out of everybody's list."""
        self._sharing.forget(job.id, job.shared_with)

    def _stored(
        self, user: User, which: JobFilter, limit: int, cursor: str | None, **only: object
    ) -> JobPage:
        wanted = which.model_copy(update={"owner": None, "visibility": None, **only})
        page = self.store.page(wanted, limit, cursor)
        return page.model_copy(update={"jobs": self.known(user, page.jobs)})

    def _everybody(self, user: User, which: JobFilter, limit: int, cursor: str | None) -> JobPage:
        if not which.is_by_score:
            return self._stored(user, which, limit, cursor, owner=which.owner)
        jobs: list[Job] = []
        place = cursor
        while True:
            page = self.store.page(which, limit, place)
            jobs += [job for job in self.known(user, page.jobs) if not job.is_redacted]
            place = page.cursor
            if place is None or len(jobs) >= limit:
                return _cut(jobs, limit, has_more=place is not None, place_of=_score_place)

    def _shared(self, user: User, which: JobFilter, limit: int, cursor: str | None) -> JobPage:
        jobs: list[Job] = []
        place = cursor
        while True:
            # With a filter few of many may pass, so that more are read at once.
            size = MAX_BATCH if which.state else min(limit - len(jobs), MAX_BATCH)
            ids, place = self._sharing.ids(user.name, size, place)
            found = self.known(user, self.store.get_many(ids))
            jobs += [job for job in found if _passes(which, job)]
            if place is None or len(jobs) >= limit:
                return _cut(
                    jobs,
                    limit,
                    has_more=place is not None,
                    place_of=lambda job: Place(job.id, user.name).key,
                )

    def _shared_by_score(
        self, user: User, which: JobFilter, limit: int, cursor: str | None
    ) -> JobPage:
        after = read_score_cursor(cursor) if cursor else None
        everything = which.model_copy(update={"order": JobOrder.NEWEST})
        jobs: list[Job] = []
        page = self._shared(user, everything, MAX_BATCH, None)
        jobs += page.jobs
        while page.cursor:
            page = self._shared(user, everything, MAX_BATCH, page.cursor)
            jobs += page.jobs
        ranked = sorted(
            (
                (job.pose_score, job.id, job)
                for job in jobs
                if job.pose_score is not None and job.pose_score >= which.min_pose_score
            ),
            key=lambda rank: rank[:2],
            reverse=True,
        )
        left = [job for score, job_id, job in ranked if after is None or (score, job_id) < after]
        return _cut(left, limit, has_more=False, place_of=_score_place)

    def known(self, user: User, jobs: tuple[Job, ...]) -> tuple[Job, ...]:
        """What the user may see of those that they may know of."""
        return tuple(
            self.view(user, job)
            for job in jobs
            if self._access.may(user, Action.LIST, job.item) and self._is_known(user, job)
        )

    def _is_known(self, user: User, job: Job) -> bool:
        """Whether a job is there for somebody who may know of it: one in the trash is for whoever
        may restore it."""
        return not job.is_trashed or self._access.may(user, Action.DELETE, job.item)


def _require_place(job: Job, action: Action) -> None:
    """Raise Conflict for what can't be done with a job in the trash."""
    if job.is_trashed and action not in _IN_TRASH:
        raise Conflict(texts.IN_TRASH)


def _passes(which: JobFilter, job: Job) -> bool:
    return which.state in (None, job.state) and which.in_trash == job.is_trashed


def _cut(jobs: list[Job], limit: int, *, has_more: bool, place_of: Callable[[Job], str]) -> JobPage:
    """The first of what was read, with the place after which the next page begins."""
    is_cut = len(jobs) > limit or (has_more and len(jobs) == limit)
    cursor = place_of(jobs[limit - 1]) if is_cut else None
    return JobPage(jobs=tuple(jobs[:limit]), cursor=cursor)


def _score_place(job: Job) -> str:
    return score_cursor(job.pose_score or 0.0, job.id)
