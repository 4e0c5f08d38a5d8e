"""The one permission check that every read and write passes."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final, Protocol

from pydantic import Field

from core.errors import NotAllowed
from core.texts import access as texts
from formats.frozen import Frozen
from formats.limits import MAX_NAME


class Action(StrEnum):
    """What a user wants to do with something that has an owner."""

    SEE = "see"
    USE = "use"
    CHANGE = "change"
    DELETE = "delete"


_REFUSALS: Final[Mapping[Action, Callable[[str], str]]] = {
    Action.SEE: texts.not_yours_to_see,
    Action.USE: texts.not_yours_to_use,
    Action.CHANGE: texts.not_yours_to_change,
    Action.DELETE: texts.not_yours_to_delete,
}


class User(Frozen):
    """Somebody signed in; records have `name` as their owner."""

    name: str = Field(min_length=1, max_length=MAX_NAME)


LOCAL: Final = User(name="local")
"""Everybody, while no login is configured."""


class Policy(Protocol):
    """Decides what a user may do."""

    def allows(self, user: User, action: Action, owner: str, /) -> bool:
        """Whether `user` may do `action` to a thing of `owner`."""
        ...


class OpenPolicy:
    """Everybody may do everything: right as long as there is only `local`."""

    def allows(self, _user: User, _action: Action, _owner: str, /) -> bool:
        """Yes."""
        return True


class Access:
    """The check; a login changes the policy, not the callers."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy

    def may(self, user: User, action: Action, owner: str) -> bool:
        """Whether the user may."""
        return self._policy.allows(user, action, owner)

    def require(self, user: User, action: Action, owner: str) -> None:
        """Raise NotAllowed where the user may not."""
        if not self.may(user, action, owner):
            raise NotAllowed(_REFUSALS[action](owner))
