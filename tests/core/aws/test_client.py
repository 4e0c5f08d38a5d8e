"""The S3 client names the region's hosts, and the region is found where AWS's tools look."""

from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from pydantic import SecretStr
from urllib3 import HTTPResponse

from core.aws.client import Aws, Connection
from core.aws.storage import Storage

EMBEDDED = Connection(
    url="http://127.0.0.1:9", access_key="a", secret_key=SecretStr("b"), region="us-east-1"
)


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Keys in the environment, no region, and a folder for the user's own AWS configuration."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    return tmp_path


def address(connection: Connection, bucket: str) -> str:
    return Storage(Aws(connection), bucket).presign("jobs/x/outputs/0.png", 60)


@pytest.mark.parametrize(
    ("region", "bucket", "expected"),
    [
        ("us-east-1", "team", "team.s3.us-east-1.amazonaws.com/jobs"),
        ("eu-west-1", "team", "team.s3.eu-west-1.amazonaws.com/jobs"),
        ("me-central-1", "team", "team.s3.me-central-1.amazonaws.com/jobs"),
        ("eu-south-2", "team", "team.s3.eu-south-2.amazonaws.com/jobs"),
        ("cn-north-1", "team", "team.s3.cn-north-1.amazonaws.com.cn/jobs"),
        ("us-east-1", "team.images", "s3.us-east-1.amazonaws.com/team.images/jobs"),
        ("eu-south-2", "team.images", "s3.eu-south-2.amazonaws.com/team.images/jobs"),
    ],
)
def test_an_address_names_its_regions_host(region: str, bucket: str, expected: str) -> None:
    url = address(Connection(region=region), bucket)
    assert url.startswith(f"https://{expected}/")
    query = parse_qs(urlsplit(url).query)
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert f"/{region}/s3/" in query["X-Amz-Credential"][0]


@pytest.mark.parametrize("bucket", ["team", "team.images"])
def test_a_server_of_another_name_has_the_bucket_in_the_path(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert address(EMBEDDED, bucket).startswith(f"http://127.0.0.1:9/{bucket}/jobs/")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://minio:9000")
    url = address(Connection(region="eu-west-1"), bucket)
    assert url.startswith(f"http://minio:9000/{bucket}/jobs/")


def test_host_and_signature_agree_after_a_redirect_to_another_region() -> None:
    aws = Aws(Connection(region="eu-west-1"))

    def from_s3(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        status = 200 if "eu-south-2" in request.url else 301
        headers: Any = {"x-amz-bucket-region": "eu-south-2"}
        raw: Any = HTTPResponse(BytesIO(), preload_content=False)
        return AWSResponse(request.url, status, headers, raw)

    answer: Any = from_s3
    aws.s3.meta.events.register("before-send.s3.HeadBucket", answer)
    aws.s3.head_bucket(Bucket="team")
    url = urlsplit(Storage(aws, "team").presign("jobs/x", 60))
    assert url.hostname == "team.s3.eu-south-2.amazonaws.com"
    assert "/eu-south-2/s3/" in parse_qs(url.query)["X-Amz-Credential"][0]


@pytest.mark.parametrize(
    ("environment", "given", "expected"),
    [
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, None, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-2"}, None, "eu-west-2"),
        ({"AWS_REGION": "", "AWS_DEFAULT_REGION": "eu-west-2"}, None, "eu-west-2"),
        ({}, None, "eu-west-3"),
        ({"AWS_REGION": "eu-west-1"}, "eu-north-1", "eu-north-1"),
    ],
)
def test_the_region_is_found_where_aws_tools_look(
    environment: dict[str, str],
    given: str | None,
    expected: str,
    account: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (account / "config").write_text("[default]\nregion = eu-west-3\n", "utf-8")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    aws = Aws(Connection(region=given))
    assert (aws.region, aws.has_region) == (expected, True)
    assert aws.sagemaker.meta.region_name == expected


def test_the_embedded_aws_keeps_its_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    assert Aws(EMBEDDED).region == "us-east-1"


def test_a_page_waits_for_seconds_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    aws = Aws(Connection())
    for client in (aws.s3_for_pages, aws.sagemaker_for_pages, aws.dynamodb(for_pages=True)):
        config: Any = client.meta.config  # its stubs lack what it is made of
        attempts = config.retries["total_max_attempts"]
        assert attempts * (config.connect_timeout + config.read_timeout) <= 6
