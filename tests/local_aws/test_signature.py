"""Nobody gets in without the keys: each protocol, each way of being wrong."""

import time
from collections.abc import Callable
from typing import Any

import boto3
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from local_aws.http.errors import AccessDenied
from local_aws.http.messages import Request
from local_aws.http.signature import SignatureVerifier
from tests.local_aws.conftest import Cloud, refusal

CALLS: list[tuple[str, str]] = [
    ("sagemaker", "list_models"),
    ("s3", "list_buckets"),
    ("sts", "get_caller_identity"),
    ("cloudwatch", "describe_alarms"),
    ("dynamodb", "list_tables"),
    ("application-autoscaling", "describe_scalable_targets"),
]


def ask(cloud: Cloud, service: str, operation: str, **changed: Any) -> Callable[[], Any]:
    keys = {
        "aws_access_key_id": cloud.aws.access_key,
        "aws_secret_access_key": cloud.aws.secret_key,
        "region_name": cloud.aws.region,
        **changed,
    }
    config = Config(retries={"max_attempts": 0})
    session: Any = boto3.Session(**keys)
    client = session.client(service, endpoint_url=cloud.aws.url, config=config)
    asked = {"ServiceNamespace": "sagemaker"} if service.startswith("app") else {}
    return lambda: getattr(client, operation)(**asked)


@pytest.mark.parametrize(("service", "operation"), CALLS)
def test_an_unknown_key_and_a_wrong_secret_are_refused(
    cloud: Cloud, service: str, operation: str
) -> None:
    wrong_key = ask(cloud, service, operation, aws_access_key_id="AKIAWRONG")
    code, _, status = refusal(wrong_key)
    assert (code, status) in {("UnrecognizedClientException", 403), ("InvalidAccessKeyId", 403)}
    wrong_secret = ask(cloud, service, operation, aws_secret_access_key="wrong")
    code, _, status = refusal(wrong_secret)
    assert (code, status) in {("InvalidSignatureException", 403), ("SignatureDoesNotMatch", 403)}
    assert ask(cloud, service, operation)()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_another_region_is_another_cloud(cloud: Cloud) -> None:
    code, message, _ = refusal(ask(cloud, "sagemaker", "list_models", region_name="eu-west-1"))
    assert code == "InvalidSignatureException"
    assert "This is us-east-1" in message


@pytest.mark.parametrize(
    ("method", "path", "headers"),
    [
        ("POST", "/", {"x-amz-target": "SageMaker.ListModels"}),
        ("POST", "/endpoints/x/invocations", {}),
        ("GET", "/", {}),
        ("GET", "/moto-api/data.json", {}),
        ("POST", "/moto-api/reset", {}),
    ],
)
def test_an_unsigned_request_is_refused(
    cloud: Cloud, method: str, path: str, headers: dict[str, str]
) -> None:
    assert httpx.request(method, cloud.aws.url + path, headers=headers).status_code == 403


def signed(**changed: str) -> Request:
    """A request to SageMaker, signed now and changed afterwards."""
    request = AWSRequest("POST", "http://127.0.0.1:1/", {"host": "127.0.0.1:1"}, b"{}")
    SigV4Auth(Credentials("KEY", "SECRET"), "sagemaker", "us-east-1").add_auth(request)
    headers = {name.lower(): str(value) for name, value in request.headers.items()}
    return Request("POST", "/", {**headers, **changed}, b"{}")


def verifier(now: float) -> SignatureVerifier:
    return SignatureVerifier("KEY", "SECRET", "us-east-1", lambda: now)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"authorization": ""}, "MissingAuthenticationTokenException"),
        ({"authorization": "AWS4-HMAC-SHA256 nonsense"}, "MissingAuthenticationTokenException"),
        ({"x-amz-date": "yesterday"}, "IncompleteSignatureException"),
        ({"x-amz-date": "20200101T000000Z"}, "InvalidSignatureException"),
        ({"host": "elsewhere"}, "InvalidSignatureException"),
    ],
)
def test_a_changed_request_is_refused(changed: dict[str, str], code: str) -> None:
    now = time.time()
    assert verifier(now).verify(signed()).service == "sagemaker"
    with pytest.raises(AccessDenied) as caught:
        verifier(now).verify(signed(**changed))
    assert caught.value.code == code


def test_another_body_and_an_old_signature_are_refused() -> None:
    good = signed()
    with pytest.raises(AccessDenied, match="does not match"):
        verifier(time.time()).verify(Request("POST", "/", good.headers, b'{"a": 1}'))
    with pytest.raises(AccessDenied, match="expired"):
        verifier(time.time() + 16 * 60).verify(good)
