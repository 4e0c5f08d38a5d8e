"""What admins do with the people of a team: list them, give roles, disable and enable."""

import logging
from collections.abc import Callable
from typing import Any, Final

from core.errors import Conflict, NotFound
from core.ids import Clock
from core.records.edit import edit
from core.records.interface import RecordStore
from core.records.paging import every_record
from core.team.access import Access
from core.team.administration.last_admin import LastAdmin
from core.team.audit.entries import AuditEvent
from core.team.people import PEOPLE, PERSON_ID, People, Person
from core.team.permissions import Action, Item, Kind
from core.team.users import Role, User
from core.texts import team as texts
from formats.frozen import Frozen

log = logging.getLogger(__name__)

PAGE_SIZE: Final = 20
_READ_AT_ONCE: Final = 500
_TEAM: Final = Item(kind=Kind.TEAM)


class ListedPerson(Frozen):
    """A person as the list shows them."""

    name: str
    title: str
    role: Role
    given: Role | None
    """By an admin; None where groups or settings decide."""
    is_always_admin: bool
    """Named by the settings, so that no admin can take the role."""
    person: Person

    @property
    def shown(self) -> str:
        """What others read: the e-mail address, or the name where there is none."""
        return self.title or self.name


class PeoplePage(Frozen):
    """One page of the people, in the order of what is shown of them."""

    people: tuple[ListedPerson, ...]
    total: int
    """Of all pages."""


class _TakesAdmin(Exception):
    """The change takes an admin's role, and others must be counted first."""


class Administration:
    """The people as admins see and change them."""

    def __init__(self, records: RecordStore, people: People, access: Access, clock: Clock) -> None:
        self._records = records
        self._people = people
        self._access = access
        self._last_admin = LastAdmin(records, self._is_admin, clock)

    def page(
        self, user: User, text: str = "", offset: int = 0, limit: int = PAGE_SIZE
    ) -> PeoplePage:
        """People whose title or name has `text`. Raises NotAllowed, AwsError."""
        self._access.require(user, Action.SEE, _TEAM)
        word = text.strip().casefold()
        listed = (self._listed(person) for person in self._all())
        found = [each for each in listed if word in f"{each.title} {each.name}".casefold()]
        found.sort(key=lambda each: (each.shown.casefold(), each.name))
        return PeoplePage(people=tuple(found[offset : offset + limit]), total=len(found))

    def find(self, user: User, name: str) -> ListedPerson:
        """One of them as they are now. Raises NotFound, NotAllowed, AwsError."""
        self._access.require(user, Action.SEE, _TEAM)
        person = self._people.find(name)
        if person is None:
            raise NotFound(texts.PERSON_IS_GONE)
        return self._listed(person)

    def is_here(self, name: str) -> bool:
        """Whether somebody is in the team, and stays. Raises AwsError."""
        person = self._people.find(name)
        return person is not None and not person.removing

    def give_role(self, user: User, name: str, role: Role | None) -> None:
        """Give somebody a role; None takes it back, and groups and settings decide again.

        Raises NotFound, NotAllowed (for the last admin and the settings' admins too), AwsError.
        """
        self.change(user, name, AuditEvent.GIVE_ROLE, role=role)
        log.info("event=role_given person=%s role=%s by=%s", name, role, user.name)

    def set_disabled(self, user: User, name: str, *, disabled: bool) -> None:
        """Turn somebody away from now on, or let them in again. Raises as `give_role`."""
        event = AuditEvent.DISABLE if disabled else AuditEvent.ENABLE
        self.change(user, name, event, disabled=disabled)
        log.info("event=person_disabled person=%s disabled=%s by=%s", name, disabled, user.name)

    def begin_removal(self, user: User, name: str) -> None:
        """Turn somebody away for good, while what is theirs is removed. Raises as `give_role`."""
        self.change(user, name, AuditEvent.REMOVE, disabled=True, removing=True)
        log.info("event=removal_begun person=%s by=%s", name, user.name)

    def change(self, user: User, name: str, event: AuditEvent, **changes: Any) -> None:
        """Change fields of somebody's record, unless the team then had no admin."""
        with self._access.acting(user, Action.CHANGE, _TEAM, event=event) as act:
            if self._people.find(name) is None:
                raise NotFound(texts.PERSON_IS_GONE)
            act.name(name)
            self._change(name, changes)

    def _change(self, name: str, changes: dict[str, Any]) -> None:
        def checked(kept: Person | None) -> Person:
            after = self._changed(kept, changes)
            if kept and self._is_admin(kept) and not self._is_admin(after):
                raise _TakesAdmin
            return after

        def unchecked(kept: Person | None) -> Person:
            return self._changed(kept, changes)

        try:
            self._store(name, checked)
        except _TakesAdmin:
            with self._last_admin.leaving(name):
                self._store(name, unchecked)
        self._people.forget_known(name)

    def _changed(self, kept: Person | None, changes: dict[str, Any]) -> Person:
        if kept is None:
            raise NotFound(texts.PERSON_IS_GONE)
        if self._people.is_always_admin(kept):
            raise Conflict(texts.ADMIN_OF_THE_SETTINGS)
        if kept.removing and not changes.get("removing"):
            raise Conflict(texts.IS_BEING_REMOVED)
        return kept.model_copy(update=changes)

    def _store(self, name: str, change: Callable[[Person | None], Person]) -> None:
        edit(self._records, PEOPLE, name, PERSON_ID, change)

    def _all(self) -> list[Person]:
        records = every_record(self._records, PEOPLE, limit=_READ_AT_ONCE)
        return [record.value for record in records]

    def _is_admin(self, person: Person) -> bool:
        return self._people.role_of(person) is Role.ADMIN and not person.disabled

    def _listed(self, person: Person) -> ListedPerson:
        return ListedPerson(
            name=person.name,
            title=person.title,
            role=self._people.role_of(person),
            given=person.role,
            is_always_admin=self._people.is_always_admin(person),
            person=person,
        )
