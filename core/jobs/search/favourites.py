"""Keeps which jobs somebody likes best: a star on the job's record, which only they see."""

from typing import Final

from core.errors import Conflict, InvalidInput, NotFound
from core.jobs.records import Job
from core.jobs.store.authorized import AuthorizedJobs
from core.jobs.store.owned_jobs import ALL_STATES
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action
from core.team.users import User
from core.texts.jobs import jobs as job_texts
from core.texts.jobs import search as texts

MAX_STARS: Final = 100
"""People whose favourite one job can be."""

_TRIES: Final = 5


class JobFavourites:
    """Whoever may see a job may star it."""

    def __init__(self, authorized: AuthorizedJobs) -> None:
        self._authorized = authorized

    def toggle(self, user: User, job_id: str) -> bool:
        """Add a job to the user's favourites, or take it out; whether it is one now.

        Raises NotFound, NotAllowed, InvalidInput for too many people, Conflict, AwsError.
        """
        with self._authorized.acting(user, job_id, Action.SEE, AuditEvent.CHANGE):
            for _ in range(_TRIES):
                if job := self._toggled(user, job_id):
                    return user.name in job.starred_by
            raise Conflict(texts.CHANGED_TOO_OFTEN)

    def _toggled(self, user: User, job_id: str) -> Job | None:
        """None where somebody else changed the stars in between."""
        job = self._authorized.store.get(job_id)
        if job is None:
            raise NotFound(job_texts.IS_GONE)
        before = job.starred_by
        people = set(before) ^ {user.name}
        if len(people) > MAX_STARS:
            raise InvalidInput(texts.too_many_stars(MAX_STARS), "favourite")
        changes = {"starred_by": tuple(sorted(people))}

        def is_same(now: Job) -> bool:
            return now.starred_by == before

        return self._authorized.store.update(job_id, ALL_STATES, changes, is_same)
