"""Checksums and digests."""

import base64
import hashlib
from typing import Any

from types_boto3_s3 import S3Client

from tests.local_aws.s3.table import (
    b64_sha256,
    behaviour,
    md5,
    refused,
)


@behaviour
def checksum_is_kept_and_returned(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="a", Body=b"abc", ChecksumAlgorithm="SHA256")
    head = client.head_object(Bucket=bucket, Key="a", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == b64_sha256(b"abc")


@behaviour
def checksum_of_every_algorithm_is_checked(client: S3Client, bucket: str) -> None:
    right: Any = {
        "ChecksumCRC32": "NSRBwg==",
        "ChecksumCRC32C": "Nks/tw==",
        "ChecksumCRC64NVME": "BeXKuz/B+us=",
        "ChecksumSHA1": base64.b64encode(
            hashlib.sha1(b"abc", usedforsecurity=False).digest()
        ).decode(),
        "ChecksumSHA256": b64_sha256(b"abc"),
    }
    for name, value in right.items():
        answer: Any = client.put_object(Bucket=bucket, Key=name, Body=b"abc", **{name: value})
        assert answer[name] == value
        with refused("BadDigest", 400):
            client.put_object(Bucket=bucket, Key="bad", Body=b"abd", **{name: value})
    assert len(client.list_objects_v2(Bucket=bucket)["Contents"]) == len(right)


@behaviour
def content_md5_is_checked(client: S3Client, bucket: str) -> None:
    right = base64.b64encode(bytes.fromhex(md5(b"abc"))).decode()
    client.put_object(Bucket=bucket, Key="a", Body=b"abc", ContentMD5=right)
    with refused("BadDigest", 400):
        client.put_object(Bucket=bucket, Key="a", Body=b"abd", ContentMD5=right)
    with refused("InvalidDigest", 400):
        client.put_object(Bucket=bucket, Key="a", Body=b"abc", ContentMD5="nonsense")


@behaviour
def attributes_are_told(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="a", Body=b"abc", ChecksumAlgorithm="SHA256")
    answer = client.get_object_attributes(
        Bucket=bucket, Key="a", ObjectAttributes=["ETag", "ObjectSize", "Checksum", "StorageClass"]
    )
    assert (answer["ETag"], answer["ObjectSize"]) == (md5(b"abc"), 3)
    assert answer["Checksum"]["ChecksumSHA256"] == b64_sha256(b"abc")
