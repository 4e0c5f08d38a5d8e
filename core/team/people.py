"""The people of the team: who signed in, and which role they have."""

import hashlib
import logging
from datetime import datetime, timedelta
from typing import Any, Final

from pydantic import Field

from core.errors import NotAllowed
from core.ids import Clock
from core.records.edit import edit
from core.records.interface import RecordKind, RecordStore
from core.records.recent_answers import RecentAnswers
from core.settings import Settings
from core.team.users import LOCAL, Role, User
from core.texts import team as texts
from formats.frozen import Frozen, Tolerant
from formats.limits import MAX_NAME

log = logging.getLogger(__name__)

PERSON_ID: Final = "person"

_SEEN_AGAIN: Final = timedelta(hours=1)
"""Between two notes of when somebody was last seen: not a write for each rerun."""

MAX_GROUPS: Final = 100


class SignIn(Frozen):
    """What an identity provider says of somebody who signed in."""

    name: str = Field(min_length=1, max_length=MAX_NAME)
    """Issuer and subject, which never change hands."""
    title: str = Field("", max_length=MAX_NAME)
    """E-mail address; empty where the provider tells none."""
    groups: tuple[str, ...] = Field(default=(), max_length=MAX_GROUPS)
    origin: str = Field("", max_length=64)
    told_at: float = 0
    """When the provider said so, in seconds since 1970: a later sign-in knows better."""


class Person(Tolerant):
    """Who signed in at least once. Times are UTC."""

    name: str
    title: str = ""
    groups: tuple[str, ...] = ()
    told_at: float = 0
    """When the provider named that title and those groups, in seconds since 1970."""
    role: Role | None = None
    """As an admin gave it; None follows the groups and the settings."""
    disabled: bool = False
    removing: bool = False
    """Whether they are being removed with what is theirs."""
    first_seen: datetime
    last_seen: datetime


PEOPLE: Final = RecordKind("person", Person)
"""Kept under the person's name."""


class RemovedPerson(Tolerant):
    """That somebody was removed; who it was, nobody can read in it."""

    at: datetime


REMOVED_PEOPLE: Final = RecordKind("removed-person", RemovedPerson)
"""Kept under the hash of the name, for as long as a login of theirs may still be good."""


class People:
    """Everybody who signed in. Who is known is asked for once in ten seconds."""

    def __init__(self, records: RecordStore, settings: Settings, clock: Clock) -> None:
        self._records = records
        self._settings = settings
        self._clock = clock
        self._known = RecentAnswers[Person](clock)

    def enter(self, sign_in: SignIn) -> User:
        """Who has signed in, with their role of now; the first time, they join the team.

        Raises NotAllowed for somebody disabled, and AwsError where AWS does not answer and the
        person is not known here.
        """
        person = self._person(sign_in)
        if person.disabled:
            raise NotAllowed(texts.IS_DISABLED)
        role = self.role_of(person)
        return User(name=person.name, role=role, title=person.title, origin=sign_in.origin)

    def find(self, name: str) -> Person | None:
        """Somebody's record as it is now, asked for each time. Raises AwsError."""
        found = self._records.get(PEOPLE, name, PERSON_ID)
        return found.value if found else None

    def user_now(self, name: str) -> User | None:
        """Somebody with their role of now; None for who is unknown, removed or disabled.

        Raises AwsError.
        """
        if name == LOCAL.name and not self._settings.has_identity:
            return LOCAL
        person = self.find(name)
        if person is None or person.disabled:
            return None
        return User(name=person.name, role=self.role_of(person), title=person.title)

    def role_of(self, person: Person) -> Role:
        """By the settings' admins, what an admin gave, the groups, the settings' default."""
        if self.is_always_admin(person):
            return Role.ADMIN
        if person.role:
            return person.role
        by_group = self._settings.roles_by_group
        roles = [by_group[group] for group in person.groups if group in by_group]
        return max(roles, key=lambda role: role.rank, default=self._settings.default_role)

    def is_always_admin(self, person: Person) -> bool:
        """Whether the settings name the person as an admin."""
        return not {person.name.lower(), person.title.lower()}.isdisjoint(
            self._settings.admin_names
        )

    def forget(self, name: str) -> None:
        """Delete somebody's record. A login that they still have lets them join no more.

        Raises Conflict, AwsError.
        """
        removed = RemovedPerson(at=self._clock())
        edit(self._records, REMOVED_PEOPLE, _hash(name), PERSON_ID, lambda _: removed)
        found = self._records.get(PEOPLE, name, PERSON_ID)
        if found and found.value.removing:
            self._records.delete(found)
        self.forget_known(name)

    def forget_known(self, name: str) -> None:
        """Ask for somebody again: their record was changed here."""
        self._known.forget(name)

    def _person(self, sign_in: SignIn) -> Person:
        return self._known.get(
            sign_in.name,
            lambda: self._note(sign_in, self._clock()),
            fits=lambda person: _is_as_told(person, sign_in),
        )

    def _note(self, sign_in: SignIn, now: datetime) -> Person:
        """The record as it is, brought up to date where the provider says something else."""

        def change(kept: Person | None) -> Person | None:
            if kept is None:
                self._refuse_removed(sign_in.name, now)
                log.info("event=person_joined")
                return Person(
                    name=sign_in.name,
                    title=sign_in.title,
                    groups=sign_in.groups,
                    told_at=sign_in.told_at,
                    first_seen=now,
                    last_seen=now,
                )
            if _is_as_told(kept, sign_in) and now - kept.last_seen < _SEEN_AGAIN:
                return None
            changes: dict[str, Any] = {"last_seen": now}
            if sign_in.told_at >= kept.told_at:
                changes |= sign_in.model_dump(include={"title", "groups", "told_at"})
            return kept.model_copy(update=changes)

        stored = edit(self._records, PEOPLE, sign_in.name, PERSON_ID, change)
        if stored is None:
            raise NotAllowed(texts.IS_DISABLED)
        return stored

    def _refuse_removed(self, name: str, now: datetime) -> None:
        """Raise NotAllowed for somebody whose login may be from before they were removed."""
        found = self._records.get(REMOVED_PEOPLE, _hash(name), PERSON_ID)
        if found and (now - found.value.at).total_seconds() < self._settings.session_seconds:
            raise NotAllowed(texts.was_removed(self._settings.session_hours))


def _hash(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _is_as_told(person: Person, sign_in: SignIn) -> bool:
    """Also where an older login, in another browser, says what was true at its time."""
    if sign_in.told_at < person.told_at:
        return True
    return (person.title, person.groups) == (sign_in.title, sign_in.groups)
