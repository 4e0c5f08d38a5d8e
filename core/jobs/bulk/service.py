"""Owns what a user can do with many jobs at once; each passes the permission check by itself."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final, Protocol

from core.errors import Conflict, ContrappostoError, InvalidInput, NotFound
from core.jobs.bulk.outcome import BulkOutcome, BulkProblem
from core.jobs.bulk.tags import checked_tags, edited_tags
from core.jobs.records import Job, JobState
from core.jobs.service import Jobs
from core.jobs.store.authorized import AuthorizedJobs
from core.jobs.store.owned_jobs import ALL_STATES
from core.jobs.trash.service import JobTrash
from core.team.permissions import Action
from core.team.users import User
from core.texts.jobs import bulk as texts
from core.texts.jobs import jobs as job_texts

MAX_BULK: Final = 1000
"""Jobs that one call takes."""

_WORKERS: Final = 8
_TRIES: Final = 5

OfJob = Callable[[User, str], object]
"""Does something with one job. Raises ContrappostoError."""


class Collections(Protocol):
    """The collections that jobs can be put into."""

    def titles(self, user: User) -> Mapping[str, str]:
        """Those that the user may add to, by id."""
        ...

    def add(self, user: User, collection_id: str, job_id: str) -> object:
        """Put a job into one. Raises ContrappostoError."""
        ...


class BulkJobs:
    """Each call takes up to `MAX_BULK` ids and raises InvalidInput for more; what goes wrong with
    one job is told in the outcome, and the others go on."""

    def __init__(self, jobs: Jobs, trash: JobTrash, authorized: AuthorizedJobs) -> None:
        self._jobs = jobs
        self._trash = trash
        self._authorized = authorized
        self.collections: Collections | None = None
        """None where there are none."""

    def trash(self, user: User, job_ids: Sequence[str]) -> BulkOutcome:
        """Move closed jobs into the trash."""
        return _each(user, job_ids, self._trash.put)

    def restore(self, user: User, job_ids: Sequence[str]) -> BulkOutcome:
        """Take jobs out of the trash."""
        return _each(user, job_ids, self._trash.restore)

    def delete(self, user: User, job_ids: Sequence[str]) -> BulkOutcome:
        """Remove closed jobs with their images for good."""
        return _each(user, job_ids, self._trash.delete)

    def cancel(self, user: User, job_ids: Sequence[str]) -> BulkOutcome:
        """Stop the open ones, the last first, so that none of them begins meanwhile."""
        return _each(user, sorted(job_ids, reverse=True), self._jobs.cancel)

    def retry(self, user: User, job_ids: Sequence[str], click: str) -> BulkOutcome:
        """A new job for each that failed, with the same request. The same `click` again makes
        nothing new."""

        def again(user: User, job_id: str) -> None:
            if self._jobs.get(user, job_id).state is not JobState.FAILED:
                raise Conflict(texts.HAS_NOT_FAILED)
            self._jobs.retry(user, job_id, f"{click}/{job_id}")

        return _each(user, job_ids, again)

    def tag(
        self,
        user: User,
        job_ids: Sequence[str],
        add: Iterable[str] = (),
        remove: Iterable[str] = (),
    ) -> BulkOutcome:
        """Put tags on jobs and take others off. Raises InvalidInput for a tag that is too long."""
        added, removed = checked_tags(add), checked_tags(remove)
        return _each(user, job_ids, partial(self._tag, added=added, removed=removed))

    def collect(self, user: User, job_ids: Sequence[str], collection_id: str) -> BulkOutcome:
        """Put jobs into a collection."""
        if (collections := self.collections) is None:
            raise InvalidInput(texts.NO_COLLECTIONS, "collection")
        return _each(
            user, job_ids, lambda user, job_id: collections.add(user, collection_id, job_id)
        )

    def _tag(
        self, user: User, job_id: str, *, added: tuple[str, ...], removed: tuple[str, ...]
    ) -> None:
        with self._authorized.acting(user, job_id, Action.CHANGE):
            if not any(self._has_tagged(job_id, added, removed) for _ in range(_TRIES)):
                raise Conflict(texts.CHANGED_TOO_OFTEN)

    def _has_tagged(self, job_id: str, added: tuple[str, ...], removed: tuple[str, ...]) -> bool:
        """Whether it has these tags now; not so where somebody else changed them in between."""
        store = self._authorized.store
        job = store.get(job_id)
        if job is None:
            raise NotFound(job_texts.IS_GONE)
        before, tags = job.tags, edited_tags(job.tags, added, removed)

        def is_same(now: Job) -> bool:
            return now.tags == before

        changes = {"tags": tags}
        return tags == before or bool(store.update(job_id, ALL_STATES, changes, is_same))


def _each(user: User, job_ids: Sequence[str], act: OfJob) -> BulkOutcome:
    """Do it to each of them, some at once."""
    ids = tuple(dict.fromkeys(job_ids))
    if len(ids) > MAX_BULK:
        raise InvalidInput(texts.too_many(MAX_BULK), "jobs")

    def problem_of(job_id: str) -> str:
        try:
            act(user, job_id)
        except ContrappostoError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(_WORKERS, thread_name_prefix="bulk") as pool:
        messages = tuple(pool.map(problem_of, ids))
    told = tuple(zip(ids, messages, strict=True))
    return BulkOutcome(
        done=tuple(job_id for job_id, message in told if not message),
        problems=tuple(BulkProblem(job_id=i, message=m) for i, m in told if m),
    )
