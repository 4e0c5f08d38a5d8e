"""Operations that copy: an object (a hard link, its bytes never change), a range as a part."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final
from urllib.parse import unquote

from local_aws.s3.errors import S3Error
from local_aws.s3.http import xml
from local_aws.s3.http.address import Address
from local_aws.s3.http.body import MAX_BODY_BYTES
from local_aws.s3.http.object_headers import (
    parse_attributes,
    parse_tags,
    reject_unsupported,
    write_condition,
)
from local_aws.s3.http.response import FileSlice, S3Response, xml_response
from local_aws.s3.operations.context import OperationContext
from local_aws.s3.operations.multipart import part_number
from local_aws.s3.records import Blob, Checksums, ObjectAttributes, ObjectRecord
from local_aws.s3.store.blobs import write_all
from local_aws.s3.store.checksums import ALGORITHMS, Digests
from local_aws.s3.store.conditions import check_read
from local_aws.s3.store.object_table import check_key

_SOURCE: Final = "x-amz-copy-source"
_SOURCE_RANGE: Final = re.compile(r"bytes=(\d+)-(\d+)")

_MIN_RANGED_BYTES: Final = 5 << 20
"""Of a source that is no larger no range is copied (UploadPartCopy, Amazon S3 API reference)."""


def parse_copy_source(header: str) -> Address:
    """Parse x-amz-copy-source: /bucket/key, percent-encoded, perhaps followed by a versionId.

    Raises InvalidArgument.
    """
    path, _, version = header.partition("?versionId=")
    bucket, _, key = unquote(path).removeprefix("/").partition("/")
    if not bucket or not key or version not in {"", "null"}:
        message = "Copy Source must mention the source bucket and key: sourcebucket/sourcekey"
        raise S3Error("InvalidArgument", message, ArgumentName=_SOURCE, ArgumentValue=header)
    return Address(bucket, check_key(key))


def copy_object(context: OperationContext) -> S3Response:
    """CopyObject."""
    headers = context.request.headers
    reject_unsupported(headers)
    source = parse_copy_source(headers[_SOURCE])
    if source == context.request.address and headers.get("x-amz-metadata-directive") != "REPLACE":
        raise S3Error(
            "InvalidRequest",
            "This copy request is illegal because it is trying to copy an object to itself "
            "without changing the object's metadata, storage class, website redirect location "
            "or encryption attributes.",
        )
    original, blob = context.store.link_blob(source.bucket, source.key)
    try:
        copy = _copied_object(context, original, blob)
    except BaseException:
        context.store.blobs.remove(blob)
        raise
    copy = context.store.insert(copy, write_condition(headers))
    return xml_response(xml.document("CopyObjectResult", *_result_elements(copy)))


def _copied_object(context: OperationContext, original: ObjectRecord, blob: str) -> ObjectRecord:
    headers = context.request.headers
    check_read(headers, original, f"{_SOURCE}-")
    if original.size > MAX_BODY_BYTES:
        raise S3Error(
            "InvalidRequest",
            "The specified copy source is larger than the maximum allowable size for a copy "
            f"source: {MAX_BODY_BYTES}",
        )
    return replace(
        original,
        bucket=context.bucket,
        key=context.key,
        blob=blob,
        modified=context.store.now(),
        attributes=_attributes(context, original.attributes),
        checksums=_checksums(context, original),
        upload="",
    )


def _attributes(context: OperationContext, original: ObjectAttributes) -> ObjectAttributes:
    headers = context.request.headers
    attributes = original
    if _is_replaced(context, "metadata"):
        attributes = replace(parse_attributes(headers), tags=original.tags)
    if _is_replaced(context, "tagging"):
        attributes = replace(attributes, tags=parse_tags(headers.get("x-amz-tagging", "")))
    return attributes


def _is_replaced(context: OperationContext, kind: str) -> bool:
    """Whether the copy gets its own metadata or tags. Raises InvalidArgument."""
    directive = context.request.headers.get(f"x-amz-{kind}-directive", "COPY")
    if directive not in {"COPY", "REPLACE"}:
        raise S3Error("InvalidArgument", f"Unknown {kind} directive.", ArgumentValue=directive)
    return directive == "REPLACE"


def _checksums(context: OperationContext, original: ObjectRecord) -> Checksums:
    algorithm = context.request.headers.get("x-amz-checksum-algorithm", "").upper()
    if algorithm not in ALGORITHMS or algorithm in original.checksums.values:
        return original.checksums
    digests = Digests([algorithm])
    with context.store.reader(original.bucket, original.key) as (current, file):
        for data in FileSlice(file, 0, current.size):
            digests.update(data)
    return Checksums({algorithm: digests.base64(algorithm)})


def _result_elements(copy: ObjectRecord) -> Iterable[str]:
    yield xml.leaf("ETag", f'"{copy.etag}"')
    yield xml.leaf("LastModified", xml.timestamp(copy.modified))
    for algorithm, value in copy.checksums.values.items():
        yield xml.leaf(f"Checksum{algorithm}", value)


def upload_part_copy(context: OperationContext) -> S3Response:
    """UploadPartCopy."""
    headers = context.request.headers
    number = part_number(context.request)
    upload = context.store.uploads.get(
        context.request.query["uploadId"], context.bucket, context.key
    )
    source = parse_copy_source(headers[_SOURCE])
    with context.store.reader(source.bucket, source.key) as (original, file):
        check_read(headers, original, f"{_SOURCE}-")
        start, count = _source_range(headers.get(f"{_SOURCE}-range"), original.size)
        algorithms = [upload.checksum_algorithm] if upload.checksum_algorithm else []
        blob = _copy_range(context, FileSlice(file, start, count), count, algorithms)
    part = context.store.uploads.add_part(upload, number, blob)
    return xml_response(
        xml.document(
            "CopyPartResult",
            xml.leaf("ETag", f'"{part.etag}"'),
            xml.leaf("LastModified", xml.timestamp(part.modified)),
            *(xml.leaf(f"Checksum{name}", text) for name, text in part.checksums.values.items()),
        )
    )


def _source_range(header: str | None, size: int) -> tuple[int, int]:
    """First byte and count. Raises InvalidArgument, InvalidRequest or EntityTooLarge."""
    start, end = 0, size - 1
    if header is not None:
        match = _SOURCE_RANGE.fullmatch(header)
        if match is None:
            message = "The x-amz-copy-source-range value must be of the form bytes=first-last"
            raise S3Error("InvalidArgument", message, ArgumentValue=header)
        start, end = int(match[1]), int(match[2])
        if not start <= end < size:
            message = f"Range specified is not valid for source object of size: {size}"
            raise S3Error("InvalidArgument", message, ArgumentValue=header)
        if size <= _MIN_RANGED_BYTES:
            message = "The specified copy source is not supported as a byte-range copy source"
            raise S3Error("InvalidRequest", message)
    if end - start + 1 > MAX_BODY_BYTES:
        raise S3Error("EntityTooLarge", MaxSizeAllowed=str(MAX_BODY_BYTES))
    return start, end - start + 1


def _copy_range(
    context: OperationContext, source: FileSlice, size: int, algorithms: Iterable[str]
) -> Blob:
    digests = Digests(algorithms)
    with context.store.blobs.create() as (name, file):
        for data in source:
            write_all(file, data)
            digests.update(data)
    values = {algorithm: digests.base64(algorithm) for algorithm in algorithms}
    return Blob(name, size, digests.hex("MD5"), Checksums(values))
