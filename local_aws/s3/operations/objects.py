"""Operations on one object: read, write, delete, describe, tag."""

from pathlib import Path
from typing import Final

from local_aws.s3.errors import S3Error
from local_aws.s3.http import xml
from local_aws.s3.http.body import receive_blob
from local_aws.s3.http.object_headers import (
    CONTENT_HEADERS,
    checksum_headers,
    header_integer,
    object_headers,
    parse_attributes,
    reject_unsupported,
    require_owner_acl,
    validate_tags,
    write_condition,
)
from local_aws.s3.http.owner import access_control_policy
from local_aws.s3.http.ranges import parse_range, part_range
from local_aws.s3.http.request import S3Request
from local_aws.s3.http.response import FileSlice, S3Response, xml_response
from local_aws.s3.operations.context import OperationContext
from local_aws.s3.records import Checksums, ObjectRecord
from local_aws.s3.store.conditions import WriteCondition, check_read
from local_aws.s3.store.multipart import MAX_PARTS

_MAX_LISTED_PARTS: Final = 1000

LOCAL_PATH_HEADER: Final = "x-local-path"
"""The file with the bytes, so that a process on this machine may link instead of download."""


def get_object(context: OperationContext) -> S3Response:
    """GetObject, whole or a range or a part of it."""
    require_null_version(context.request)
    record, file = context.store.open(context.bucket, context.key)
    try:
        response, start, count = _read_response(context, record)
        response.body = FileSlice(file, start, count)
    except BaseException:
        file.close()
        raise
    return response


def head_object(context: OperationContext) -> S3Response:
    """HeadObject."""
    require_null_version(context.request)
    return _read_response(context, context.store.stat(context.bucket, context.key))[0]


def _read_response(context: OperationContext, record: ObjectRecord) -> tuple[S3Response, int, int]:
    """The response without its body, and the first byte and count of what is requested."""
    request = context.request
    check_read(request.headers, record)
    headers = object_headers(record) | _response_overrides(request)
    headers |= _local_path(context.store.blobs.path(record.blob))
    byte_range, part_headers = _requested_range(request, record)
    start, count = byte_range or (0, record.size)
    if request.headers.get("x-amz-checksum-mode") == "ENABLED" and count == record.size:
        headers |= checksum_headers(record.checksums)
    if request.headers.get("x-amz-checksum-mode") == "ENABLED" and "partNumber" in request.query:
        headers |= _part_checksums(request, record)
    headers |= part_headers | {"Content-Length": str(count)}
    if byte_range is None:
        return S3Response(200, headers), start, count
    if count:
        headers["Content-Range"] = f"bytes {start}-{start + count - 1}/{record.size}"
    return S3Response(206, headers), start, count


def _requested_range(
    request: S3Request, record: ObjectRecord
) -> tuple[tuple[int, int] | None, dict[str, str]]:
    requested = request.headers.get("range")
    if "partNumber" not in request.query:
        return parse_range(requested, record.size), {}
    if requested:
        raise S3Error(
            "InvalidRequest", "Cannot specify both Range header and partNumber query parameter"
        )
    number = request.integer("partNumber", 1, 1, MAX_PARTS)
    count = {"x-amz-mp-parts-count": str(len(record.part_sizes))} if record.part_sizes else {}
    return part_range(number, record.part_sizes, record.size), count


def _part_checksums(request: S3Request, record: ObjectRecord) -> dict[str, str]:
    number = request.integer("partNumber", 1, 1, MAX_PARTS)
    if not record.parts:
        return {}
    part = record.parts[number - 1]
    return checksum_headers(Checksums(part.checksums, record.checksums.type))


def _response_overrides(request: S3Request) -> dict[str, str]:
    headers = {}
    for name in CONTENT_HEADERS:
        value = request.query.get(f"response-{name}")
        if value is not None:
            headers[name.title()] = _header_value(value)
    return headers


def _header_value(value: str) -> str:
    """Raises InvalidArgument for a value that can't be sent in a header."""
    try:
        value.encode("latin-1")
        is_valid = all(character == "\t" or character.isprintable() for character in value)
    except UnicodeEncodeError:
        is_valid = False
    if not is_valid:
        message = "Header value cannot be represented using ISO-8859-1."
        raise S3Error("InvalidArgument", message, ArgumentValue=value)
    return value


def _local_path(path: Path) -> dict[str, str]:
    """No header when the path has characters that HTTP clients treat differently."""
    text = str(path)
    return {LOCAL_PATH_HEADER: text} if text.isascii() and text.isprintable() else {}


def require_null_version(request: S3Request) -> None:
    """Raises InvalidArgument for a versionId but null: no bucket is versioned."""
    if request.query.get("versionId", "null") != "null":
        raise S3Error("InvalidArgument", "Invalid version id specified", ArgumentName="versionId")


