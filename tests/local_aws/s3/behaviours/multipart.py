"""Multipart uploads."""

import base64
import hashlib
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from boto3.s3.transfer import TransferConfig
from types_boto3_s3 import S3Client

from tests.local_aws.s3.table import (
    MIB,
    PART,
    b64_sha256,
    behaviour,
    body,
    md5,
    put_all,
    refused,
    upload_of,
    upload_parts,
)


@behaviour
def parts_become_one_object(client: S3Client, bucket: str) -> None:
    completion = upload_parts(
        client, bucket, "m", PART, b"end", ContentType="text/plain", Metadata={"user": "ann"}
    )
    etag = client.complete_multipart_upload(**completion)["ETag"]
    joined = hashlib.md5(
        bytes.fromhex(md5(PART)) + bytes.fromhex(md5(b"end")), usedforsecurity=False
    )
    assert etag == f'"{joined.hexdigest()}-2"'
    head = client.head_object(Bucket=bucket, Key="m")
    assert (head["ETag"], head["ContentLength"]) == (etag, len(PART) + 3)
    assert (head["ContentType"], head["Metadata"]) == ("text/plain", {"user": "ann"})
    assert body(client, bucket, "m") == PART + b"end"
    assert body(client, bucket, "m", Range=f"bytes={len(PART) - 1}-") == b"aend"


@behaviour
def parts_may_come_in_any_order_and_again(client: S3Client, bucket: str) -> None:
    named: Any = upload_of(upload_parts(client, bucket, "m"))
    last = client.upload_part(**named, PartNumber=9, Body=b"end")["ETag"]
    client.upload_part(**named, PartNumber=2, Body=b"thrown away")
    first = client.upload_part(**named, PartNumber=2, Body=PART)["ETag"]
    parts: Any = [{"PartNumber": 2, "ETag": first}, {"PartNumber": 9, "ETag": last}]
    client.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    assert body(client, bucket, "m") == PART + b"end"


@behaviour
def parts_are_listed(client: S3Client, bucket: str) -> None:
    named: Any = upload_of(upload_parts(client, bucket, "m", b"1", b"22", b"333"))
    page = client.list_parts(**named, MaxParts=2)
    assert [(part["PartNumber"], part["Size"]) for part in page["Parts"]] == [(1, 1), (2, 2)]
    assert page["IsTruncated"]
    page = client.list_parts(**named, PartNumberMarker=page["NextPartNumberMarker"])
    assert [(part["PartNumber"], part["ETag"]) for part in page["Parts"]] == [
        (3, f'"{md5(b"333")}"')
    ]


@behaviour
def uploads_under_way_are_listed(client: S3Client, bucket: str) -> None:
    started = [upload_parts(client, bucket, key) for key in ("a", "b/1", "b/2")]
    page = client.list_multipart_uploads(Bucket=bucket, Prefix="b/")
    assert [(found["Key"], found["UploadId"]) for found in page["Uploads"]] == [
        (each["Key"], each["UploadId"]) for each in started[1:]
    ]
    for each in started:
        client.abort_multipart_upload(**upload_of(each))
    assert "Uploads" not in client.list_multipart_uploads(Bucket=bucket)


@behaviour
def uploads_are_listed_page_by_page(client: S3Client, bucket: str) -> None:
    ids = {upload_parts(client, bucket, key)["UploadId"] for key in ("a", "a", "b", "c")}
    pages = client.get_paginator("list_multipart_uploads").paginate(
        Bucket=bucket, PaginationConfig={"PageSize": 1}
    )
    found = [[upload["UploadId"] for upload in page["Uploads"]] for page in pages]
    assert [len(page) for page in found] == [1, 1, 1, 1]
    assert {upload for page in found for upload in page} == ids


@behaviour
def aborted_upload_is_gone(client: S3Client, bucket: str) -> None:
    completion = upload_parts(client, bucket, "m", b"x")
    client.abort_multipart_upload(**upload_of(completion))
    with refused("NoSuchUpload", 404):
        client.upload_part(**upload_of(completion), PartNumber=2, Body=b"x")
    with refused("NoSuchUpload", 404):
        client.complete_multipart_upload(**completion)
    with refused("404", 404):
        client.head_object(Bucket=bucket, Key="m")


@behaviour
def part_of_less_than_5_mib_must_be_the_last(client: S3Client, bucket: str) -> None:
    completion = upload_parts(client, bucket, "m", b"small", b"end")
    with refused("EntityTooSmall", 400):
        client.complete_multipart_upload(**completion)


@behaviour
def parts_that_do_not_fit_are_refused(client: S3Client, bucket: str) -> None:
    completion = upload_parts(client, bucket, "m", PART, b"end")
    first, last = completion["MultipartUpload"]["Parts"]
    for code, parts in (
        ("InvalidPartOrder", [last, first]),
        ("InvalidPart", [first, {**last, "PartNumber": 3}]),
        ("InvalidPart", [{**first, "ETag": '"0123456789abcdef0123456789abcdef"'}, last]),
    ):
        with refused(code, 400):
            client.complete_multipart_upload(
                **upload_of(completion), MultipartUpload={"Parts": parts}
            )
    client.complete_multipart_upload(**completion)


@behaviour
def part_numbers_end_at_10000(client: S3Client, bucket: str) -> None:
    named: Any = upload_of(upload_parts(client, bucket, "m"))
    client.upload_part(**named, PartNumber=10_000, Body=b"x")
    with refused("InvalidArgument", 400):
        client.upload_part(**named, PartNumber=10_001, Body=b"x")


