"""Verifies AWS Signature Version 4, in the Authorization header and in presigned URLs.

Source: "Authenticating Requests (AWS Signature Version 4)" of the Amazon S3 API reference. Any
region is accepted; the service must be s3.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from local_aws.s3.errors import S3Error
from local_aws.s3.http import signature_v2
from local_aws.s3.http.address import canonical_path
from local_aws.s3.http.request import S3Request

ALGORITHM: Final = "AWS4-HMAC-SHA256"
UNSIGNED: Final = "UNSIGNED-PAYLOAD"
STREAMING: Final = {
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
}
MAX_SKEW_SECONDS: Final = 15 * 60
MAX_EXPIRES_SECONDS: Final = 7 * 24 * 3600

_SPACE: Final = " \t"
_SPACES: Final = re.compile("[ \t]+")
_TIMESTAMP: Final = "%Y%m%dT%H%M%SZ"
_FIELD: Final = re.compile(r"(Credential|SignedHeaders|Signature)=([^,\s]+)")


@dataclass(frozen=True)
class VerifiedSignature:
    """What the body needs of a verified signature: `payload` is x-amz-content-sha256.

    `key` signs the chunks of a streamed body, `signature` is the first of their chain.
    """

    payload: str = UNSIGNED
    region: str = "us-east-1"
    timestamp: str = ""
    scope: str = ""
    signature: str = ""
    key: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class _ParsedSignature:
    access_key: str
    scope: str
    signed_headers: tuple[str, ...]
    signature: str
    timestamp: str
    payload: str


@dataclass(frozen=True)
class S3SignatureVerifier:
    """Verifies requests with the one pair of keys. `clock` returns Unix seconds."""

    access_key: str
    secret_key: str = field(repr=False)
    clock: Callable[[], float]

    def verify(self, request: S3Request) -> VerifiedSignature:
        """Raises AccessDenied, InvalidAccessKeyId, SignatureDoesNotMatch, and for what can't be
        read AuthorizationHeaderMalformed, AuthorizationQueryParametersError or InvalidRequest.
        """
        query = request.query
        if "authorization" in request.raw_headers:
            return self._verify(request, self._from_header(request))
        if "X-Amz-Signature" in query:
            return self._verify(request, self._from_query(request))
        if "Signature" in query:
            signature_v2.verify(request, self.access_key, self.secret_key, self.clock())
            return VerifiedSignature()
        raise S3Error("AccessDenied")

    def _from_header(self, request: S3Request) -> _ParsedSignature:
        authorization = request.raw_headers["authorization"]
        if not authorization.startswith(ALGORITHM):
            raise S3Error(
                "InvalidRequest",
                "The authorization mechanism you have provided is not supported. "
                f"Please use {ALGORITHM}.",
            )
        fields = dict(_FIELD.findall(authorization))
        payload = request.raw_headers.get("x-amz-content-sha256")
        if payload is None:
            message = "Missing required header for this request: x-amz-content-sha256"
            raise S3Error("InvalidRequest", message)
        try:
            parsed = _parse_signature(fields, request.raw_headers.get("x-amz-date", ""), payload)
            skew = abs(self.clock() - _seconds(parsed.timestamp))
        except (KeyError, ValueError):
            raise S3Error("AuthorizationHeaderMalformed") from None
        if skew > MAX_SKEW_SECONDS:
            raise S3Error(
                "RequestTimeTooSkewed",
                RequestTime=parsed.timestamp,
                MaxAllowedSkewMilliseconds=str(MAX_SKEW_SECONDS * 1000),
            )
        return parsed

    def _from_query(self, request: S3Request) -> _ParsedSignature:
        query = {name.removeprefix("X-Amz-"): value for name, value in request.pairs}
        payload = query.get("Content-Sha256") or request.raw_headers.get(
            "x-amz-content-sha256", UNSIGNED
        )
        try:
            parsed = _parse_signature(query, query["Date"], payload)
            signed_at, lifetime = _seconds(parsed.timestamp), int(query["Expires"])
        except (KeyError, ValueError):
            raise S3Error("AuthorizationQueryParametersError") from None
        if not 0 < lifetime <= MAX_EXPIRES_SECONDS:
            message = "X-Amz-Expires must be between 1 and 604800 seconds"
            raise S3Error("AuthorizationQueryParametersError", message)
        require_not_expired(signed_at + lifetime, self.clock())
        if signed_at > self.clock() + MAX_SKEW_SECONDS:
            raise S3Error("AccessDenied", "Request is not yet valid")
        return parsed

    def _verify(self, request: S3Request, parsed: _ParsedSignature) -> VerifiedSignature:
        if parsed.access_key != self.access_key:
            raise S3Error("InvalidAccessKeyId", AWSAccessKeyId=parsed.access_key)
        _require_signed_headers(request, parsed.signed_headers)
        canonical = _canonical_request(request, parsed)
        to_sign = string_to_sign(ALGORITHM, parsed.timestamp, parsed.scope, sha256_hex(canonical))
        key = signing_key(self.secret_key, parsed.scope)
        if not constant_time_equal(sign(key, to_sign), parsed.signature):
            raise S3Error(
                "SignatureDoesNotMatch",
                AWSAccessKeyId=parsed.access_key,
                StringToSign=to_sign,
                SignatureProvided=parsed.signature,
                CanonicalRequest=canonical,
            )
        region = parsed.scope.split("/")[1]
        return VerifiedSignature(
            parsed.payload, region, parsed.timestamp, parsed.scope, parsed.signature, key
        )


def require_not_expired(expires_at: float, now: float) -> None:
    """Raises AccessDenied when a presigned URL is too old."""
    if now > expires_at:
        raise S3Error("AccessDenied", "Request has expired", Expires=_iso(expires_at))


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _parse_signature(fields: Mapping[str, str], timestamp: str, payload: str) -> _ParsedSignature:
    """Raises KeyError or ValueError for anything missing or malformed."""
    access_key, date, region, service, end = fields["Credential"].rsplit("/", 4)
    if (service, end, date) != ("s3", "aws4_request", timestamp[:8]):
        raise ValueError("a credential scope is date/region/s3/aws4_request")
    return _ParsedSignature(
        access_key,
        f"{date}/{region}/{service}/{end}",
        tuple(fields["SignedHeaders"].split(";")),
        fields["Signature"],
        timestamp,
        payload,
    )


def _seconds(timestamp: str) -> float:
    return datetime.strptime(timestamp, _TIMESTAMP).replace(tzinfo=UTC).timestamp()


def _require_signed_headers(request: S3Request, signed_headers: tuple[str, ...]) -> None:
    """A header that changes what the request does must not be added in transit."""
    required = {"host", *(name for name in request.raw_headers if name.startswith("x-amz-"))}
    missing = sorted(required - set(signed_headers))
    if missing:
        message = "There were headers present in the request which were not signed"
        raise S3Error("AccessDenied", message, HeadersNotSigned=", ".join(missing))


def _canonical_request(request: S3Request, parsed: _ParsedSignature) -> str:
    headers = "".join(
        f"{name}:{_SPACES.sub(' ', request.raw_headers.get(name, '').strip(_SPACE))}\n"
        for name in parsed.signed_headers
    )
    return "\n".join(
        (
            request.method,
            canonical_path(request.path),
            _canonical_query(request.pairs),
            headers,
            ";".join(parsed.signed_headers),
            parsed.payload,
        )
    )


def _canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    encoded = sorted(
        (quote(name, safe="-_.~"), quote(value, safe="-_.~"))
        for name, value in pairs
        if name != "X-Amz-Signature"
    )
    return "&".join(f"{name}={value}" for name, value in encoded)


def string_to_sign(algorithm: str, timestamp: str, scope: str, *rest: str) -> str:
    """The text that is signed: of a request, a chunk, or the trailers."""
    return "\n".join((algorithm, timestamp, scope, *rest))


def signing_key(secret_key: str, scope: str) -> bytes:
    """The key of a scope (date/region/service/aws4_request)."""
    key = f"AWS4{secret_key}".encode()
    for step in scope.split("/"):
        key = hmac.digest(key, step.encode(), "sha256")
    return key


def sign(key: bytes, to_sign: str) -> str:
    """A signature, in hexadecimal."""
    return hmac.new(key, to_sign.encode(), "sha256").hexdigest()


def constant_time_equal(one: str, other: str) -> bool:
    """Compare signatures in a time that doesn't depend on where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def sha256_hex(text: str | bytes) -> str:
    """The SHA-256 of a text's UTF-8 or of bytes, in hexadecimal."""
    return hashlib.sha256(text.encode() if isinstance(text, str) else text).hexdigest()
