"""Owns what each error of boto3 is in core's tree, and what a user does about it."""

import re
from typing import Final

from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from core.errors import (
    AwsConflict,
    AwsDenied,
    AwsError,
    AwsNotFound,
    AwsThrottled,
    AwsUnreachable,
)
from core.texts import aws as texts

_NOT_FOUND: Final = {
    "404",
    "NoSuchKey",
    "NoSuchBucket",
    "NoSuchUpload",
    "NoSuchEntity",
    "NoSuchCORSConfiguration",
    "NoSuchLifecycleConfiguration",
    "NoSuchTagSet",
    "NoSuchPublicAccessBlockConfiguration",
    "NotFound",
    "RepositoryNotFoundException",
    "ResourceNotFound",
    "ResourceNotFoundException",
    "AWS.SimpleQueueService.NonExistentQueue",
    "QueueDoesNotExist",
    "ObjectNotFoundException",
}
_CONFLICT: Final = {
    "PreconditionFailed",
    "412",
    "ConditionalRequestConflict",
    "ConditionalCheckFailedException",
    "BucketAlreadyOwnedByYou",
    "ResourceInUseException",
    "ResourceInUse",
}
_THROTTLED: Final = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "PriorRequestNotComplete",
    "SlowDown",
    "ServiceUnavailable",
}
"""botocore's own list (retries/standard.py, ThrottledRetryableChecker) without those codes that are
a quota's or a transaction's, and what S3 and SageMaker say with status 503."""
_THROTTLED_STATUS: Final = {429, 503}
_FORBIDDEN: Final = {"403", "AccessDenied", "AccessDeniedException", "AuthorizationError"}
_WRONG_KEYS: Final = {
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "UnrecognizedClientException",
}
_MISSING_WORDS: Final = ("Could not find", "No scalable target found", "No scaling policy found")
"""How services that say ValidationException tell that something is not there."""

_EXPIRED: Final = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
KEYS_REFUSED: Final = frozenset(_EXPIRED | _WRONG_KEYS)
"""Codes by which AWS refuses the credentials themselves, whatever they would be allowed to do."""

_REFUSED_HEAD: Final = "400"
"""S3's answer to a HEAD of an expired session: it has a status, but no body with the code."""

_CLOCK: Final = {"RequestTimeTooSkewed", "RequestInTheFuture"}
_NOT_AUTHORIZED: Final = re.compile(r"is not authorized to perform: ([\w-]+:\w+)")
_CLOCK_WORDS: Final = ("Signature expired", "Signature not yet current")
"""How the services with JSON, which say InvalidSignatureException, tell a clock that is wrong."""

_BOTOCORE: Final[tuple[tuple[tuple[type[BotoCoreError], ...], type[AwsError], str], ...]] = (
    ((boto.NoRegionError, boto.InvalidRegionError), AwsError, texts.SET_THE_REGION),
    ((boto.ProfileNotFound,), AwsDenied, texts.NAME_A_PROFILE),
    ((boto.SSOError, boto.LoginError, boto.TokenRetrievalError), AwsDenied, texts.SIGN_IN_AGAIN),
    (
        (boto.NoCredentialsError, boto.PartialCredentialsError),
        AwsDenied,
        texts.CONFIGURE_CREDENTIALS,
    ),
    ((boto.CredentialRetrievalError,), AwsDenied, texts.CHECK_CREDENTIAL_SOURCE),
    ((boto.ConfigParseError, boto.InvalidConfigError), AwsError, texts.MEND_THE_CONFIGURATION),
    ((boto.SSLError,), AwsUnreachable, texts.CHECK_CERTIFICATES),
    (
        (boto.EndpointConnectionError, boto.ProxyConnectionError),
        AwsUnreachable,
        texts.CHECK_NETWORK,
    ),
)
"""Errors that another try alone does not mend. A connection that failed stays AwsUnreachable: of
several tries the last one is told, and an earlier one may have had its effect."""


def from_client(failed: str, error: ClientError) -> AwsError:
    """An error that AWS answered with."""
    details = error.response.get("Error", {})
    code, message = str(details.get("Code", "")), str(details.get("Message", ""))
    kinds = ((_NOT_FOUND, AwsNotFound), (_CONFLICT, AwsConflict))
    kind = next((kind for codes, kind in kinds if code in codes), AwsError)
    if kind is AwsError and _is_throttled(code, error):
        words = texts.refused_with_advice(failed, message or code, code, texts.WAIT_A_MINUTE)
        return AwsThrottled(words, code)
    if any(words in message for words in _MISSING_WORDS) or message.endswith("not found."):
        kind = AwsNotFound
    advice = _advice(code, message)
    if kind is AwsError and advice:
        return AwsDenied(texts.refused_with_advice(failed, message or code, code, advice), code)
    found = kind(texts.refused(failed, message or code, code), code)
    if isinstance(found, AwsConflict):
        found.is_repeated = was_repeated(error)
    return found


def _is_throttled(code: str, error: ClientError) -> bool:
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return code in _THROTTLED or status in _THROTTLED_STATUS


def was_repeated(error: ClientError) -> bool:
    """Whether boto3 had sent the call before, so that an earlier try may have had its effect."""
    return error.response.get("ResponseMetadata", {}).get("RetryAttempts", 0) > 0


def is_of_credentials(error: AwsError) -> bool:
    """Whether the keys themselves, or the clock, are at fault, whatever they are allowed."""
    return isinstance(error, AwsDenied) and error.code not in _FORBIDDEN


def permission_named(words: str) -> str:
    """The action that AWS's words say is not allowed, such as `s3:PutObject`; empty if none."""
    found = _NOT_AUTHORIZED.search(words)
    return found[1] if found else ""


def _advice(code: str, message: str) -> str:
    """What to do where the credentials, or the clock that signs with them, are at fault."""
    if code in _EXPIRED:
        return texts.SIGN_IN_AGAIN
    if code == _REFUSED_HEAD:
        return texts.MAY_HAVE_EXPIRED
    if code in _CLOCK or (code in _WRONG_KEYS and message.startswith(_CLOCK_WORDS)):
        return texts.SET_THE_CLOCK
    if code in _WRONG_KEYS:
        return texts.CHECK_CREDENTIALS
    if code not in _FORBIDDEN:
        return ""
    permission = permission_named(message)
    return texts.allow(permission) if permission else texts.CHECK_PERMISSIONS


def from_botocore(failed: str, error: BotoCoreError) -> AwsError:
    """An error of boto3 itself: nothing was sent, or no answer came."""
    name = type(error).__name__
    for classes, kind, advice in _BOTOCORE:
        if isinstance(error, classes):
            return kind(texts.refused_with_advice(failed, str(error), name, advice), name)
    if isinstance(error, boto.ParamValidationError):
        return AwsError(texts.not_sent(failed, str(error)), name)
    return AwsUnreachable(texts.no_answer(failed, name), name)
