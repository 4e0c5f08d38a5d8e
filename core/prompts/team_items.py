"""Keeps what a team shares for its prompts: found, listed, shared, deleted and restored alike."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from core.errors import Conflict, InvalidInput, NotFound
from core.ids import Clock, NewId
from core.prompts.items import KEPT_FOR, PromptItem
from core.records.interface import RecordKind, RecordStore
from core.records.listed_records import ListedRecords
from core.team.access import Access
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action, Item, Visibility
from core.team.sharing import Sharing
from core.team.users import SHARED, User
from core.texts.jobs import styles as texts

log = logging.getLogger(__name__)

_FRESH_SECONDS: Final = 10.0
"""Another dashboard's change counts after that."""

P = TypeVar("P", bound=PromptItem)


@dataclass(frozen=True)
class ItemParts:
    """What each of them works with."""

    records: RecordStore
    access: Access
    sharing: Sharing
    clock: Clock
    new_id: NewId


class TeamItems(Generic[P]):
    """All of one kind; each call passes the permission check with its user."""

    def __init__(self, kind: RecordKind[P], parts: ItemParts, most: int) -> None:
        self._kind = kind
        self._store = parts.records
        self._records = ListedRecords(parts.records, kind, SHARED, parts.clock, _FRESH_SECONDS)
        self._access = parts.access
        self._sharing = parts.sharing
        self._clock = parts.clock
        self._new_id = parts.new_id
        self._most = most

    @property
    def problem(self) -> str:
        """What the store did not answer; empty where the list is as it has it."""
        return self._records.problem()

    def list(self, user: User, *, in_trash: bool = False) -> tuple[P, ...]:
        """Those that the user may see, by name; of the trash those that they may restore."""
        action = Action.DELETE if in_trash else Action.SEE
        found = (
            each
            for each in self._records.all().values()
            if (each.trashed_at is not None) is in_trash
            and self._access.may(user, action, each.item)
        )
        return tuple(sorted(found, key=lambda each: (each.name.casefold(), each.id)))

    def get(self, user: User, item_id: str) -> P:
        """One, in the trash or not. Raises NotFound, NotAllowed."""
        found = self._known(user, item_id)
        self._access.require(user, Action.SEE, found.item, item_id)
        return found

    def share(
        self, user: User, item_id: str, visibility: Visibility, people: Iterable[str] = ()
    ) -> P:
        """Say who else may see it. Raises NotFound, NotAllowed, InvalidInput, Conflict."""
        with self._acting(user, item_id, Action.SHARE) as found:
            names = self._sharing.recipients(found.owner, people)
            return self._put(item_id, {"visibility": visibility, "shared_with": names})

    def delete(self, user: User, item_id: str) -> None:
        """Put it into the trash, from where it can be restored for 30 days; what lay there for
        longer is removed. Raises NotFound, NotAllowed, AwsError."""
        with self._acting(user, item_id, Action.DELETE, AuditEvent.TRASH):
            self._put(item_id, {"trashed_at": self._clock()})
        self._remove_old()

    def restore(self, user: User, item_id: str) -> P:
        """Take it out of the trash. Raises NotFound, NotAllowed, InvalidInput where another one
        has its name now, AwsError."""
        with self._acting(user, item_id, Action.DELETE, AuditEvent.RESTORE) as found:
            self._check_name(user, found.name, item_id)
            return self._put(item_id, {"trashed_at": None})

    def count_of(self, owner: str) -> int:
        """How many somebody has, the trash included."""
        return len(self._owned(owner))

    def remove_all(self, owner: str) -> None:
        """Remove what is private of somebody who is removed; what the team sees becomes the
        team's, as others work with it. Raises AwsError, Conflict."""
        for item_id, found in self._owned(owner).items():
            if found.visibility is Visibility.TEAM and found.trashed_at is None:
                self._put(item_id, {"owner": SHARED})
            else:
                self._remove(item_id)

    def hand_over(self, owner: str, to: str) -> None:
        """Make somebody's another's. Raises AwsError, Conflict."""
        for item_id in self._owned(owner):
            self._put(item_id, {"owner": to})

    def _owned(self, owner: str) -> Mapping[str, P]:
        stored = (record.value for record in self._records.stored())
        return {each.id: each for each in stored if each.owner == owner}

    def _add(self, value: P) -> P:
        """Keep a new one. Raises Conflict, AwsError."""
        self._records.add(value.id, value)
        log.info("event=prompt_item_added kind=%s id=%s", value.kind, value.id)
        return value

    def _check_count(self, new: int) -> None:
        """Raise InvalidInput where the team would have too many."""
        if len(self._records.all()) + new > self._most:
            raise InvalidInput(texts.too_many(self._item.kind, self._most), "name")

    def _put(self, item_id: str, changes: Mapping[str, object], revision: int | None = None) -> P:
        """Store other values of some fields, of the save `revision` alone where one is given.

        Raises NotFound, Conflict, AwsError.
        """

        def change(kept: P | None) -> P:
            if kept is None:
                raise NotFound(texts.is_gone(self._item.kind))
            if revision is not None and kept.revision != revision:
                raise Conflict(texts.changed_meanwhile(kept.kind, kept.name))
            return self._kind.model.model_validate({**dict(kept), **changes})

        stored = self._records.edit(item_id, change)
        return stored or change(None)

    def _put_save(self, user: User, read: P, changes: Mapping[str, object]) -> P:
        """Store what a person changed of one as they had read it. Raises as `_put`."""
        saved = {
            "updated_at": self._clock(),
            "updated_by": user.name,
            "revision": read.revision + 1,
        }
        return self._put(read.id, {**changes, **saved}, read.revision)

    def _remove(self, item_id: str) -> None:
        """Remove it for good, with what belongs to it."""
        if record := self._records.get(item_id):
            self._records.delete(record)

    def _remove_old(self) -> None:
        before = self._clock() - KEPT_FOR
        old = [i for i, v in self._records.all().items() if v.trashed_at and v.trashed_at < before]
        for item_id in old:
            self._remove(item_id)

    @property
    def _item(self) -> Item:
        return Item(kind=self._kind.model.kind)

    @contextmanager
    def _creating(self, user: User) -> Iterator[str]:
        """Around what makes a new one, with its id. Raises NotAllowed."""
        item_id = self._new_id()
        own = self._item.model_copy(update={"owner": user.name})
        with self._access.acting(user, Action.CREATE, own, item_id):
            yield item_id

    @contextmanager
    def _acting(
        self, user: User, item_id: str, action: Action, event: AuditEvent | None = None
    ) -> Iterator[P]:
        """Around what is done with one, which the audit keeps. Raises as `get`."""
        found = self._known(user, item_id)
        with self._access.acting(user, action, found.item, item_id, event):
            yield found

    def _known(self, user: User, item_id: str) -> P:
        """One that the user may know of. Raises NotFound."""
        found = self._records.all().get(item_id)
        if found is None or not self._access.may(user, Action.LIST, found.item):
            raise NotFound(texts.is_gone(self._item.kind))
        return found

    def _check_name(self, user: User, name: str, but: str = "") -> None:
        """Raise InvalidInput where another one that the user sees has the name."""
        if any(each.name == name and each.id != but for each in self.list(user)):
            raise InvalidInput(texts.name_is_taken(self._item.kind, name), "name")
