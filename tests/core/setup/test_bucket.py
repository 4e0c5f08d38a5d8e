"""The bucket's checks try what they claim, say what is lacking, and are put right one by one."""

from typing import Any, Final

import boto3
import pytest

from core.errors import AwsError
from core.setup.checks import CheckState, SetupAction
from core.setup.service import Setup
from core.team.users import LOCAL
from tests.core.setup.conftest import BUCKET, Find
from tests.support.faulty_aws import Fault, FaultyAws, refuse_in_xml

EXISTS, USE = "S3 bucket", "Reading and writing"
PUBLIC, UPLOADS, CORS = "Public access", "Interrupted uploads", "Uploads from browsers"
PERMISSION: Final = "User: ann is not authorized to perform: {} on resource: x"


def denied(permission: str = "") -> Fault:
    """AWS names the permission to those of the account, and says just no to others."""
    message = PERMISSION.format(permission) if permission else "Access Denied"
    return refuse_in_xml(403, "AccessDenied", message)


@pytest.fixture
def s3(account: FaultyAws, session: boto3.Session, setup: Setup) -> Any:
    setup.create_bucket()
    return session.client("s3", endpoint_url=account.connection.url)


def states(setup: Setup) -> dict[str, CheckState]:
    names = (EXISTS, USE, PUBLIC, UPLOADS, CORS)
    checks = setup.checks()
    return {n: c.state for n in names for c in checks if c.name.startswith(n)}


def assert_nothing_left(s3: Any) -> None:
    assert "Contents" not in s3.list_objects_v2(Bucket=BUCKET)
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=BUCKET)


def test_a_bucket_in_place_is_tried_and_left_empty(s3: Any, setup: Setup) -> None:
    assert set(states(setup).values()) == {CheckState.IN_PLACE}
    assert_nothing_left(s3)


ELSEWHERE = {"x-amz-bucket-region": "us-west-2"}
HEAD, LIST = f"HEAD /{BUCKET}", f"GET /{BUCKET}?list-type=2&max-keys=1"


@pytest.mark.parametrize(
    ("head", "listing", "said", "unsaid"),
    [
        (refuse_in_xml(301, "", **ELSEWHERE), None, "is in us-west-2", "somebody"),
        (refuse_in_xml(400, "", **ELSEWHERE), None, "is in us-west-2", "somebody"),
        (refuse_in_xml(404, ""), None, "is missing", "somebody"),
        (denied(), denied(), "Choose another name", "enew"),
        (denied(), denied("s3:ListBucket"), "Allow s3:ListBucket", "somebody"),
        *(
            (refuse_in_xml(status, ""), refuse_in_xml(status, code), said, "somebody")
            for status, code, said in (
                (400, "ExpiredToken", "renew the credentials"),
                (400, "InvalidToken", "its session token"),
                (403, "InvalidAccessKeyId", "Check the access key"),
                (403, "SignatureDoesNotMatch", "its secret"),
                (403, "RequestTimeTooSkewed", "clock"),
            )
        ),
    ],
)
def test_why_the_bucket_can_not_be_used(
    *,
    account: FaultyAws,
    s3: Any,
    setup: Setup,
    find: Find,
    head: Fault,
    listing: Fault | None,
    said: str,
    unsaid: str,
) -> None:
    account.faults[HEAD] = head
    if listing:
        account.faults[LIST] = listing
    check = find(setup, EXISTS)
    assert check.state is CheckState.FAILED
    assert said in check.detail
    assert unsaid not in check.detail
    assert (check.action is SetupAction.CREATE_BUCKET) is (said == "is missing")
    assert USE not in states(setup)


def test_a_bucket_of_another_region_is_told(
    account: FaultyAws, session: boto3.Session, setup: Setup, find: Find
) -> None:
    session.client(
        "s3", region_name="us-west-2", endpoint_url=account.connection.url
    ).create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    assert "is in us-west-2, and endpoints are in eu-west-1" in find(setup, EXISTS).detail


@pytest.mark.parametrize(
    ("call", "permission", "named"),
    [
        (f"PUT /{BUCKET}/setup/", "s3:PutObject", "s3:PutObject"),
        (f"PUT /{BUCKET}/setup/", "kms:GenerateDataKey", "kms:GenerateDataKey"),
        (f"GET /{BUCKET}/setup/", "", "s3:GetObject"),
        (f"POST /{BUCKET}?delete", "", "s3:DeleteObject"),
        ("prefix=setup", "", "s3:ListBucket"),
        ("?uploads", "", "s3:PutObject"),
        ("uploadId=none", "", "s3:AbortMultipartUpload"),
        ("partNumber=1", "kms:Decrypt", "kms:Decrypt"),
        ("<CompleteMultipartUpload", "kms:Decrypt", "kms:Decrypt"),
    ],
)
def test_a_denied_use_is_named(
    *, account: FaultyAws, s3: Any, setup: Setup, find: Find, call: str, permission: str, named: str
) -> None:
    account.faults[call] = denied(permission)
    check = find(setup, USE)
    assert (check.state, check.blocks) == (CheckState.FAILED, True)
    assert f"Allow {named} in" in check.detail
    account.faults.clear()
    assert_nothing_left(s3)


