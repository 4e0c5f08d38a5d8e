"""The one table of who may do what, by role and by whose a thing is; what it lacks is denied."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from core.team.users import Role, User
from formats.frozen import Frozen


class Action(StrEnum):
    """What a user wants to do with something that has an owner."""

    LIST = "list"
    """Know that it is there: whose, since when, in which state."""
    SEE = "see"
    """Look inside: a job's prompt and images."""
    USE = "use"
    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"
    SHARE = "share"
    """Say who else may see it, or hand it to another owner."""


class Kind(StrEnum):
    """What is asked for."""

    MODEL = "model"
    ENDPOINT = "endpoint"
    JOB = "job"
    IMAGE = "image"
    """A job's images and previews; an image has its job's owner and visibility."""
    COLLECTION = "collection"
    """A board of the team that jobs are put on; who sees it sees only those that they may see."""
    POSE = "pose"
    STYLE = "style"
    WILDCARD = "wildcard"
    """A file of them."""
    FORM_PRESET = "form preset"
    TEAM = "team"
    """People, roles, quotas, policy, messages, and what everybody's work cost."""
    AUDIT = "audit"
    API_KEY = "API key"


class Visibility(StrEnum):
    """Who beside its owner may see a thing; the value is the word a user reads."""

    PRIVATE = "private"
    TEAM = "team"


class Item(Frozen):
    """What somebody asks for, as the table needs to know it."""

    kind: Kind
    owner: str = ""
    """Empty for what belongs to nobody, such as the team's settings."""
    visibility: Visibility = Visibility.TEAM
    shared_with: tuple[str, ...] = ()
    """Names of users that a private item is shared with."""


class Rule(NamedTuple):
    """The least role that may, by whose the item is; None for nobody, admins included."""

    own: Role | None
    team: Role | None
    """Another's item that the team may see."""
    shared: Role | None = None
    """Another's private item that is shared with this user."""
    private: Role | None = None
    """Another's private item."""


_VIEWER, _ARTIST, _OPERATOR, _ADMIN = Role

