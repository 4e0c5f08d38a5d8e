"""With a KMS key, the container asks for SSE-KMS in each of its writes."""

from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer
from ulid import ULID

from sagemaker_container.settings import ContainerSettings
from sagemaker_container.storage.bucket import ContainerBucket

KEY = "alias/studio"


@pytest.fixture
def moto_s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    yield
    server.stop()


@pytest.mark.parametrize(
    ("kms_key", "expected"), [(KEY, ("aws:kms", KEY)), (None, ("AES256", None))]
)
def test_what_it_writes_is_encrypted(
    moto_s3: None, kms_key: str | None, expected: tuple[str, str | None]
) -> None:
    client, name = boto3.client("s3"), f"things-{str(ULID()).lower()}"
    client.create_bucket(Bucket=name)
    bucket = ContainerBucket.connect(ContainerSettings(bucket=name, kms_key=kms_key))
    bucket.put("a", b"a", "text/plain")
    assert bucket.put_if_absent("b", b"b", "text/plain")
    for key in ("a", "b"):
        head = client.head_object(Bucket=name, Key=key)
        assert (head.get("ServerSideEncryption", "AES256"), head.get("SSEKMSKeyId")) == expected
