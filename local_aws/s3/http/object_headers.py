"""Translates between HTTP headers and stored attributes: content headers, metadata, tags."""

from collections.abc import Mapping
from email.header import Header
from email.utils import formatdate
from typing import Final
from urllib.parse import parse_qsl

from local_aws.s3.errors import S3Error
from local_aws.s3.records import DEFAULT_CONTENT_TYPE, Checksums, ObjectAttributes, ObjectRecord
from local_aws.s3.store.conditions import WriteCondition

CONTENT_HEADERS: Final = (
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
)
_METADATA: Final = "x-amz-meta-"
_MAX_METADATA_BYTES: Final = 2048
_MAX_TAGS: Final = 10
_TAG_PUNCTUATION: Final = " +-=._:/@"

_NOT_IMPLEMENTED: Final = (
    "x-amz-object-lock-mode",
    "x-amz-object-lock-retain-until-date",
    "x-amz-object-lock-legal-hold",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-website-redirect-location",
    "x-amz-write-offset-bytes",
)
# "Storage classes" of the S3 user guide, besides STANDARD, the one there is here.
_OTHER_STORAGE_CLASSES: Final = {
    *("REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING", "GLACIER"),
    *("DEEP_ARCHIVE", "OUTPOSTS", "GLACIER_IR", "SNOW", "EXPRESS_ONEZONE"),
}
_ENCRYPTION: Final = "x-amz-server-side-encryption"
_OTHER_ENCRYPTIONS: Final = {"aws:kms", "aws:kms:dsse", "aws:fsx"}
_ACCEPTED_ACLS: Final = {"private", "bucket-owner-read", "bucket-owner-full-control"}


def reject_unsupported(headers: Mapping[str, str]) -> None:
    """Raises NotImplemented, InvalidStorageClass, InvalidEncryptionAlgorithmError or
    AccessControlListNotSupported for what is not honoured.
    """
    for name in _NOT_IMPLEMENTED:
        if name in headers:
            raise S3Error("NotImplemented", Header=name)
    if headers.get("x-amz-acl", "private") not in _ACCEPTED_ACLS:
        raise S3Error("AccessControlListNotSupported")
    storage_class = headers.get("x-amz-storage-class", "STANDARD")
    if storage_class in _OTHER_STORAGE_CLASSES:
        raise S3Error("NotImplemented", Header="x-amz-storage-class")
    if storage_class != "STANDARD":
        raise S3Error("InvalidStorageClass")
    encryption = headers.get(_ENCRYPTION, "AES256")
    if encryption in _OTHER_ENCRYPTIONS:
        raise S3Error("NotImplemented", Header=_ENCRYPTION)
    if encryption != "AES256":
        message = "The encryption method specified is not supported"
        raise S3Error("InvalidEncryptionAlgorithmError", message, ArgumentName=_ENCRYPTION)


def require_owner_acl(headers: Mapping[str, str]) -> None:
    """Raises AccessControlListNotSupported for an ACL, unless it is a canned one of the owner's."""
    if headers.get("x-amz-acl") not in _ACCEPTED_ACLS:
        raise S3Error("AccessControlListNotSupported")


def write_condition(headers: Mapping[str, str]) -> WriteCondition:
    """The condition on the existing object."""
    return WriteCondition(headers.get("if-match"), headers.get("if-none-match"))


def parse_attributes(headers: Mapping[str, str]) -> ObjectAttributes:
    """The attributes in the headers of a write. Raises MetadataTooLarge or InvalidTag."""
    content = {name: headers[name] for name in CONTENT_HEADERS if headers.get(name)}
    content.setdefault("content-type", DEFAULT_CONTENT_TYPE)
    if "content-encoding" in content:
        content["content-encoding"] = _without_aws_chunked(content["content-encoding"])
        if not content["content-encoding"]:
            del content["content-encoding"]
    return ObjectAttributes(
        content, _metadata(headers), parse_tags(headers.get("x-amz-tagging", ""))
    )


def _without_aws_chunked(encoding: str) -> str:
    codings = [coding.strip() for coding in encoding.split(",")]
    return ", ".join(coding for coding in codings if coding and coding != "aws-chunked")


def _metadata(headers: Mapping[str, str]) -> dict[str, str]:
    metadata = {
        name.removeprefix(_METADATA): value
        for name, value in headers.items()
        if name.startswith(_METADATA)
    }
    size = sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items())
    if size > _MAX_METADATA_BYTES:
        raise S3Error("MetadataTooLarge", Size=str(size), MaxSizeAllowed=str(_MAX_METADATA_BYTES))
    return metadata


def parse_tags(query: str) -> dict[str, str]:
    """The tags of x-amz-tagging, which is encoded like a query. Raises InvalidTag."""
    pairs = parse_qsl(query, keep_blank_values=True)
    return validate_tags(pairs)


def validate_tags(pairs: list[tuple[str, str]]) -> dict[str, str]:
    """A tag set: at most 10, names of 1-128 characters, values of 0-256, letters, digits, spaces
    and a few signs (S3 user guide, "object tagging"). Raises InvalidTag or BadRequest.
    """
    tags = dict(pairs)
    if len(tags) != len(pairs):
        raise S3Error("InvalidTag", "Cannot provide multiple Tags with the same key")
    if len(tags) > _MAX_TAGS:
        raise S3Error("BadRequest", "Object tags cannot be greater than 10")
    if not all(_is_tag(name, value) for name, value in pairs):
        raise S3Error("InvalidTag")
    return tags


def _is_tag(name: str, value: str) -> bool:
    letters = all(
        character.isalnum() or character in _TAG_PUNCTUATION for character in name + value
    )
    return 0 < len(name) <= 128 and len(value) <= 256 and letters


def header_integer(headers: Mapping[str, str], name: str, default: int) -> int:
    """A whole number from a header. Raises InvalidArgument."""
    text = headers.get(name, str(default))
    if not (text.isascii() and text.isdecimal()):
        message = f"Provided {name} not an integer or within integer range"
        raise S3Error("InvalidArgument", message, ArgumentName=name, ArgumentValue=text)
    return int(text)


def object_headers(record: ObjectRecord) -> dict[str, str]:
    """The headers that describe an object, without its length."""
    headers = {
        name.title(): value.encode().decode("latin-1")  # the bytes as they were sent
        for name, value in record.attributes.headers.items()
    }
    headers |= {_METADATA + name: _wire(value) for name, value in record.metadata.items()}
    if record.attributes.tags:
        headers["x-amz-tagging-count"] = str(len(record.attributes.tags))
    return headers | {
        "ETag": f'"{record.etag}"',
        "Last-Modified": formatdate(record.modified, usegmt=True),
        "Accept-Ranges": "bytes",
    }


def _wire(value: str) -> str:
    """What S3 sends for metadata that is not ASCII: an encoded word of RFC 2047."""
    return value if value.isascii() else Header(value, "utf-8", maxlinelen=10_000).encode()


def checksum_headers(checksums: Checksums) -> dict[str, str]:
    """The stored checksums, as headers."""
    if not checksums.values:
        return {}
    headers = {f"x-amz-checksum-{name.lower()}": text for name, text in checksums.values.items()}
    return headers | {"x-amz-checksum-type": checksums.type}
