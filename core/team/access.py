"""The one permission check that every read and write passes, and that tells the audit of it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from core.errors import NotAllowed
from core.team.audit.entries import AuditEvent, Outcome, Recorder, event_of, reason_of
from core.team.permissions import Action, Item, is_allowed
from core.team.users import Role, User
from core.texts import team as texts

_REFUSALS: Final[Mapping[Action, Callable[[str], str]]] = {
    Action.LIST: texts.not_yours_to_see,
    Action.SEE: texts.not_yours_to_see,
    Action.USE: texts.not_yours_to_use,
    Action.CREATE: texts.not_yours_to_create,
    Action.CHANGE: texts.not_yours_to_change,
    Action.DELETE: texts.not_yours_to_delete,
    Action.SHARE: texts.not_yours_to_share,
}

Policy = Callable[[User, Action, Item], bool]
"""Decides whether a user may do something to an item."""


def allow_all(_user: User, _action: Action, _item: Item) -> bool:
    """Yes: right where no identity is configured, and there is only `local`."""
    return True


class Act:
    """Something that somebody does now; `name` says to what, once that is known."""

    def __init__(self, subject: str) -> None:
        self.subjects: tuple[str, ...] = (subject,)

    def name(self, *subjects: str) -> None:
        """Say what it is done to, ids or names: each gets an entry of its own."""
        self.subjects = subjects


class Access:
    """The check. With an identity configured, the table of permissions decides."""

    def __init__(self, policy: Policy = is_allowed, record: Recorder | None = None) -> None:
        self._policy = policy
        self._record = record
        self.maintenance: Callable[[], str] = str
        """Why nobody but admins may create anything now; empty where they may."""

    @property
    def allows_all(self) -> bool:
        """Whether nobody signs in, so that nothing is anybody's own."""
        return self._policy is allow_all

    def may(self, user: User, action: Action, item: Item) -> bool:
        """Whether the user may; the audit hears nothing of it."""
        return self._policy(user, action, item)

    def require(
        self,
        user: User,
        action: Action,
        item: Item,
        subject: str = "",
        event: AuditEvent | None = None,
    ) -> None:
        """Raise NotAllowed where the user may not, which the audit keeps.

        `subject` is the item's id or its name. `event` says more closely what is done.
        """
        if refusal := self._refusal(user, action, item):
            error = NotAllowed(refusal)
            self._tell(user, event or event_of(action), item, subject, error)
            raise error

    def _refusal(self, user: User, action: Action, item: Item) -> str:
        if not self.may(user, action, item):
            return _REFUSALS[action](item.kind.value)
        is_free = action is not Action.CREATE or user.role is Role.ADMIN
        return "" if is_free else self.maintenance()

    @contextmanager
    def acting(
        self,
        user: User,
        action: Action,
        item: Item,
        subject: str = "",
        event: AuditEvent | None = None,
    ) -> Iterator[Act]:
        """The same around what is then done: the audit keeps whether it was done, refused or
        failed. What was typed is no subject before it was checked: name it in the block."""
        event = event or event_of(action)
        self.require(user, action, item, subject, event)
        act = Act(subject)
        try:
            yield act
        except Exception as error:  # told, and raised again
            for each in act.subjects:
                self._tell(user, event, item, each, error)
            raise
        for each in act.subjects:
            self._tell(user, event, item, each)

    def _tell(
        self,
        user: User,
        event: AuditEvent,
        item: Item,
        subject: str,
        error: Exception | None = None,
    ) -> None:
        if self._record is None:
            return
        outcome, reason = Outcome.DONE, ""
        if error:
            refused = isinstance(error, NotAllowed)
            outcome, reason = Outcome.REFUSED if refused else Outcome.FAILED, reason_of(error)
        self._record(
            user, event, kind=item.kind.value, subject=subject, outcome=outcome, reason=reason
        )
