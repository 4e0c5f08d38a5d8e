"""Keeps a team from losing its last admin, also where two admins take each other's role at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from core.errors import AwsError, Conflict, NotAllowed
from core.ids import Clock, NewId, new_id
from core.records.edit import edit
from core.records.interface import RecordKind, RecordStore
from core.records.paging import every_record
from core.team.people import PEOPLE, PERSON_ID, Person
from core.texts import team as texts
from formats.frozen import Tolerant

_OWNER: Final = "team"
_ID: Final = "admins"
_TRIES: Final = 50
_PAGE: Final = 200

_UNSURE: Final = timedelta(minutes=10)
"""For so long somebody counts as no admin whose role may or may not have been taken."""

IsAdmin = Callable[[Person], bool]
"""Whether somebody is an admin who may sign in."""


class LeavingAdmin(Tolerant):
    """An admin whose role is being taken at this moment."""

    name: str
    change: str
    """Id of the one change that takes it."""
    until: datetime


class LeavingAdmins(Tolerant):
    """They count as admins no more."""

    admins: tuple[LeavingAdmin, ...] = ()


LEAVING_ADMINS: Final = RecordKind("leaving-admins", LeavingAdmins)
"""One for the team. Who takes an admin's role writes it first, upon what they read before they
counted the others: of two at once one writes, and the other counts again."""


class LastAdmin:
    """Each loss of an admin passes here, one after the other over all dashboards."""

    def __init__(
        self, records: RecordStore, is_admin: IsAdmin, clock: Clock, make_id: NewId = new_id
    ) -> None:
        self._records = records
        self._is_admin = is_admin
        self._clock = clock
        self._new_id = make_id

    @contextmanager
    def leaving(self, name: str) -> Iterator[None]:
        """While it lasts, `name` counts as no admin; take the role within.

        Raises NotAllowed where no other admin is left.
        """
        change = self._new_id()
        self._enter(name, change)
        try:
            yield
        except AwsError:
            raise  # it may have been taken all the same: they count as none for a while
        except BaseException:
            self._forget(change)
            raise
        self._forget(change)

    def _enter(self, name: str, change: str) -> None:
        now = self._clock()
        entry = LeavingAdmin(name=name, change=change, until=now + _UNSURE)
        for _ in range(_TRIES):
            found = self._records.get(LEAVING_ADMINS, _OWNER, _ID)
            others = [each for each in found.value.admins if each.until > now] if found else []
            if not self._has_another({name, *(each.name for each in others)}):
                raise NotAllowed(texts.LAST_ADMIN)
            value = LeavingAdmins(admins=(*others, entry))
            try:
                if found:
                    self._records.replace(found, value)
                else:
                    self._records.add(LEAVING_ADMINS, _OWNER, _ID, value)
            except Conflict:
                continue
            return
        raise Conflict(texts.PEOPLE_ARE_BUSY)

    def _forget(self, change: str) -> None:
        """Their own record says what they are."""

        def without(kept: LeavingAdmins | None) -> LeavingAdmins | None:
            if kept is None:
                return None
            return LeavingAdmins(admins=tuple(one for one in kept.admins if one.change != change))

        edit(self._records, LEAVING_ADMINS, _OWNER, _ID, without)

    def _has_another(self, leaving: set[str]) -> bool:
        """The list may be behind, so that each record is read anew."""
        for each in every_record(self._records, PEOPLE, limit=_PAGE):
            if each.owner not in leaving and self._is_admin(each.value):
                now = self._records.get(PEOPLE, each.owner, PERSON_ID)
                if now and self._is_admin(now.value):
                    return True
        return False
