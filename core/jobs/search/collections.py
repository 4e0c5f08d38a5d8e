"""Collections: the team's boards of jobs, with a title, a cover and an order of their own."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from pydantic import Field

from core.aws.shared_listing import SharedListing
from core.errors import Conflict, InvalidInput, NotFound
from core.ids import Clock, NewId
from core.jobs.records import Job
from core.jobs.store.authorized import AuthorizedJobs
from core.jobs.store.owned_jobs import ALL_STATES
from core.records.edit import edit
from core.records.interface import RecordKind, RecordStore
from core.records.paging import every_record
from core.team.access import Access
from core.team.permissions import Action, Item, Kind
from core.team.users import User
from core.texts.jobs import jobs as job_texts
from core.texts.jobs import search as texts
from formats.frozen import Tolerant

MAX_TITLE: Final = 80
MAX_COLLECTIONS: Final = 200
"""Of the team."""
MAX_OF_JOB: Final = 20
"""Collections that one job can be in."""
MAX_PLACED: Final = 200
"""Jobs of a collection that have a place of their own; the others follow, the newest first."""

_TEAM: Final = "team"
_FRESH_SECONDS: Final = 10.0
_TRIES: Final = 5


class Collection(Tolerant):
    """One board. Which jobs are in it, their records say: who looks at it sees those that they may
    see. Times are UTC."""

    id: str
    owner: str
    title: str = Field(max_length=MAX_TITLE)
    created_at: datetime
    cover: str = ""
    """Id of the job that stands for it; empty for the first."""
    placed: tuple[str, ...] = Field(default=(), max_length=MAX_PLACED)
    """Ids of the jobs that come first, in this order."""

    @property
    def item(self) -> Item:
        """For the permission check."""
        return Item(kind=Kind.COLLECTION, owner=self.owner)


COLLECTIONS: Final = RecordKind("job-collection", Collection)
"""Kept under `team` and the collection's id."""


class JobCollections:
    """Every artist may make boards and put jobs that they may see on any; each call raises
    NotAllowed, NotFound, Conflict, AwsError."""

    def __init__(
        self,
        records: RecordStore,
        authorized: AuthorizedJobs,
        access: Access,
        clock: Clock,
        new_id: NewId,
    ) -> None:
        self._records = records
        self._authorized = authorized
        self._access = access
        self._clock = clock
        self._new_id = new_id
        self._listing = SharedListing(self._read, clock, _FRESH_SECONDS)

    def list(self, user: User) -> tuple[Collection, ...]:
        """All, by title; no older than ten seconds."""
        may = self._access.may
        return tuple(each for each in self._listing.get() if may(user, Action.LIST, each.item))

    def titles(self, user: User) -> Mapping[str, str]:
        """Those that the user may put jobs into, by id."""
        may = self._access.may
        return {
            each.id: each.title for each in self.list(user) if may(user, Action.CHANGE, each.item)
        }

    def find(self, user: User, collection_id: str) -> Collection:
        """One of them."""
        found = next((each for each in self.list(user) if each.id == collection_id), None)
        if found is None:
            raise NotFound(texts.COLLECTION_IS_GONE)
        return found

    def create(self, user: User, title: str) -> Collection:
        """A new one, empty. Raises InvalidInput for its title, or where there are too many."""
        item = Item(kind=Kind.COLLECTION, owner=user.name)
        with self._access.acting(user, Action.CREATE, item) as act:
            made = Collection(
                id=self._new_id(),
                owner=user.name,
                title=_checked(title),
                created_at=self._clock(),
            )
            if len(self._read()) >= MAX_COLLECTIONS:
                raise InvalidInput(texts.too_many_collections(MAX_COLLECTIONS), "title")
            act.name(made.id)
            self._records.add(COLLECTIONS, _TEAM, made.id, made)
        self._listing.expire()
        return made

    def rename(self, user: User, collection_id: str, title: str) -> None:
        """Give it another title. Raises InvalidInput."""
        self._change(user, collection_id, lambda _old: {"title": _checked(title)})

    def set_cover(self, user: User, collection_id: str, job_id: str) -> None:
        """Let a job stand for it that the user may see."""
        self._authorized.find(user, job_id, Action.SEE)
        self._change(user, collection_id, lambda _old: {"cover": job_id})

    def place(self, user: User, collection_id: str, job_ids: tuple[str, ...]) -> None:
        """Let these jobs come first, in this order; the first `MAX_PLACED` of them count."""
        ids = tuple(dict.fromkeys(job_ids))[:MAX_PLACED]
        self._change(user, collection_id, lambda _old: {"placed": ids})

    def delete(self, user: User, collection_id: str) -> None:
        """Forget it; its jobs stay, and what their records say of it counts no more."""
        old = self.find(user, collection_id)
        with self._access.acting(user, Action.DELETE, old.item, collection_id):
            if found := self._records.get(COLLECTIONS, _TEAM, collection_id):
                self._records.delete(found)
        self._listing.expire()

    def add(self, user: User, collection_id: str, job_id: str) -> Job:
        """Put a job into it that the user may see. Raises InvalidInput where the job is in too
        many."""
        return self._put(user, collection_id, job_id, is_in=True)

    def remove(self, user: User, collection_id: str, job_id: str) -> Job:
        """Take a job out of it."""
        return self._put(user, collection_id, job_id, is_in=False)

    def _put(self, user: User, collection_id: str, job_id: str, *, is_in: bool) -> Job:
        board = self.find(user, collection_id)
        self._authorized.find(user, job_id, Action.SEE)
        with self._access.acting(user, Action.CHANGE, board.item, collection_id):
            for _ in range(_TRIES):
                if changed := self._changed_job(collection_id, job_id, is_in=is_in):
                    return changed
            raise Conflict(texts.CHANGED_TOO_OFTEN)

    def _changed_job(self, collection_id: str, job_id: str, *, is_in: bool) -> Job | None:
        """None where somebody else changed its collections in between."""
        store = self._authorized.store
        job = store.get(job_id)
        if job is None:
            raise NotFound(job_texts.IS_GONE)
        before = job.collections
        ids = tuple(each for each in before if each != collection_id)
        ids = (*ids, collection_id) if is_in else ids
        if len(ids) > MAX_OF_JOB:
            raise InvalidInput(texts.in_too_many(MAX_OF_JOB), "collection")

        def is_same(now: Job) -> bool:
            return now.collections == before

        return store.update(job_id, ALL_STATES, {"collections": ids}, is_same)

    def _change(
        self,
        user: User,
        collection_id: str,
        changes: Callable[[Collection], Mapping[str, object]],
    ) -> None:
        old = self.find(user, collection_id)
        with self._access.acting(user, Action.CHANGE, old.item, collection_id):

            def change(kept: Collection | None) -> Collection | None:
                if kept is None:
                    raise NotFound(texts.COLLECTION_IS_GONE)
                return kept.model_copy(update=dict(changes(kept)))

            edit(self._records, COLLECTIONS, _TEAM, collection_id, change)
        self._listing.expire()

    def _read(self) -> tuple[Collection, ...]:
        records = every_record(self._records, COLLECTIONS, _TEAM)
        return tuple(sorted((each.value for each in records), key=lambda c: c.title.casefold()))


def _checked(title: str) -> str:
    """Without the spaces around it. Raises InvalidInput."""
    title = " ".join(title.split())
    if not title:
        raise InvalidInput(texts.NO_TITLE, "title")
    if len(title) > MAX_TITLE:
        raise InvalidInput(texts.title_too_long(MAX_TITLE), "title")
    return title