RULES: Final[Mapping[tuple[Kind, Action], Rule]] = {
    (Kind.MODEL, Action.LIST): Rule(_VIEWER, _VIEWER),
    (Kind.MODEL, Action.SEE): Rule(_VIEWER, _VIEWER),
    (Kind.MODEL, Action.USE): Rule(_ARTIST, _ARTIST),
    (Kind.MODEL, Action.CREATE): Rule(_ARTIST, None),
    (Kind.MODEL, Action.CHANGE): Rule(_ARTIST, _OPERATOR),
    (Kind.MODEL, Action.DELETE): Rule(_ARTIST, _OPERATOR),
    (Kind.ENDPOINT, Action.LIST): Rule(_VIEWER, _VIEWER),
    (Kind.ENDPOINT, Action.SEE): Rule(_VIEWER, _VIEWER),
    (Kind.ENDPOINT, Action.USE): Rule(_ARTIST, _ARTIST),
    (Kind.ENDPOINT, Action.CREATE): Rule(_OPERATOR, None),
    (Kind.ENDPOINT, Action.CHANGE): Rule(_OPERATOR, _OPERATOR),
    (Kind.ENDPOINT, Action.DELETE): Rule(_OPERATOR, _OPERATOR),
    (Kind.JOB, Action.LIST): Rule(_VIEWER, _VIEWER, _VIEWER, _OPERATOR),
    (Kind.JOB, Action.SEE): Rule(_VIEWER, _VIEWER, _VIEWER),
    (Kind.JOB, Action.USE): Rule(_ARTIST, _ARTIST, _ARTIST),
    (Kind.JOB, Action.CREATE): Rule(_ARTIST, None),
    (Kind.JOB, Action.CHANGE): Rule(_ARTIST, _OPERATOR, _OPERATOR, _OPERATOR),
    (Kind.JOB, Action.DELETE): Rule(_ARTIST, _ADMIN, _ADMIN, _ADMIN),
    (Kind.JOB, Action.SHARE): Rule(_ARTIST, None),
    (Kind.IMAGE, Action.SEE): Rule(_VIEWER, _VIEWER, _VIEWER),
    (Kind.IMAGE, Action.USE): Rule(_ARTIST, _ARTIST, _ARTIST),
    (Kind.COLLECTION, Action.LIST): Rule(_VIEWER, _VIEWER),
    (Kind.COLLECTION, Action.CREATE): Rule(_ARTIST, None),
    (Kind.COLLECTION, Action.CHANGE): Rule(_ARTIST, _ARTIST),
    (Kind.COLLECTION, Action.DELETE): Rule(_ARTIST, _OPERATOR),
    (Kind.POSE, Action.LIST): Rule(_VIEWER, _VIEWER, _VIEWER),
    (Kind.POSE, Action.SEE): Rule(_VIEWER, _VIEWER, _VIEWER),
    (Kind.POSE, Action.USE): Rule(_ARTIST, _ARTIST, _ARTIST),
    (Kind.POSE, Action.CREATE): Rule(_ARTIST, None),
    (Kind.POSE, Action.CHANGE): Rule(_ARTIST, _OPERATOR),
    (Kind.POSE, Action.DELETE): Rule(_ARTIST, _OPERATOR),
    (Kind.POSE, Action.SHARE): Rule(_ARTIST, None),
    (Kind.STYLE, Action.LIST): Rule(_VIEWER, _VIEWER, _VIEWER),
    (Kind.STYLE, Action.SEE): Rule(_VIEWER, _VIEWER, _VIEWER),
    (Kind.STYLE, Action.USE): Rule(_ARTIST, _ARTIST, _ARTIST),
    (Kind.STYLE, Action.CREATE): Rule(_ARTIST, None),
    (Kind.STYLE, Action.CHANGE): Rule(_ARTIST, _OPERATOR),
    (Kind.STYLE, Action.DELETE): Rule(_ARTIST, _OPERATOR),
    (Kind.STYLE, Action.SHARE): Rule(_ARTIST, None),
    (Kind.WILDCARD, Action.LIST): Rule(_VIEWER, _VIEWER, _VIEWER),
    (Kind.WILDCARD, Action.SEE): Rule(_VIEWER, _VIEWER, _VIEWER),
    (Kind.WILDCARD, Action.USE): Rule(_ARTIST, _ARTIST, _ARTIST),
    (Kind.WILDCARD, Action.CREATE): Rule(_ARTIST, None),
    (Kind.WILDCARD, Action.CHANGE): Rule(_ARTIST, _OPERATOR),
    (Kind.WILDCARD, Action.DELETE): Rule(_ARTIST, _OPERATOR),
    (Kind.WILDCARD, Action.SHARE): Rule(_ARTIST, None),
    (Kind.FORM_PRESET, Action.LIST): Rule(_VIEWER, _VIEWER, _VIEWER),
    (Kind.FORM_PRESET, Action.SEE): Rule(_VIEWER, _VIEWER, _VIEWER),
    (Kind.FORM_PRESET, Action.CREATE): Rule(_ARTIST, None),
    (Kind.FORM_PRESET, Action.CHANGE): Rule(_ARTIST, _OPERATOR),
    (Kind.FORM_PRESET, Action.DELETE): Rule(_ARTIST, _OPERATOR),
    (Kind.FORM_PRESET, Action.SHARE): Rule(_ARTIST, None),
    (Kind.TEAM, Action.SEE): Rule(_ADMIN, _ADMIN),
    (Kind.TEAM, Action.CHANGE): Rule(_ADMIN, _ADMIN),
    (Kind.AUDIT, Action.SEE): Rule(_ADMIN, _ADMIN),
    (Kind.API_KEY, Action.LIST): Rule(_VIEWER, _ADMIN, None, _ADMIN),
    (Kind.API_KEY, Action.CREATE): Rule(_ARTIST, None),
    (Kind.API_KEY, Action.DELETE): Rule(_VIEWER, _ADMIN, None, _ADMIN),
}


def least_role(user: User, action: Action, item: Item) -> Role | None:
    """The least role that lets this user do it to this item; None where none does."""
    rule = RULES.get((item.kind, action))
    if rule is None:
        return None
    if item.owner == user.name:
        return rule.own
    if item.visibility is Visibility.TEAM:
        return rule.team
    return rule.shared if user.name in item.shared_with else rule.private


def is_allowed(user: User, action: Action, item: Item) -> bool:
    """Whether the user may do it to this item."""
    least = least_role(user, action, item)
    return least is not None and user.role.is_at_least(least)
