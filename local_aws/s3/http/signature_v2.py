"""Verifies presigned URLs of signature version 2, boto3's default.

Source: "Signing and Authenticating REST Requests" of the Amazon S3 API reference, version 2.
"""

import base64
import hmac
from collections.abc import Iterator
from typing import Final

from local_aws.s3.errors import S3Error
from local_aws.s3.http.address import virtual_bucket
from local_aws.s3.http.request import S3Request

_SUB_RESOURCES: Final = frozenset(
    (
        *("acl", "cors", "delete", "lifecycle", "location", "logging", "notification"),
        *("partNumber", "policy", "requestPayment", "tagging", "torrent", "uploadId", "uploads"),
        *("versionId", "versioning", "versions", "website"),
        *("response-cache-control", "response-content-disposition", "response-content-encoding"),
        *("response-content-language", "response-content-type", "response-expires"),
    )
)


def verify(request: S3Request, access_key: str, secret_key: str, now: float) -> None:
    """Check AWSAccessKeyId, Signature and Expires (Unix seconds) of a query.

    Raises AccessDenied, InvalidAccessKeyId or SignatureDoesNotMatch.
    """
    query = request.query
    expires = query.get("Expires", "")
    if not expires.isdecimal():
        raise S3Error("AccessDenied", f"Invalid date (should be seconds since epoch): {expires}")
    if now > int(expires):
        raise S3Error("AccessDenied", "Request has expired", Expires=expires)
    if query.get("AWSAccessKeyId") != access_key:
        raise S3Error("InvalidAccessKeyId", AWSAccessKeyId=query.get("AWSAccessKeyId", ""))
    to_sign = _string_to_sign(request, expires)
    provided = query["Signature"]
    if not hmac.compare_digest(sign(secret_key, to_sign).encode(), provided.encode()):
        raise S3Error(
            "SignatureDoesNotMatch",
            AWSAccessKeyId=access_key,
            StringToSign=to_sign,
            SignatureProvided=provided,
        )


def sign(secret_key: str, to_sign: str) -> str:
    """A version 2 signature, in base64. HMAC-SHA1 is what the protocol asks for."""
    return base64.b64encode(hmac.digest(secret_key.encode(), to_sign.encode(), "sha1")).decode()


def _string_to_sign(request: S3Request, expires: str) -> str:
    headers = request.headers
    amz_headers = sorted(
        f"{name}:{value.strip()}" for name, value in headers.items() if name.startswith("x-amz-")
    )
    return "\n".join(
        (
            request.method,
            headers.get("content-md5", ""),
            headers.get("content-type", ""),
            expires,
            *amz_headers,
            _resource(request),
        )
    )


def _resource(request: S3Request) -> str:
    named_by_host = virtual_bucket(request.raw_headers.get("host", ""))
    path = f"/{named_by_host}{request.path}" if named_by_host else request.path
    pairs = "&".join(sorted(_signed_parameters(request)))
    return f"{path}?{pairs}" if pairs else path


def _signed_parameters(request: S3Request) -> Iterator[str]:
    for name, value in request.pairs:
        if name in _SUB_RESOURCES:
            yield f"{name}={value}" if value else name
