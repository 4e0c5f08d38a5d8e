"""Operations on one object: read, write, delete, describe, tag."""

from pathlib import Path
from typing import Final

from local_aws.s3.errors import S3Error
from local_aws.s3.http import xml
from local_aws.s3.http.body import receive
from local_aws.s3.http.context import Call
from local_aws.s3.http.object_headers import (
    CONTENT_HEADERS,
    attributes_of,
    check_tags,
    checksum_headers,
    described,
    refuse_unsupported,
    write_condition,
)
from local_aws.s3.http.ranges import parse_range, part_range
from local_aws.s3.http.request import S3Request
from local_aws.s3.http.response import FileSlice, S3Response, xml_response
from local_aws.s3.records import S3Object
from local_aws.s3.store.conditions import WriteCondition, check_read
from local_aws.s3.store.multipart import MAX_PARTS

LOCAL_PATH_HEADER: Final = "x-local-path"
"""Where the bytes lie on this machine, so that a process on it may link instead of download."""


def get_object(call: Call) -> S3Response:
    """GetObject, whole or a range or a part of it."""
    check_version(call.request)
    stored, file = call.store.open(call.bucket, call.key)
    try:
        response, start, count = _readable(call, stored)
        response.body = FileSlice(file, start, count)
    except BaseException:
        file.close()
        raise
    return response


def head_object(call: Call) -> S3Response:
    """HeadObject."""
    check_version(call.request)
    return _readable(call, call.store.stat(call.bucket, call.key))[0]


def _readable(call: Call, stored: S3Object) -> tuple[S3Response, int, int]:
    """The answer without its body, and the first byte and count of what is asked for."""
    request = call.request
    check_read(request.headers, stored)
    headers = described(stored) | _overrides(request)
    headers |= _local_path(call.store.blobs.path(stored.blob))
    span, part_headers = _span(request, stored)
    start, count = span or (0, stored.size)
    if request.headers.get("x-amz-checksum-mode") == "ENABLED" and count == stored.size:
        headers |= checksum_headers(stored.checksums)
    headers |= part_headers | {"Content-Length": str(count)}
    if span is None:
        return S3Response(200, headers), start, count
    if count:
        headers["Content-Range"] = f"bytes {start}-{start + count - 1}/{stored.size}"
    return S3Response(206, headers), start, count


def _span(request: S3Request, stored: S3Object) -> tuple[tuple[int, int] | None, dict[str, str]]:
    requested = request.headers.get("range")
    if "partNumber" not in request.query:
        return parse_range(requested, stored.size), {}
    if requested:
        raise S3Error(
            "InvalidRequest", "Cannot specify both Range header and partNumber query parameter"
        )
    number = request.integer("partNumber", 1, 1, MAX_PARTS)
    count = {"x-amz-mp-parts-count": str(len(stored.part_sizes))} if stored.part_sizes else {}
    return part_range(number, stored.part_sizes, stored.size), count


def _overrides(request: S3Request) -> dict[str, str]:
    headers = {}
    for name in CONTENT_HEADERS:
        value = request.query.get(f"response-{name}")
        if value is not None:
            headers[name.title()] = _header_value(value)
    return headers


def _header_value(value: str) -> str:
    """Raises InvalidArgument for what would end the header or can't be sent in one."""
    try:
        value.encode("latin-1")
        sendable = all(character == "\t" or character.isprintable() for character in value)
    except UnicodeEncodeError:
        sendable = False
    if not sendable:
        message = "Header value cannot be represented using ISO-8859-1."
        raise S3Error("InvalidArgument", message, ArgumentValue=value)
    return value


def _local_path(path: Path) -> dict[str, str]:
    """No header where the path has characters that HTTP clients don't agree on."""
    text = str(path)
    return {LOCAL_PATH_HEADER: text} if text.isascii() and text.isprintable() else {}


def check_version(request: S3Request) -> None:
    """No bucket is versioned: the one version of each object is called null."""
    if request.query.get("versionId", "null") != "null":
        raise S3Error("InvalidArgument", "Invalid version id specified", ArgumentName="versionId")


def put_object(call: Call) -> S3Response:
    """PutObject."""
    headers = call.request.headers
    refuse_unsupported(headers)
    attributes, condition = attributes_of(headers), write_condition(headers)
    call.store.buckets.get(call.bucket)
    condition.check(call.key, call.store.find(call.bucket, call.key))
    blob = receive(call.request, call.signed, call.store.blobs)
    stored = call.store.put(call.bucket, call.key, blob, attributes, condition)
    return S3Response(200, {"ETag": f'"{stored.etag}"', **checksum_headers(stored.checksums)})


def delete_object(call: Call) -> S3Response:
    """DeleteObject."""
    check_version(call.request)
    condition = WriteCondition(if_match=call.request.headers.get("if-match"))
    call.store.delete(call.bucket, call.key, condition)
    return S3Response(204)


def get_object_tagging(call: Call) -> S3Response:
    """GetObjectTagging."""
    tags = call.store.stat(call.bucket, call.key).attributes.tags
    members = (
        xml.tag("Tag", xml.leaf("Key", name), xml.leaf("Value", value))
        for name, value in tags.items()
    )
    return xml_response(xml.document("Tagging", xml.tag("TagSet", *members)))


def put_object_tagging(call: Call) -> S3Response:
    """PutObjectTagging."""
    tree = xml.parse(call.document(), "Tagging")
    pairs = [
        (tag.findtext("Key", ""), tag.findtext("Value", "")) for tag in tree.iterfind("TagSet/Tag")
    ]
    call.store.set_tags(call.bucket, call.key, check_tags(pairs))
    return S3Response(200)


def delete_object_tagging(call: Call) -> S3Response:
    """DeleteObjectTagging."""
    call.store.set_tags(call.bucket, call.key, {})
    return S3Response(204)


def get_object_attributes(call: Call) -> S3Response:
    """GetObjectAttributes: those that x-amz-object-attributes names."""
    check_version(call.request)
    stored = call.store.stat(call.bucket, call.key)
    named = call.request.headers.get("x-amz-object-attributes", "")
    known = {
        "ETag": xml.leaf("ETag", stored.etag),
        "Checksum": _checksum_element(stored),
        "ObjectParts": _parts_element(stored),
        "StorageClass": xml.leaf("StorageClass", "STANDARD"),
        "ObjectSize": xml.leaf("ObjectSize", stored.size),
    }
    wanted = {name.strip() for name in named.split(",")}
    if not named or wanted - known.keys():
        raise S3Error("InvalidArgument", "Invalid attribute name specified.")
    elements = (element for name, element in known.items() if name in wanted)
    headers = {"Last-Modified": described(stored)["Last-Modified"]}
    return xml_response(xml.document("GetObjectAttributesResponse", *elements), headers)


def _checksum_element(stored: S3Object) -> str:
    values = stored.checksums.values
    if not values:
        return ""
    leaves = (xml.leaf(f"Checksum{name}", value) for name, value in values.items())
    return xml.tag("Checksum", *leaves, xml.leaf("ChecksumType", stored.checksums.type))


def _parts_element(stored: S3Object) -> str:
    if not stored.part_sizes:
        return ""
    return xml.tag("ObjectParts", xml.leaf("PartsCount", len(stored.part_sizes)))
