"""Operations on multipart uploads."""

import logging
import sqlite3
from collections.abc import Generator, Iterator
from xml.etree.ElementTree import Element

from local_aws.s3.errors import S3Error
from local_aws.s3.http import xml
from local_aws.s3.http.body import receive
from local_aws.s3.http.context import Call
from local_aws.s3.http.object_headers import (
    attributes_of,
    checksum_headers,
    refuse_unsupported,
    write_condition,
)
from local_aws.s3.http.request import S3Request
from local_aws.s3.http.response import S3Response, error_element, xml_response
from local_aws.s3.records import MultipartUpload, S3Object
from local_aws.s3.store.checksums import ALGORITHMS, checksum_type
from local_aws.s3.store.completion import CompletionPlan, RequestedPart, plan_completion
from local_aws.s3.store.conditions import WriteCondition
from local_aws.s3.store.multipart import MAX_PARTS

_log = logging.getLogger(__name__)


def upload_named(call: Call) -> MultipartUpload:
    """The upload that the request is about. Raises NoSuchUpload."""
    return call.store.uploads.get(call.request.query["uploadId"], call.bucket, call.key)


def part_number(request: S3Request) -> int:
    """The partNumber of an upload. Raises InvalidArgument."""
    number = request.integer("partNumber", 0, 1, MAX_PARTS + 1)
    if not 0 < number <= MAX_PARTS:
        message = "Part number must be an integer between 1 and 10000, inclusive"
        raise S3Error("InvalidArgument", message, ArgumentName="partNumber")
    return number


def create_multipart_upload(call: Call) -> S3Response:
    """CreateMultipartUpload."""
    headers = call.request.headers
    refuse_unsupported(headers)
    algorithm = headers.get("x-amz-checksum-algorithm", "").upper()
    if algorithm and algorithm not in ALGORITHMS:
        raise S3Error(
            "InvalidRequest", "Checksum algorithm provided is unsupported. Please try again."
        )
    kind = checksum_type(algorithm, headers.get("x-amz-checksum-type")) if algorithm else ""
    upload = call.store.uploads.create(
        call.bucket, call.key, attributes_of(headers), algorithm, kind
    )
    answer = {"x-amz-checksum-algorithm": algorithm, "x-amz-checksum-type": kind}
    return xml_response(
        xml.document(
            "InitiateMultipartUploadResult",
            xml.leaf("Bucket", call.bucket),
            xml.leaf("Key", call.key),
            xml.leaf("UploadId", upload.id),
        ),
        answer if algorithm else {},
    )


def upload_part(call: Call) -> S3Response:
    """UploadPart."""
    number, upload = part_number(call.request), upload_named(call)
    expected = upload.checksum_algorithm
    blob = receive(call.request, call.signed, call.store.blobs, [expected] if expected else [])
    if expected and set(blob.checksums.values) != {expected}:
        call.store.blobs.remove(blob.name)
        actual = ", ".join(set(blob.checksums.values) - {expected}).lower()
        raise S3Error(
            "InvalidRequest",
            f"Checksum Type mismatch occurred, expected checksum Type: {expected.lower()}, "
            f"actual checksum Type: {actual}",
        )
    part = call.store.uploads.add_part(upload, number, blob)
    headers = checksum_headers(part.checksums)
    headers.pop("x-amz-checksum-type", None)
    return S3Response(200, {"ETag": f'"{part.etag}"', **headers})


def abort_multipart_upload(call: Call) -> S3Response:
    """AbortMultipartUpload."""
    call.store.uploads.abort(upload_named(call))
    return S3Response(204)


def complete_multipart_upload(call: Call) -> S3Response:
    """CompleteMultipartUpload: everything is checked before the parts are joined."""
    upload, condition = upload_named(call), write_condition(call.request.headers)
    named = _named_parts(call.document(), upload)
    plan = plan_completion(upload, named, call.store.uploads.parts(upload))
    _check_expected(call, plan)
    call.store.uploads.check_condition(upload, condition)
    return S3Response(200, {"Content-Type": "application/xml"}, _completing(call, plan, condition))


def _completing(call: Call, plan: CompletionPlan, condition: WriteCondition) -> Iterator[bytes]:
    """The answer, with a space now and then while parts are joined, as S3 itself keeps a client
    from giving up; an error found at the end comes under status 200, as there.
    """
    yield xml.DECLARATION.encode()
    try:
        stored = yield from _spaces(call.store.uploads.complete(plan, condition))
    except S3Error as error:
        yield error_element(error, call.request.path, "")
    except (OSError, sqlite3.Error):
        _log.exception("event=failed operation=complete path=%s", call.request.path)
        yield error_element(S3Error("InternalError"), call.request.path, "")
    else:
        yield _completed(stored)


def _spaces(joining: Generator[int, None, S3Object]) -> Generator[bytes, None, S3Object]:
    while True:
        try:
            next(joining)
        except StopIteration as end:
            stored: S3Object = end.value
            return stored
        yield b" "


def _completed(stored: S3Object) -> bytes:
    return xml.root_element(
        "CompleteMultipartUploadResult",
        xml.leaf("Location", f"/{stored.bucket}/{xml.url_encoded(stored.key)}"),
        xml.leaf("Bucket", stored.bucket),
        xml.leaf("Key", stored.key),
        xml.leaf("ETag", f'"{stored.etag}"'),
        *(xml.leaf(f"Checksum{name}", text) for name, text in stored.checksums.values.items()),
        xml.leaf_if("ChecksumType", stored.checksums.values and stored.checksums.type),
    )


def _named_parts(document: bytes, upload: MultipartUpload) -> list[RequestedPart]:
    tree = xml.parse(document, "CompleteMultipartUpload")
    parts = [_named_part(element, upload) for element in tree.iterfind("Part")]
    if not parts:
        raise S3Error("MalformedXML")
    return parts


def _named_part(element: Element, upload: MultipartUpload) -> RequestedPart:
    number, etag = element.findtext("PartNumber", ""), element.findtext("ETag", "")
    if not number.isdecimal():
        raise S3Error("MalformedXML")
    checksum = element.findtext(f"Checksum{upload.checksum_algorithm}")
    return RequestedPart(int(number), etag.strip('"'), checksum)


def _check_expected(call: Call, plan: CompletionPlan) -> None:
    """Size and checksum of the object, where the client says what they must be."""
    headers = call.request.headers
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
