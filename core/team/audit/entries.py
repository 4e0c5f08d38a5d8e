"""What the audit keeps of an act; names and ids only, never what somebody typed."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from pydantic import Field

from core.records.interface import RecordKind
from core.team.permissions import Action
from core.team.users import User
from formats.frozen import Tolerant
from formats.limits import MAX_NAME

MAX_REASON: Final = 64

_NO_NAME: Final = re.compile(r"[\x00-\x1f\x7f?&<>]|://")
"""What no id and no name of ours has, and a signed address or a line of text has."""

_CODE: Final = re.compile(r"[A-Za-z0-9.]+")
"""AWS's error codes are words such as `ValidationException`."""


class AuditEvent(StrEnum):
    """What somebody did or tried; the value is the word an admin reads."""

    SIGN_IN = "sign in"
    SIGN_OUT = "sign out"
    LIST = "list"
    """This, `see` and `use` are kept only where they were refused."""
    SEE = "see"
    USE = "use"
    CREATE = "create"
    CHANGE = "change"
    DELETE = "delete"
    SHARE = "share"
    CANCEL = "cancel"
    RETRY = "retry"
    STOP = "stop"
    WAKE = "wake"
    SCALE = "scale"
    UPDATE = "update"
    REPAIR = "repair"
    SET_LIMITS = "set limits"
    SET_PRICE = "set price"
    SET_UP = "set up"
    WITHDRAW = "withdraw deletion"
    DISMISS = "dismiss update"
    FORGET_ORDER = "forget order"
    CLEAN_UP = "clean up"
    GIVE_ROLE = "give role"
    DISABLE = "disable"
    ENABLE = "enable"
    REMOVE = "remove person"
    HAND_OVER = "hand over"
    LIFT_BUDGET = "lift budget"
    PRIORITIZE = "move to front"
    HOLD = "hold queue"
    RESUME = "resume queue"
    TRASH = "put into the trash"
    RESTORE = "take out of the trash"
    PUBLISH = "make public link"
    UNPUBLISH = "revoke public link"


class Outcome(StrEnum):
    """What came of it."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


class AuditEntry(Tolerant):
    """One act of one person; it never changes."""

    id: str
    """A ULID of the time `at`."""
    at: datetime
    """UTC."""
    user: str = Field("", max_length=MAX_NAME)
    """Issuer and subject; empty where nobody was signed in."""
    title: str = Field("", max_length=MAX_NAME)
    """Their e-mail address or name at that time."""
    origin: str = Field("", max_length=64)
    """The network address that they asked from; empty for the studio itself."""
    event: AuditEvent | str
    """A newer version may have kept another one."""
    kind: str = ""
    """What it was done to, a `Kind`; empty for a login."""
    subject: str = Field("", max_length=MAX_NAME)
    """Its id, or its name where that is its id."""
    outcome: Outcome
    reason: str = Field("", max_length=MAX_REASON)
    """The class of the error, and AWS's own code; empty where it was done."""


AUDIT: Final = RecordKind("audit", AuditEntry)
"""Kept under the day (UTC, `2026-11-29`) as the owner, and the entry's id."""


class Recorder(Protocol):
    """Keeps one act; it never fails and never waits."""

    def __call__(
        self,
        user: User,
        event: AuditEvent,
        *,
        kind: str = "",
        subject: str = "",
        outcome: Outcome = Outcome.DONE,
        reason: str = "",
    ) -> None:
        """Note who did what to what, and what came of it."""
        ...


def event_of(action: Action) -> AuditEvent:
    """What an action is called in the audit, where nothing says it more closely."""
    return AuditEvent(action.value)


def day_of(at: datetime) -> str:
    """The owner that an entry is kept under."""
    return f"{at:%Y-%m-%d}"


def clean_name(text: str, most: int = MAX_NAME) -> str:
    """The text as an id or a name; empty where it can be neither, as a signed address can't."""
    return "" if _NO_NAME.search(text) else text[:most]


def reason_of(error: BaseException) -> str:
    """An error's class and AWS's own code; never its message, which may quote what was typed."""
    code = str(getattr(error, "code", ""))
    known = code if _CODE.fullmatch(code) else ""
    return f"{type(error).__name__} {known}".strip()[:MAX_REASON]
