"""A check of the set-up: how it came out, and which permission was lacking."""

import re
from enum import StrEnum
from typing import Final

from core.errors import AwsDenied, AwsError
from core.texts import setup as texts
from formats.frozen import Frozen

_NOT_AUTHORIZED: Final = re.compile(r"is not authorized to perform: ([\w-]+:\w+)")

_CREDENTIALS: Final = {
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "UnrecognizedClientException",
}
"""AWS's codes for keys that are wrong or have expired, whatever they are allowed."""


class SetupAction(StrEnum):
    """What this software can do for a check that failed, when told to."""

    CREATE_BUCKET = "create bucket"
    CLOSE_BUCKET = "close bucket"
    SET_LIFECYCLE = "set lifecycle"
    CREATE_TABLE = "create table"


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


def unknown(name: str, detail: str) -> Check:
    """A check that could not be made."""
    return Check(name=name, state=CheckState.UNKNOWN, detail=detail)


def not_checked(name: str, error: AwsError, permission: str) -> Check:
    """One that could not be made for an error; `permission` is what its call needs."""
    if isinstance(error, AwsDenied) and not is_of_credentials(error):
        named = permission_named(error) or permission
        return unknown(name, texts.not_checked_without(named, str(error)))
    return unknown(name, texts.not_checked(explain(error, permission)))


def is_of_credentials(error: AwsError) -> bool:
    """Whether the keys themselves are refused, or boto3 found none."""
    is_from_boto3 = isinstance(error, AwsDenied) and error.code.endswith("Error")
    return is_from_boto3 or error.code in _CREDENTIALS


def permission_named(error: AwsError) -> str:
    """The action that AWS's words say is not allowed, such as `s3:PutObject`; empty if none."""
    found = _NOT_AUTHORIZED.search(str(error))
    return found[1] if found else ""


def explain(error: AwsError, permission: str) -> str:
    """The error and what to do: renew the credentials, or allow what was lacking.

    `permission` is what the call needs, for where AWS does not name it.
    """
    if is_of_credentials(error):
        return texts.renew_credentials(str(error))
    if isinstance(error, AwsDenied):
        return texts.lacks_permission(str(error), permission_named(error) or permission)
    return str(error)
