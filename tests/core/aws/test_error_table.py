"""What an error of boto3 becomes, and what its message tells the reader to do."""

from typing import Any

import pytest
from botocore import exceptions as boto
from botocore.exceptions import BotoCoreError, ClientError

from core.aws.client import translate_errors
from core.errors import AwsDenied, AwsError, AwsThrottled, AwsUnreachable


@pytest.mark.parametrize(
    ("error", "kind", "advice"),
    [
        (boto.InvalidRegionError(region_name="eu west"), AwsError, "AWS_REGION"),
        (boto.NoRegionError(), AwsError, "AWS_REGION"),
        (boto.NoCredentialsError(), AwsDenied, "Configure AWS credentials"),
        (
            boto.PartialCredentialsError(provider="env", cred_var="aws_secret_access_key"),
            AwsDenied,
            "Configure AWS credentials",
        ),
        (boto.ProfileNotFound(profile="team"), AwsDenied, "AWS_PROFILE"),
        (boto.UnauthorizedSSOTokenError(), AwsDenied, "aws sso login"),
        (boto.SSOTokenLoadError(error_msg="None"), AwsDenied, "aws sso login"),
        (
            boto.TokenRetrievalError(provider="sso", error_msg="Token has expired"),
            AwsDenied,
            "aws sso login",
        ),
        (boto.ConfigParseError(path="config"), AwsError, "~/.aws/config"),
        (
            boto.SSLError(endpoint_url="https://a", error=OSError("self-signed")),
            AwsUnreachable,
            "CA_BUNDLE",
        ),
        (boto.EndpointConnectionError(endpoint_url="https://a"), AwsUnreachable, "network"),
        (boto.ProxyConnectionError(proxy_url="http://a"), AwsUnreachable, "proxy"),
        (boto.ReadTimeoutError(endpoint_url="https://a"), AwsUnreachable, "Try again"),
    ],
)
def test_an_error_of_boto3_says_what_to_do(
    error: BotoCoreError, kind: type[AwsError], advice: str
) -> None:
    says = pytest.raises(AwsError, match="^Listing failed: .*" + advice)
    with says as caught, translate_errors("Listing failed"):
        raise error
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("code", "message", "advice"),
    [
        ("ExpiredToken", "The provided token has expired.", "aws sso login"),
        ("ExpiredTokenException", "The token is expired", "aws sso login"),
        ("RequestTimeTooSkewed", "The difference is too large.", "clock"),
        ("InvalidSignatureException", "Signature expired: 20260101T000000Z is ...", "clock"),
        ("SignatureDoesNotMatch", "Signature not yet current: 2026 ...", "clock"),
        ("InvalidSignatureException", "The signature does not match.", "its secret"),
        ("InvalidToken", "The provided token is malformed.", "session token"),
        ("AccessDenied", "Not you.", "permissions"),
        (
            "AccessDeniedException",
            "User: ann is not authorized to perform: ecr:BatchGetImage on resource: x",
            "Allow ecr:BatchGetImage in the policy of these credentials.$",
        ),
    ],
)
def test_a_refusal_says_what_to_do(code: str, message: str, advice: str) -> None:
    refused = ClientError({"Error": {"Code": code, "Message": message}}, "ListObjectsV2")
    with pytest.raises(AwsDenied, match=advice), translate_errors("Listing failed"):
        raise refused


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("Throttling", 400),
        ("ProvisionedThroughputExceededException", 400),
        ("TooManyRequestsException", 429),
        ("SlowDown", 503),
        ("ServiceUnavailable", 503),
        ("503", 503),
        ("ModelNotReadyException", 429),
    ],
)
def test_a_throttled_call_says_when_to_try_again(code: str, status: int) -> None:
    answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    throttled: Any = answer
    with pytest.raises(AwsThrottled, match="wait a minute"), translate_errors("Listing failed"):
        raise ClientError(throttled, "ListObjectsV2")
