"""Operations on multipart uploads."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from local_aws.s3 import xml
from local_aws.s3.body import receive
from local_aws.s3.call import Call
from local_aws.s3.checksums import ALGORITHMS, checksum_type
from local_aws.s3.conditions import WriteCondition
from local_aws.s3.errors import S3Error
from local_aws.s3.multipart import MAX_PARTS, Completion, NamedPart
from local_aws.s3.object_headers import (
    attributes_of,
    checksum_headers,
    refuse_unsupported,
    write_condition,
)
from local_aws.s3.records import Part, StoredObject, Upload
from local_aws.s3.request import S3Request
from local_aws.s3.response import S3Response, error_element, xml_response

_MAX_LISTED = 1000


def _upload(call: Call) -> Upload:
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
    upload = call.store.uploads.start(
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
    number, upload = part_number(call.request), _upload(call)
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


def list_parts(call: Call) -> S3Response:
    """ListParts."""
    request, upload = call.request, _upload(call)
    marker = request.integer("part-number-marker", 0, 0, MAX_PARTS)
    limit = request.integer("max-parts", _MAX_LISTED, 0, _MAX_LISTED)
    parts = call.store.uploads.parts(upload, marker, limit + 1)
    shown, truncated = parts[:limit], len(parts) > limit > 0
    return xml_response(
        xml.document(
            "ListPartsResult",
            xml.leaf("Bucket", call.bucket),
            xml.leaf("Key", call.key),
            xml.leaf("UploadId", upload.id),
            xml.leaf("PartNumberMarker", marker),
            xml.leaf_if("NextPartNumberMarker", shown[-1].number if shown else 0),
            xml.leaf("MaxParts", limit),
            xml.leaf("IsTruncated", truncated),
            xml.leaf_if("ChecksumAlgorithm", upload.checksum_algorithm),
            xml.leaf_if("ChecksumType", upload.checksum_type),
            *map(_part_element, shown),
            xml.leaf("StorageClass", "STANDARD"),
        )
    )


def _part_element(part: Part) -> str:
    return xml.tag(
        "Part",
        xml.leaf("PartNumber", part.number),
        xml.leaf("LastModified", xml.timestamp(part.modified)),
        xml.leaf("ETag", f'"{part.etag}"'),
        xml.leaf("Size", part.size),
        *(xml.leaf(f"Checksum{name}", text) for name, text in part.checksums.values.items()),
    )


def list_multipart_uploads(call: Call) -> S3Response:
    """ListMultipartUploads, without a delimiter."""
    request = call.request
    call.store.buckets.get(call.bucket)
    if request.query.get("delimiter"):
        raise S3Error("NotImplemented", Header="delimiter")
    encode = xml.url_encoded if request.query.get("encoding-type") == "url" else str
    prefix, limit = request.query.get("prefix", ""), request.integer("max-uploads", 1000, 1, 1000)
    key_marker, id_marker = (
        request.query.get("key-marker", ""),
        request.query.get("upload-id-marker", ""),
    )
    uploads = call.store.uploads.under_way(call.bucket, prefix, key_marker, id_marker, limit + 1)
    shown, truncated = uploads[:limit], len(uploads) > limit
    return xml_response(
        xml.document(
            "ListMultipartUploadsResult",
            xml.leaf("Bucket", call.bucket),
            xml.leaf("KeyMarker", encode(key_marker)),
            xml.leaf("UploadIdMarker", id_marker),
            *(
                (
                    xml.leaf("NextKeyMarker", encode(shown[-1].key)),
                    xml.leaf("NextUploadIdMarker", shown[-1].id),
                )
                if truncated
                else ()
            ),
            xml.leaf_if("EncodingType", request.query.get("encoding-type")),
            xml.leaf("Prefix", encode(prefix)),
            xml.leaf("MaxUploads", limit),
            xml.leaf("IsTruncated", truncated),
            *(_upload_element(upload, encode(upload.key)) for upload in shown),
        )
    )


def _upload_element(upload: Upload, key: str) -> str:
    return xml.tag(
        "Upload",
        xml.leaf("Key", key),
        xml.leaf("UploadId", upload.id),
        xml.leaf("StorageClass", "STANDARD"),
        xml.leaf("Initiated", xml.timestamp(upload.started)),
        xml.leaf_if("ChecksumAlgorithm", upload.checksum_algorithm),
        xml.leaf_if("ChecksumType", upload.checksum_type),
    )


def abort_multipart_upload(call: Call) -> S3Response:
    """AbortMultipartUpload."""
    call.store.uploads.abort(_upload(call))
    return S3Response(204)


def complete_multipart_upload(call: Call) -> S3Response:
    """CompleteMultipartUpload: everything is checked before the parts are joined."""
    upload, condition = _upload(call), write_condition(call.request.headers)
    named = _named_parts(call.document(), upload)
    plan = call.store.uploads.plan(upload, named)
    _check_expected(call, plan)
    call.store.uploads.check_condition(upload, condition)
    return S3Response(200, {"Content-Type": "application/xml"}, _completing(call, plan, condition))


def _completing(call: Call, plan: Completion, condition: WriteCondition) -> Iterator[bytes]:
    """The answer, with a space now and then while parts are joined, as S3 itself keeps a client
    from giving up; an error found at the end comes under status 200, as there.
    """
    yield xml.DECLARATION.encode()
    joining = call.store.uploads.complete(plan, condition)
    try:
        while True:
            try:
                next(joining)
                yield b" "
            except StopIteration as end:
                yield _completed(end.value)
                return
    except S3Error as error:
        yield error_element(error, call.request.path, "")


def _completed(stored: StoredObject) -> bytes:
    return xml.root_element(
        "CompleteMultipartUploadResult",
        xml.leaf("Location", f"/{stored.bucket}/{xml.url_encoded(stored.key)}"),
        xml.leaf("Bucket", stored.bucket),
        xml.leaf("Key", stored.key),
        xml.leaf("ETag", f'"{stored.etag}"'),
        *(xml.leaf(f"Checksum{name}", text) for name, text in stored.checksums.values.items()),
        xml.leaf_if("ChecksumType", stored.checksums.values and stored.checksums.type),
    )


def _named_parts(document: bytes, upload: Upload) -> list[NamedPart]:
    tree = xml.parse(document, "CompleteMultipartUpload")
    parts = [_named_part(element, upload) for element in tree.iterfind("Part")]
    if not parts:
        raise S3Error("MalformedXML")
    return parts


def _named_part(element: Element, upload: Upload) -> NamedPart:
    number, etag = element.findtext("PartNumber", ""), element.findtext("ETag", "")
    if not number.isdecimal():
        raise S3Error("MalformedXML")
    checksum = element.findtext(f"Checksum{upload.checksum_algorithm}")
    return NamedPart(int(number), etag.strip('"'), checksum)


def _check_expected(call: Call, plan: Completion) -> None:
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
