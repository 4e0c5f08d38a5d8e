"""Checks preconditions, If-Match and the like, on reads, writes, deletes and copy sources.

Source: RFC 9110 section 13 and the S3 user guide's "conditional requests".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from local_aws.s3.errors import S3Error, no_such_key
from local_aws.s3.records import ObjectRecord


def _etags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/").strip('"') for tag in header.split(",")}


def _matches(header: str, etag: str) -> bool:
    return bool(_etags(header) & {"*", etag})


def _failed(condition: str) -> S3Error:
    return S3Error("PreconditionFailed", Condition=condition)


@dataclass(frozen=True)
class WriteCondition:
    """What must hold of the existing object; both None: no condition."""

    if_match: str | None = None
    if_none_match: str | None = None

    def check(self, key: str, existing: ObjectRecord | None) -> None:
        """Raises PreconditionFailed, NoSuchKey, or NotImplemented for If-None-Match not `*`."""
        if self.if_none_match is not None:
            if self.if_none_match.strip() != "*":
                raise S3Error("NotImplemented")
            if existing is not None:
                raise _failed("If-None-Match")
        if self.if_match is not None:
            if existing is None:
                raise no_such_key(key)
            if not _matches(self.if_match, existing.etag):
                raise _failed("If-Match")

    def check_delete(self, existing: ObjectRecord | None) -> None:
        """Raises PreconditionFailed when If-Match names another object, or there is none."""
        if self.if_match is None:
            return
        if existing is None or not _matches(self.if_match, existing.etag):
            raise _failed("If-Match")


UNCONDITIONAL = WriteCondition()


def check_read(headers: Mapping[str, str], existing: ObjectRecord, prefix: str = "") -> None:
    """Check a read of `existing`; `prefix` is x-amz-copy-source- when it is the source of a copy.

    Raises PreconditionFailed or, unless it is a copy, NotModified (304).
    """
    match, none_match = headers.get(f"{prefix}if-match"), headers.get(f"{prefix}if-none-match")
    if match is not None:
        if not _matches(match, existing.etag):
            raise _failed("If-Match")
    elif _modified_since(headers.get(f"{prefix}if-unmodified-since"), existing) is True:
        raise _failed("If-Unmodified-Since")
    if none_match is not None:
        if _matches(none_match, existing.etag):
            raise _not_modified(existing, prefix, "If-None-Match")
    elif _modified_since(headers.get(f"{prefix}if-modified-since"), existing) is False:
        raise _not_modified(existing, prefix, "If-Modified-Since")


def _not_modified(existing: ObjectRecord, prefix: str, condition: str) -> S3Error:
    if prefix:
        return _failed(f"{prefix}{condition}")
    return S3Error("NotModified", headers={"ETag": f'"{existing.etag}"'})


def _modified_since(date: str | None, existing: ObjectRecord) -> bool | None:
    """None when the header is missing or no HTTP date: it is then ignored (RFC 9110)."""
    try:
        return None if date is None else int(existing.modified) > _seconds(date)
    except ValueError:
        return None


def _seconds(date: str) -> float:
    return parsedate_to_datetime(date).timestamp()
