"""Parses the bucket and key that a request addresses, by path or by host name."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

from local_aws.s3.errors import S3Error
from local_aws.s3.store.object_table import check_key

# bucket.localhost, bucket.s3.localhost, bucket.s3.eu-west-1.amazonaws.com
_VIRTUAL_HOST: Final = re.compile(
    r"(?P<bucket>[^:]+?)(?:\.s3[a-z0-9.-]*)?\.(?:localhost|amazonaws\.com)(?::\d+)?"
)
_SERVICE_HOST: Final = re.compile(r"s3[.-][a-z0-9.-]*(?:localhost|amazonaws\.com)(?::\d+)?")


@dataclass(frozen=True)
class Address:
    """What a request addresses: the service (no bucket), a bucket (no key) or an object."""

    bucket: str = ""
    key: str = ""


def raw_path(environ: Mapping[str, str]) -> str:
    """The path as the client sent it, still percent-encoded.

    WSGI's PATH_INFO is decoded with replacement of bytes that are not UTF-8; RAW_URI, which
    werkzeug and gunicorn add, is not.
    """
    raw = environ.get("RAW_URI") or environ.get("REQUEST_URI")
    if raw is None:
        return quote_from_bytes(environ.get("PATH_INFO", "").encode("latin-1"))
    if not raw.startswith("/"):  # the absolute form that a proxy is sent
        raw = "/" + raw.partition("://")[2].partition("/")[2]
    return raw.partition("?")[0]


def canonical_path(path: str) -> str:
    """The path as SigV4 signs it: decoded, then all but unreserved characters and / encoded."""
    return quote_from_bytes(unquote_to_bytes(path), safe="/-_.~")


def virtual_bucket(host: str) -> str | None:
    """The bucket that a Host header names, or None."""
    name = host.lower()
    match = None if _SERVICE_HOST.fullmatch(name) else _VIRTUAL_HOST.fullmatch(name)
    return match["bucket"] if match else None


def parse_address(path: str, host: str) -> Address:
    """Read a raw path and a Host header. Raises InvalidURI or KeyTooLongError."""
    try:
        decoded = unquote_to_bytes(path).decode()
    except UnicodeDecodeError:
        raise S3Error("InvalidURI", URI=path) from None
    bucket = virtual_bucket(host)
    rest = decoded.removeprefix("/")
    if bucket is None:
        bucket, _, rest = rest.partition("/")
    return Address(bucket, check_key(rest))
