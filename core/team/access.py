"""The one permission check that every read and write passes."""

from collections.abc import Callable, Mapping
from typing import Final

from core.errors import NotAllowed
from core.team.permissions import Action, Item, is_allowed
from core.team.users import User
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


class Access:
    """The check. With an identity configured, the table of permissions decides."""

    def __init__(self, policy: Policy = is_allowed) -> None:
        self._policy = policy

    def may(self, user: User, action: Action, item: Item) -> bool:
        """Whether the user may."""
        return self._policy(user, action, item)

    def require(self, user: User, action: Action, item: Item) -> None:
        """Raise NotAllowed where the user may not."""
        if not self.may(user, action, item):
            raise NotAllowed(_REFUSALS[action](item.kind.value))