@behaviour
def multipart_checksum_is_composite(client: S3Client, bucket: str) -> None:
    completion = upload_parts(client, bucket, "m", PART, b"end", ChecksumAlgorithm="SHA256")
    client.complete_multipart_upload(**completion)
    digests = hashlib.sha256(PART).digest() + hashlib.sha256(b"end").digest()
    head = client.head_object(Bucket=bucket, Key="m", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == f"{b64_sha256(digests)}-2"
    assert head["ChecksumType"] == "COMPOSITE"


@behaviour
def multipart_crc_may_be_of_the_whole_object(client: S3Client, bucket: str) -> None:
    completion = upload_parts(
        client, bucket, "m", PART, b"end", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT"
    )
    client.complete_multipart_upload(**completion, ChecksumType="FULL_OBJECT")
    crc = base64.b64encode(zlib.crc32(PART + b"end").to_bytes(4, "big")).decode()
    head = client.head_object(Bucket=bucket, Key="m", ChecksumMode="ENABLED")
    assert (head["ChecksumCRC32"], head["ChecksumType"]) == (crc, "FULL_OBJECT")


@behaviour
def completing_on_condition(client: S3Client, bucket: str) -> None:
    completion = upload_parts(client, bucket, "m", b"x")
    put_all(client, bucket, "m")
    with refused("PreconditionFailed", 412):
        client.complete_multipart_upload(**completion, IfNoneMatch="*")
    assert body(client, bucket, "m") == b"m"
    client.delete_object(Bucket=bucket, Key="m")
    client.complete_multipart_upload(**completion, IfNoneMatch="*")
    assert body(client, bucket, "m") == b"x"


@behaviour
def part_may_be_copied_from_a_range(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="source", Body=b"b" + PART + b"c")
    named: Any = upload_of(upload_parts(client, bucket, "m"))
    parts: Any = []
    for number, span in (
        (1, f"bytes=1-{len(PART)}"),
        (2, f"bytes={len(PART) + 1}-{len(PART) + 1}"),
    ):
        answer = client.upload_part_copy(
            **named, PartNumber=number, CopySource=f"{bucket}/source", CopySourceRange=span
        )
        parts.append({"PartNumber": number, "ETag": answer["CopyPartResult"]["ETag"]})
    client.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})
    assert body(client, bucket, "m") == PART + b"c"


@behaviour
def copied_part_has_the_checksum_of_its_upload(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="source", Body=PART + b"end")
    named: Any = upload_of(upload_parts(client, bucket, "m", ChecksumAlgorithm="SHA256"))
    answer = client.upload_part_copy(
        **named,
        PartNumber=1,
        CopySource=f"{bucket}/source",
        CopySourceRange=f"bytes=0-{len(PART) - 1}",
    )
    assert answer["CopyPartResult"]["ChecksumSHA256"] == b64_sha256(PART)
    assert client.list_parts(**named)["Parts"][0]["ChecksumSHA256"] == b64_sha256(PART)


@behaviour
def part_is_copied_on_condition_of_the_source(client: S3Client, bucket: str) -> None:
    etag = client.put_object(Bucket=bucket, Key="source", Body=PART)["ETag"]
    named: Any = {**upload_of(upload_parts(client, bucket, "m")), "PartNumber": 1}
    copy: Any = {**named, "CopySource": f"{bucket}/source"}
    first = client.upload_part_copy(**copy, CopySourceIfMatch=etag)["CopyPartResult"]["ETag"]
    assert first == f'"{md5(PART)}"'
    client.put_object(Bucket=bucket, Key="source", Body=PART + b"changed")
    with refused("PreconditionFailed", 412):
        client.upload_part_copy(**copy, CopySourceIfMatch=etag)
    client.delete_object(Bucket=bucket, Key="source")
    with refused("NoSuchKey", 404):
        client.upload_part_copy(**copy, CopySourceIfMatch=etag)
    parts: Any = [{"PartNumber": 1, "ETag": first}]
    client.complete_multipart_upload(**upload_of(named), MultipartUpload={"Parts": parts})
    assert body(client, bucket, "m") == PART


@behaviour
def range_outside_the_source_is_refused(client: S3Client, bucket: str) -> None:
    client.put_object(Bucket=bucket, Key="source", Body=PART + b"end")
    client.put_object(Bucket=bucket, Key="small", Body=PART)
    named: Any = {**upload_of(upload_parts(client, bucket, "m")), "PartNumber": 1}
    for key, span, code in (
        ("source", f"bytes=0-{len(PART) + 3}", "InvalidArgument"),
        ("source", "bytes=9-1", "InvalidArgument"),
        ("source", "bytes=0-", "InvalidArgument"),
        ("source", "bytes=-5", "InvalidArgument"),
        ("small", "bytes=0-1", "InvalidRequest"),
    ):
        with refused(code, 400):
            client.upload_part_copy(**named, CopySource=f"{bucket}/{key}", CopySourceRange=span)


@behaviour
def part_can_be_read_alone(client: S3Client, bucket: str) -> None:
    client.complete_multipart_upload(**upload_parts(client, bucket, "m", PART, b"end"))
    answer = client.get_object(Bucket=bucket, Key="m", PartNumber=2)
    assert (answer["Body"].read(), answer["PartsCount"]) == (b"end", 2)


@behaviour
def files_go_up_and_down(client: S3Client, bucket: str) -> None:
    config = TransferConfig(multipart_threshold=MIB, multipart_chunksize=5 * MIB, max_concurrency=3)
    data = hashlib.shake_128(b"seed").digest(12 * MIB)
    with TemporaryDirectory() as folder:
        up, down = Path(folder, "up"), Path(folder, "down")
        up.write_bytes(data)
        client.upload_file(str(up), bucket, "f", Config=config)
        client.download_file(bucket, "f", str(down), Config=config)
        assert down.read_bytes() == data
    client.copy({"Bucket": bucket, "Key": "f"}, bucket, "g", Config=config)
    assert body(client, bucket, "g") == data
