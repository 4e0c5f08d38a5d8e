"""Operations on multipart uploads."""

import logging
import sqlite3
from collections.abc import Generator, Iterator
from xml.etree.ElementTree import Element

from local_aws.s3.errors import S3Error
from local_aws.s3.http import xml
from local_aws.s3.http.body import declared_size, receive_blob
from local_aws.s3.http.object_headers import (
    checksum_headers,
    parse_attributes,
    reject_unsupported,
    write_condition,
)
from local_aws.s3.http.request import S3Request
from local_aws.s3.http.response import S3Response, error_element, xml_response
from local_aws.s3.operations.context import OperationContext
from local_aws.s3.records import Blob, ObjectRecord, UploadRecord
from local_aws.s3.store.checksums import ALGORITHMS, checksum_type
from local_aws.s3.store.completion import CompletionPlan, RequestedPart, plan_completion
from local_aws.s3.store.conditions import WriteCondition
from local_aws.s3.store.multipart import MAX_PARTS

_logger = logging.getLogger(__name__)


def requested_upload(context: OperationContext) -> UploadRecord:
    """The upload that the request addresses. Raises NoSuchUpload."""
    return context.store.uploads.get(context.request.query["uploadId"], context.bucket, context.key)


def part_number(request: S3Request) -> int:
    """The partNumber of an upload. Raises InvalidArgument."""
    number = request.integer("partNumber", 0, 1, MAX_PARTS + 1)
    if not 0 < number <= MAX_PARTS:
        message = "Part number must be an integer between 1 and 10000, inclusive"
        raise S3Error("InvalidArgument", message, ArgumentName="partNumber")
    return number


def create_multipart_upload(context: OperationContext) -> S3Response:
    """CreateMultipartUpload."""
    headers = context.request.headers
    reject_unsupported(headers)
    algorithm = headers.get("x-amz-checksum-algorithm", "").upper()
    if algorithm and algorithm not in ALGORITHMS:
        raise S3Error(
            "InvalidRequest", "Checksum algorithm provided is unsupported. Please try again."
        )
    kind = checksum_type(algorithm, headers.get("x-amz-checksum-type")) if algorithm else ""
    upload = context.store.uploads.create(
        context.bucket, context.key, parse_attributes(headers), algorithm, kind
    )
    headers = {"x-amz-checksum-algorithm": algorithm, "x-amz-checksum-type": kind}
    return xml_response(
        xml.document(
            "InitiateMultipartUploadResult",
            xml.leaf("Bucket", context.bucket),
            xml.leaf("Key", context.key),
            xml.leaf("UploadId", upload.id),
        ),
        headers if algorithm else {},
    )


def upload_part(context: OperationContext) -> S3Response:
    """UploadPart."""
    number, upload = part_number(context.request), requested_upload(context)
    expected = upload.checksum_algorithm
    size = declared_size(context.request, context.signature)
    with context.store.uploads.reserve(upload, number, size) as target:
        blob = receive_blob(
            context.request, context.signature, target, [expected] if expected else []
        )
        if expected and set(blob.checksums.values) != {expected}:
            context.store.uploads.discard(upload, blob)
            raise _other_checksum(expected, blob)
        part = context.store.uploads.add_part(upload, number, blob)
    headers = checksum_headers(part.checksums)
    headers.pop("x-amz-checksum-type", None)
    return S3Response(200, {"ETag": f'"{part.etag}"', **headers})


def _other_checksum(expected: str, blob: Blob) -> S3Error:
    actual = ", ".join(set(blob.checksums.values) - {expected}).lower()
    return S3Error(
        "InvalidRequest",
        f"Checksum Type mismatch occurred, expected checksum Type: {expected.lower()}, "
        f"actual checksum Type: {actual}",
    )


def abort_multipart_upload(context: OperationContext) -> S3Response:
    """AbortMultipartUpload."""
    context.store.abort_upload(requested_upload(context))
    return S3Response(204)


