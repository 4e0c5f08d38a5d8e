"""A check of the set-up: how it came out, and which permission was lacking."""

from enum import StrEnum

from core.errors import AwsError
from core.texts import aws as aws_texts
from core.texts import setup as texts
from formats.frozen import Frozen


class SetupAction(StrEnum):
    """What this software can do for a check that failed, when told to."""

    CREATE_BUCKET = "create bucket"
    CLOSE_BUCKET = "close bucket"
    SET_LIFECYCLE = "set lifecycle"
    SET_CORS = "set cors"
    CREATE_TABLE = "create table"
    CREATE_RECORDS_TABLE = "create records table"
    ADD_INDEX = "add index"
    CREATE_EVENTS = "create topic and queue"


class CheckState(StrEnum):
    """How a check came out."""

    IN_PLACE = "in place"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """It could not be checked, mostly for a permission that jobs don't need."""


class Check(Frozen):
    """One thing that must be in place, and whether it is."""

    name: str
    state: CheckState
    detail: str
    action: SetupAction | None = None
    """What `Setup.perform` can put it in place by; None where only a person can."""
    is_needed: bool = True
    """Whether jobs can't be run without it."""

    @property
    def ok(self) -> bool:
        """Whether it is known to be in place."""
        return self.state is CheckState.IN_PLACE

    @property
    def blocks(self) -> bool:
        """Whether jobs can't be run before it is in place."""
        return self.state is CheckState.FAILED and self.is_needed


def in_place(name: str, detail: str = texts.IS_THERE) -> Check:
    """A check that came out well."""
    return Check(name=name, state=CheckState.IN_PLACE, detail=detail)


def failed(name: str, detail: str, action: SetupAction | None = None) -> Check:
    """A check of something that jobs need and that is not there."""
    return Check(name=name, state=CheckState.FAILED, detail=detail, action=action)


def advised(name: str, detail: str, action: SetupAction | None = None) -> Check:
    """A check of something that is not there, and that jobs can be run without."""
    return failed(name, detail, action).model_copy(update={"is_needed": False})


def unknown(name: str, detail: str) -> Check:
    """A check that could not be made."""
    return Check(name=name, state=CheckState.UNKNOWN, detail=detail)


def not_checked(name: str, error: AwsError, permission: str) -> Check:
    """One that could not be made for an error; `permission` is what its call needs."""
    return unknown(name, texts.not_checked(explain(error, permission)))


def explain(error: AwsError, permission: str) -> str:
    """The error with what to do; `permission` is what its call needs, which AWS names only to
    those of the account."""
    words = str(error)
    general = aws_texts.CHECK_PERMISSIONS
    if permission and words.endswith(general):
        return words.removesuffix(general) + aws_texts.allow(permission)
    return words
