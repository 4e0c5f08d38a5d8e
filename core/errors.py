"""The one exception tree; each message says what went wrong and what to do next.

ContrappostoError
├── ConfigurationError        a setting is missing or contradicts another
├── InvalidInput              something a user typed or picked, with the field at fault
│   ├── InvalidDraft          several of them at once
│   ├── EndpointNotReady      the endpoint takes no jobs in its present state
│   └── QuotaExceeded         more than the user may use; says when there is more
├── NotAllowed                the user may not do this
│   └── KeyRefused            an API key that does not count (any more)
├── NotFound                  the job, model or endpoint is not there (any more)
├── Conflict                  it exists already, or changed meanwhile
├── UploadCancelled           an upload was told to stop
├── SourceIsAway              what is uploaded is out of reach; once it is back, it goes on
├── DeploymentFailed          an image or a stack could not be made
├── RemoteError               a web site refused, or did not send what it said it would
└── AwsError                  AWS refused or did not answer; carries AWS's own words
    ├── AwsNotFound
    ├── AwsConflict           a condition did not hold
    ├── AwsDenied             credentials or permissions
    ├── AwsThrottled          more calls than it takes at the moment; not carried out
    └── AwsUnreachable        no answer at all
"""

from typing import NamedTuple


class ContrappostoError(Exception):
    """Base of every error that a user may read."""


class ConfigurationError(ContrappostoError):
    """A setting is missing or contradicts another one."""


class InvalidInput(ContrappostoError):
    """Something typed or picked can't be used; `field` names it (a request's field or a form's)."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class Problem(NamedTuple):
    """One field of a form and what is wrong with it."""

    field: str
    message: str


class InvalidDraft(InvalidInput):
    """A form that can't be sent; `problems` has every field at fault."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        first = problems[0]
        super().__init__(first.message, first.field)
        self.problems = problems


class NotAllowed(ContrappostoError):
    """The user may not do this to that owner's things."""


class KeyRefused(NotAllowed):
    """An API key that does not count; `code` says why, for programs."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


class NotFound(ContrappostoError):
    """The job, model or endpoint is not there, or not any more."""


class Conflict(ContrappostoError):
    """It exists already, or somebody changed it meanwhile."""


class EndpointNotReady(InvalidInput):
    """The endpoint takes no jobs in its present state; nothing was sent."""


class QuotaExceeded(InvalidInput):
    """More than the user may use; nothing was made. The message says when there is more."""


class UploadCancelled(ContrappostoError):
    """An upload was told to stop; what becomes of its parts in S3, the queue decides."""


class SourceIsAway(ContrappostoError):
    """What is uploaded is out of reach or has changed; once it is back, the upload goes on."""


class DeploymentFailed(ContrappostoError):
    """An image could not be built or a stack not be made; what stood before stands still."""


class RemoteError(ContrappostoError):
    """A web site refused, did not answer, or sent something else than a model file.

    `can_retry` is whether the same request may succeed later, `retry_after` the seconds that the
    site itself asked to wait for, `link` the page on which a person can do something about it.
    """

    def __init__(
        self,
        message: str,
        *,
        can_retry: bool = False,
        retry_after: float | None = None,
        link: str = "",
    ) -> None:
        super().__init__(message)
        self.can_retry = can_retry
        self.retry_after = retry_after
        self.link = link


class AwsError(ContrappostoError):
    """AWS refused a call; `code` is AWS's own error code."""

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class AwsNotFound(AwsError):
    """The object, table or endpoint is not on AWS."""


class AwsConflict(AwsError):
    """A condition of the call did not hold: it exists, or was changed meanwhile."""

    is_repeated = False
    """Whether boto3 sent the call again after an answer was lost: the first may have held."""


class AwsDenied(AwsError):
    """The credentials are missing, expired, or lack a permission."""


class AwsThrottled(AwsError):
    """AWS has no room for the call at the moment and did not carry it out."""


class AwsUnreachable(AwsError):
    """AWS did not answer."""
