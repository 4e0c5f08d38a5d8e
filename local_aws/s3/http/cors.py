"""Answers cross-origin requests by a bucket's rules: preflights, and headers of responses.

Source: "Using cross-origin resource sharing (CORS)" in the S3 user guide.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree.ElementTree import Element

from local_aws.s3.errors import S3Error
from local_aws.s3.http import xml
from local_aws.s3.http.request import S3Request
from local_aws.s3.http.response import S3Response
from local_aws.s3.store.buckets import BucketTable

_METHODS: Final = {"GET", "PUT", "HEAD", "POST", "DELETE"}
_VARY: Final = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method"


@dataclass(frozen=True)
class CorsRule:
    """One CORSRule; origins and headers may hold one `*` each."""

    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
    exposed: tuple[str, ...]
    max_age: str

    def allows(self, origin: str, method: str, headers: Iterable[str]) -> bool:
        """Whether a request from `origin` with these headers (lower case) may be made."""
        return (
            any(_matches(pattern, origin) for pattern in self.origins)
            and method in self.methods
            and all(
                any(_matches(pattern.lower(), header) for pattern in self.headers)
                for header in headers
            )
        )

    def response_headers(self, origin: str) -> dict[str, str]:
        """The headers that allow a browser to use the response."""
        headers = {"Access-Control-Allow-Methods": ", ".join(self.methods), "Vary": _VARY}
        if "*" in self.origins:
            headers["Access-Control-Allow-Origin"] = "*"
        else:
            headers["Access-Control-Allow-Origin"] = origin
            headers["Access-Control-Allow-Credentials"] = "true"
        if self.exposed:
            headers["Access-Control-Expose-Headers"] = ", ".join(self.exposed)
        if self.max_age:
            headers["Access-Control-Max-Age"] = self.max_age
        return headers


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), text) is not None


def read_rules(tree: Element) -> list[CorsRule]:
    """Read a CORSConfiguration. Raises MalformedXML or InvalidRequest."""
    rules = [_read_rule(element) for element in tree.iterfind("CORSRule")]
    if not 0 < len(rules) <= 100:
        raise S3Error("MalformedXML")
    return rules


def _read_rule(element: Element) -> CorsRule:
    def texts(name: str) -> tuple[str, ...]:
        return tuple(child.text or "" for child in element.iterfind(name))

    rule = CorsRule(
        texts("AllowedOrigin"),
        texts("AllowedMethod"),
        texts("AllowedHeader"),
        texts("ExposeHeader"),
        element.findtext("MaxAgeSeconds") or "",
    )
    if not rule.origins or not rule.methods:
        raise S3Error("MalformedXML")
    for method in rule.methods:
        if method not in _METHODS:
            message = (
                f"Found unsupported HTTP method in CORS config. Unsupported method is {method}"
            )
            raise S3Error("InvalidRequest", message)
    _check_wildcards(rule)
    return rule


def _check_wildcards(rule: CorsRule) -> None:
    """Raises InvalidRequest for what S3's CORSRule may not hold."""
    for name, patterns in (("AllowedOrigin", rule.origins), ("AllowedHeader", rule.headers)):
        for pattern in patterns:
            if pattern.count("*") > 1:
                message = f'{name} "{pattern}" can not have more than one wildcard.'
                raise S3Error("InvalidRequest", message)
    for header in rule.exposed:
        if "*" in header:
            message = (
                f'ExposeHeader "{header}" contains wildcard. We currently do not support wildcard '
                "for ExposeHeader."
            )
            raise S3Error("InvalidRequest", message)


def _rules(buckets: BucketTable, bucket: str) -> Sequence[CorsRule]:
    record = buckets.find(bucket)
    document = record.settings.get("cors") if record else None
    return read_rules(xml.parse(document.encode(), "CORSConfiguration")) if document else []


def preflight(buckets: BucketTable, request: S3Request) -> S3Response:
    """Answer OPTIONS. Raises BadRequest or AccessForbidden."""
    origin = request.raw_headers.get("origin")
    method = request.raw_headers.get("access-control-request-method")
    if not origin:
        message = "Insufficient information. Origin request header needed."
        raise S3Error("BadRequest", message)
    if method not in _METHODS:
        raise S3Error("BadRequest", f"Invalid Access-Control-Request-Method: {method}")
    requested = request.raw_headers.get("access-control-request-headers", "")
    headers = [name.strip().lower() for name in requested.split(",") if name.strip()]
    rules = _rules(buckets, request.bucket)
    if not rules:
        message = "CORSResponse: CORS is not enabled for this bucket."
        raise S3Error("AccessForbidden", message, Method=method, ResourceType="OBJECT")
    for rule in rules:
        if rule.allows(origin, method, headers):
            allowed = {"Access-Control-Allow-Headers": ", ".join(headers)} if headers else {}
            return S3Response(200, rule.response_headers(origin) | allowed)
    message = (
        "CORSResponse: This CORS request is not allowed. This is usually because the evalution "
        "of Origin, request method / Access-Control-Request-Method or "
        "Access-Control-Request-Headers are not whitelisted by the resource's CORS spec."
    )
    raise S3Error("AccessForbidden", message, Method=method, ResourceType="OBJECT")


def response_headers(buckets: BucketTable, request: S3Request) -> Mapping[str, str]:
    """The headers that allow a browser to show the response to the page that requested it."""
    origin = request.raw_headers.get("origin")
    if not origin or request.method == "OPTIONS" or not request.bucket:
        return {}
    for rule in _rules(buckets, request.bucket):
        if rule.allows(origin, request.method, ()):
            return rule.response_headers(origin)
    return {}
