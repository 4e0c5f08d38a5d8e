"""Owns the S3 request: a WSGI request with its address, query and headers parsed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl

from local_aws.s3.errors import S3Error
from local_aws.s3.http.address import Address, parse_address, raw_path

HEADERS_KEY: Final = "local_aws.headers"
"""Where `request_handler.S3RequestHandler` puts the headers as they were received."""

# Presigners may move headers into the query; these parameters are the signature's own.
_SIGNATURE_PARAMETERS: Final = frozenset(
    f"x-amz-{name}"
    for name in ("algorithm", "credential", "date", "expires", "signature", "signedheaders")
)
_PRESIGNED: Final = ("X-Amz-Signature", "Signature")


@dataclass(frozen=True)
class S3Request:
    """A request: `path` is raw, `pairs` the decoded query, `environ` is WSGI's, for the body.

    `raw_headers` are the headers by lower-case name, without those in a presigned query.
    """

    method: str
    path: str
    pairs: tuple[tuple[str, str], ...]
    raw_headers: Mapping[str, str]
    address: Address
    environ: Mapping[str, Any] = field(repr=False)

    @property
    def bucket(self) -> str:
        """The bucket named, or an empty string."""
        return self.address.bucket

    @property
    def key(self) -> str:
        """The key named, or an empty string."""
        return self.address.key

    @property
    def query(self) -> Mapping[str, str]:
        """The query by name; the first of several wins."""
        return dict(reversed(self.pairs))

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers, with those that a presigned URL carries in its query."""
        query = self.query
        if not any(name in query for name in _PRESIGNED):
            return self.raw_headers
        hoisted = {name.lower(): value for name, value in self.pairs}
        return {
            **{name: hoisted[name] for name in hoisted if _is_header(name)},
            **self.raw_headers,
        }

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number from the query; capped at `high`. Raises InvalidArgument."""
        text = self.query.get(name)
        if not text:
            return default
        if not text.isdecimal() or int(text) < low:
            message = f"Provided {name} not an integer or within integer range"
            raise S3Error("InvalidArgument", message, ArgumentName=name, ArgumentValue=text)
        return min(int(text), high)


def _is_header(name: str) -> bool:
    return name == "content-type" or (
        name.startswith("x-amz-") and name not in _SIGNATURE_PARAMETERS
    )


def read_request(environ: Mapping[str, Any]) -> S3Request:
    """Read a WSGI request. Raises InvalidURI or KeyTooLongError."""
    headers = _headers(environ)
    path = raw_path(environ)
    query = environ.get("QUERY_STRING", "")
    return S3Request(
        environ["REQUEST_METHOD"],
        path,
        tuple(parse_qsl(query, keep_blank_values=True)),
        headers,
        parse_address(path, headers.get("host", "")),
        environ,
    )


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in environ.get(HEADERS_KEY) or _from_environ(environ):
        text = _utf8(value)
        headers[name] = f"{headers[name]},{text}" if name in headers else text
    return headers


def _utf8(value: str) -> str:
    """A header's value. Python reads its bytes as Latin-1; SDKs of Go and JavaScript send UTF-8."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value


def _from_environ(environ: Mapping[str, Any]) -> list[tuple[str, str]]:
    named = {"CONTENT_TYPE", "CONTENT_LENGTH"}
    return [
        (name.removeprefix("HTTP_").replace("_", "-").lower(), value)
        for name, value in environ.items()
        if (name.startswith("HTTP_") or name in named) and value != ""
    ]