def put_object(context: OperationContext) -> S3Response:
    """PutObject."""
    headers = context.request.headers
    reject_unsupported(headers)
    attributes, condition = parse_attributes(headers), write_condition(headers)
    context.store.buckets.get(context.bucket)
    condition.check(context.key, context.store.find(context.bucket, context.key))
    blob = receive_blob(context.request, context.signature, context.store.blobs.create())
    record = context.store.put(context.bucket, context.key, blob, attributes, condition)
    return S3Response(200, {"ETag": f'"{record.etag}"', **checksum_headers(record.checksums)})


def delete_object(context: OperationContext) -> S3Response:
    """DeleteObject."""
    require_null_version(context.request)
    condition = WriteCondition(if_match=context.request.headers.get("if-match"))
    context.store.delete(context.bucket, context.key, condition)
    return S3Response(204)


def get_object_acl(context: OperationContext) -> S3Response:
    """GetObjectAcl."""
    require_null_version(context.request)
    context.store.stat(context.bucket, context.key)
    return xml_response(access_control_policy())


def put_object_acl(context: OperationContext) -> S3Response:
    """PutObjectAcl; see `put_bucket_acl`."""
    require_null_version(context.request)
    context.store.stat(context.bucket, context.key)
    require_owner_acl(context.request.headers)
    return S3Response(200)


def get_object_tagging(context: OperationContext) -> S3Response:
    """GetObjectTagging."""
    tags = context.store.stat(context.bucket, context.key).attributes.tags
    members = (
        xml.tag("Tag", xml.leaf("Key", name), xml.leaf("Value", value))
        for name, value in tags.items()
    )
    return xml_response(xml.document("Tagging", xml.tag("TagSet", *members)))


def put_object_tagging(context: OperationContext) -> S3Response:
    """PutObjectTagging."""
    tree = xml.parse(context.document(), "Tagging")
    pairs = [
        (tag.findtext("Key", ""), tag.findtext("Value", "")) for tag in tree.iterfind("TagSet/Tag")
    ]
    context.store.set_tags(context.bucket, context.key, validate_tags(pairs))
    return S3Response(200)


def delete_object_tagging(context: OperationContext) -> S3Response:
    """DeleteObjectTagging."""
    context.store.set_tags(context.bucket, context.key, {})
    return S3Response(204)


def get_object_attributes(context: OperationContext) -> S3Response:
    """GetObjectAttributes: those that x-amz-object-attributes names."""
    require_null_version(context.request)
    record = context.store.stat(context.bucket, context.key)
    requested = context.request.headers.get("x-amz-object-attributes", "")
    elements = {
        "ETag": xml.leaf("ETag", record.etag),
        "Checksum": _checksum_element(record),
        "ObjectParts": _parts_element(context.request, record),
        "StorageClass": xml.leaf("StorageClass", "STANDARD"),
        "ObjectSize": xml.leaf("ObjectSize", record.size),
    }
    names = {name.strip() for name in requested.split(",")}
    if not requested or names - elements.keys():
        raise S3Error("InvalidArgument", "Invalid attribute name specified.")
    content = (element for name, element in elements.items() if name in names)
    headers = {"Last-Modified": object_headers(record)["Last-Modified"]}
    return xml_response(xml.document("GetObjectAttributesResponse", *content), headers)


def _checksum_element(record: ObjectRecord) -> str:
    values = record.checksums.values
    if not values:
        return ""
    leaves = (xml.leaf(f"Checksum{name}", value) for name, value in values.items())
    return xml.tag("Checksum", *leaves, xml.leaf("ChecksumType", record.checksums.type))


def _parts_element(request: S3Request, record: ObjectRecord) -> str:
    """The parts, a page of them; empty for an object that was not made of parts."""
    if not record.parts:
        return ""
    limit = header_integer(request.headers, "x-amz-max-parts", _MAX_LISTED_PARTS)
    marker = header_integer(request.headers, "x-amz-part-number-marker", 0)
    numbered = list(enumerate(record.parts, 1))[marker:]
    listed = numbered[:limit]
    return xml.tag(
        "ObjectParts",
        xml.leaf("PartsCount", len(record.parts)),
        xml.leaf("PartNumberMarker", marker),
        xml.leaf("NextPartNumberMarker", listed[-1][0] if listed else marker),
        xml.leaf("MaxParts", limit),
        xml.leaf("IsTruncated", len(numbered) > len(listed)),
        *(
            xml.tag(
                "Part",
                xml.leaf("PartNumber", number),
                xml.leaf("Size", part.size),
                *(xml.leaf(f"Checksum{name}", text) for name, text in part.checksums.items()),
            )
            for number, part in listed
        ),
    )