def complete_multipart_upload(context: OperationContext) -> S3Response:
    """CompleteMultipartUpload: everything is validated before the parts are joined.

    Once more with the same parts, as a client does that lost the answer, it answers the same.
    """
    document, condition = context.document(), write_condition(context.request.headers)
    if (made := _completed_before(context, document)) is not None:
        body = xml.DECLARATION.encode() + _completion_result(made)
        return S3Response(200, {"Content-Type": "application/xml"}, body)
    upload = requested_upload(context)
    requested = _requested_parts(document, upload.checksum_algorithm)
    plan = plan_completion(upload, requested, context.store.uploads.parts(upload))
    _check_expected_object(context, plan)
    context.store.uploads.check_condition(upload, condition)
    return S3Response(
        200, {"Content-Type": "application/xml"}, _complete_with_keepalive(context, plan, condition)
    )


def _completed_before(context: OperationContext, document: bytes) -> ObjectRecord | None:
    """The object that this upload has become of these parts, if it is still there."""
    record = context.store.find(context.bucket, context.key)
    if record is None or record.upload != context.request.query["uploadId"]:
        return None
    requested = [(part.number, part.etag) for part in _requested_parts(document)]
    return record if requested == [(part.number, part.etag) for part in record.parts] else None


def _complete_with_keepalive(
    context: OperationContext, plan: CompletionPlan, condition: WriteCondition
) -> Iterator[bytes]:
    """The body, with a space now and then while parts are joined, as S3 keeps clients from timing
    out; an error at the end comes with status 200, as from S3.
    """
    yield xml.DECLARATION.encode()
    try:
        record = yield from _keepalive_spaces(context.store.uploads.complete(plan, condition))
    except S3Error as error:
        yield error_element(error, context.request.path, "")
    except (OSError, sqlite3.Error):
        _logger.exception("event=failed operation=complete path=%s", context.request.path)
        yield error_element(S3Error("InternalError"), context.request.path, "")
    else:
        yield _completion_result(record)


def _keepalive_spaces(
    joining: Generator[int, None, ObjectRecord],
) -> Generator[bytes, None, ObjectRecord]:
    while True:
        try:
            next(joining)
        except StopIteration as end:
            record: ObjectRecord = end.value
            return record
        yield b" "


def _completion_result(record: ObjectRecord) -> bytes:
    return xml.root_element(
        "CompleteMultipartUploadResult",
        xml.leaf("Location", f"/{record.bucket}/{xml.url_encoded(record.key)}"),
        xml.leaf("Bucket", record.bucket),
        xml.leaf("Key", record.key),
        xml.leaf("ETag", f'"{record.etag}"'),
        *(xml.leaf(f"Checksum{name}", text) for name, text in record.checksums.values.items()),
        xml.leaf_if("ChecksumType", record.checksums.values and record.checksums.type),
    )


def _requested_parts(document: bytes, algorithm: str = "") -> list[RequestedPart]:
    tree = xml.parse(document, "CompleteMultipartUpload")
    parts = [_requested_part(element, algorithm) for element in tree.iterfind("Part")]
    if not parts:
        raise S3Error("MalformedXML")
    return parts


def _requested_part(element: Element, algorithm: str) -> RequestedPart:
    number, etag = element.findtext("PartNumber", ""), element.findtext("ETag", "")
    if not number.isdecimal():
        raise S3Error("MalformedXML")
    checksum = element.findtext(f"Checksum{algorithm}")
    return RequestedPart(int(number), etag.strip('"'), checksum)


def _check_expected_object(context: OperationContext, plan: CompletionPlan) -> None:
    """Raises InvalidRequest or BadDigest unless the object is what the client expects."""
    headers = context.request.headers
    size = headers.get("x-amz-mp-object-size")
    if size is not None and size != str(plan.size):
        raise S3Error(
            "InvalidRequest",
            f"The provided 'x-amz-mp-object-size' header value {size} does not match what was "
            f"computed: {plan.size}",
        )
    for algorithm, value in plan.checksums.values.items():
        if headers.get(f"x-amz-checksum-{algorithm.lower()}", value) != value:
            message = f"The {algorithm} you specified did not match the calculated checksum."
            raise S3Error("BadDigest", message)
