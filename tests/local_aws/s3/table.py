"""The table of behaviours, and what they are written with."""

import base64
import hashlib
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import boto3
import httpx
from boto3.exceptions import Boto3Error
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from types_boto3_s3 import S3Client

ACCESS_KEY: Final = "local"
SECRET_KEY: Final = "secret"
MIB: Final = 1 << 20
PART: Final = b"a" * (5 * MIB)
NASTY_KEYS: Final = (
    "..",
    "../../etc/passwd",
    "a/../../b",
    "./c",
    "a//b",
    "/leading",
    "trailing/",
    "with space+plus%percent",
    "ünïcödé/日本語/🐶",
    "quote'\"<&>",
    "a?b=c#d",
    "a\\b",
    "~tilde*star(paren)!",
    "tab\tand\nnewline",
    "%2e%2e%2f",
    "nul.%00",
)

Behaviour = Callable[[S3Client, str], None]
BEHAVIOURS: dict[str, Behaviour] = {}


def behaviour(function: Behaviour) -> Behaviour:
    BEHAVIOURS[function.__name__] = function
    return function


def connect(
    url: str,
    secret_key: str = SECRET_KEY,
    access_key: str = ACCESS_KEY,
    region: str = "us-east-1",
    **config: Any,
) -> S3Client:
    return boto3.client(
        "s3",
        region_name=region,
        endpoint_url=url,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=Config(retries={"max_attempts": 0}, max_pool_connections=32, **config),
    )


def same_server(client: S3Client, **changes: Any) -> S3Client:
    return connect(client.meta.endpoint_url, **changes)


@contextmanager
def refused(code: str, status: int) -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        answer = (
            error.response["Error"]["Code"],
            error.response["ResponseMetadata"]["HTTPStatusCode"],
        )
        assert answer == (code, status), f"answered {answer}"
    else:
        raise AssertionError(f"accepted instead of {code}")


def body(client: S3Client, bucket: str, key: str, **how: Any) -> bytes:
    return client.get_object(Bucket=bucket, Key=key, **how)["Body"].read()


def put_all(client: S3Client, bucket: str, *keys: str) -> None:
    for key in keys:
        client.put_object(Bucket=bucket, Key=key, Body=key.encode())


def upload_parts(
    client: S3Client, bucket: str, key: str, *parts: bytes, **create: Any
) -> dict[str, Any]:
    """Create an upload with these parts; returns what names it, and the parts to complete it."""
    upload = client.create_multipart_upload(Bucket=bucket, Key=key, **create)["UploadId"]
    named: Any = {"Bucket": bucket, "Key": key, "UploadId": upload}
    algorithm = create.get("ChecksumAlgorithm", "")
    asked: Any = {"ChecksumAlgorithm": algorithm} if algorithm else {}
    done = []
    for number, data in enumerate(parts, 1):
        answer = client.upload_part(**named, PartNumber=number, Body=data, **asked)
        kept = {name: value for name, value in answer.items() if name == f"Checksum{algorithm}"}
        done.append({"PartNumber": number, "ETag": answer["ETag"], **kept})
    return {**named, "MultipartUpload": {"Parts": done}}


def upload_of(completion: dict[str, Any]) -> dict[str, Any]:
    return {name: completion[name] for name in ("Bucket", "Key", "UploadId")}


def md5(data: bytes) -> str:
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def b64_sha256(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def presigned(client: S3Client, operation: str, seconds: int = 60, **parameters: Any) -> str:
    return client.generate_presigned_url(operation, Params=parameters, ExpiresIn=seconds)


FAILURES: Final = (
    AssertionError,
    Boto3Error,
    BotoCoreError,
    ClientError,
    KeyError,
    httpx.HTTPError,
)
"""What a behaviour raises when a server does otherwise."""


def failure_of(name: str, client: S3Client, bucket: str) -> str:
    """Where the server does otherwise than the behaviour says; empty when it doesn't."""
    try:
        BEHAVIOURS[name](client, bucket)
    except FAILURES:
        return traceback.format_exc()
    return ""


def new_bucket(client: S3Client) -> str:
    name = f"b-{uuid.uuid4().hex[:20]}"
    client.create_bucket(Bucket=name)
    return name