@pytest.mark.parametrize(
    ("name", "query", "action", "permission"),
    [
        (PUBLIC, "?publicAccessBlock", SetupAction.CLOSE_BUCKET, "s3:GetBucketPublicAccessBlock"),
        (UPLOADS, "?lifecycle", SetupAction.SET_LIFECYCLE, "s3:GetLifecycleConfiguration"),
        (CORS, "?cors", SetupAction.SET_CORS, "s3:GetBucketCORS"),
    ],
)
def test_a_step_that_was_denied_is_done_later(
    *,
    account: FaultyAws,
    setup: Setup,
    find: Find,
    name: str,
    query: str,
    action: SetupAction,
    permission: str,
) -> None:
    account.faults[f"PUT /{BUCKET}{query}"] = denied()
    with pytest.raises(AwsError):
        setup.perform(LOCAL, SetupAction.CREATE_BUCKET)
    account.faults.clear()
    found = states(setup)
    assert found.pop(name) is CheckState.FAILED  # and the step after it was done
    assert set(found.values()) == {CheckState.IN_PLACE}
    check = find(setup, name)
    assert (check.action, check.blocks) == (action, False)
    for _ in range(2):
        setup.perform(LOCAL, action)
        assert find(setup, name).ok
    account.faults[f"GET /{BUCKET}{query}"] = denied()
    check = find(setup, name)
    assert check.state is CheckState.UNKNOWN
    assert f"Allow {permission} in" in check.detail


def test_other_lifecycle_rules_stay(s3: Any, setup: Setup, find: Find) -> None:
    rule = {"ID": "mine", "Status": "Enabled", "Filter": {"Prefix": "logs/"}}
    s3.put_bucket_lifecycle_configuration(
        Bucket=BUCKET, LifecycleConfiguration={"Rules": [{**rule, "Expiration": {"Days": 9}}]}
    )
    assert find(setup, UPLOADS).action is SetupAction.SET_LIFECYCLE
    setup.perform(LOCAL, SetupAction.SET_LIFECYCLE)
    rules = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    assert [rule["ID"] for rule in rules] == ["mine", "broken-off-uploads"]


OURS: Final = "https://studio.example.com"
FOREIGN: Final = {"ID": "mine", "AllowedMethods": ["GET"], "AllowedOrigins": ["https://other.org"]}


def test_other_cors_rules_and_other_studios_stay(s3: Any, setup: Setup, find: Find) -> None:
    setup.origins = ("https://second.example.com",)
    setup.perform(LOCAL, SetupAction.SET_CORS)
    (ours,) = s3.get_bucket_cors(Bucket=BUCKET)["CORSRules"]
    s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": [ours, FOREIGN]})
    setup.origins = (OURS, "https://third.example.com")
    assert "from https://third.example.com;" in find(setup, CORS).detail
    setup.perform(LOCAL, SetupAction.SET_CORS)
    rules = {rule["ID"]: rule for rule in s3.get_bucket_cors(Bucket=BUCKET)["CORSRules"]}
    assert rules["mine"] == FOREIGN
    assert [url.partition("//")[2] for url in rules["contrapposto-uploads"]["AllowedOrigins"]] == [
        "studio.example.com",
        "second.example.com",
        "third.example.com",
    ]


@pytest.mark.parametrize(
    ("changed", "takes"),
    [
        ({}, True),
        ({"AllowedOrigins": ["*"]}, True),
        ({"AllowedOrigins": ["https://*.example.com"], "AllowedHeaders": ["*"]}, True),
        ({"AllowedHeaders": ["Content-Type", "X-Amz-Checksum-Sha256"]}, True),
        ({"AllowedMethods": ["GET", "POST"]}, False),
        ({"AllowedOrigins": ["https://studio.example.com:8501"]}, False),
        ({"AllowedOrigins": ["http://studio.example.com"]}, False),
        ({"AllowedHeaders": ["content-type"]}, False),
    ],
)
def test_a_rule_counts_that_lets_our_page_send_parts(
    *, s3: Any, setup: Setup, find: Find, changed: dict[str, list[str]], takes: bool
) -> None:
    rule = {
        "AllowedMethods": ["PUT"],
        "AllowedOrigins": [OURS],
        "AllowedHeaders": ["content-type", "x-amz-*"],
    }
    s3.put_bucket_cors(Bucket=BUCKET, CORSConfiguration={"CORSRules": [rule | changed]})
    assert find(setup, CORS).ok is takes
