"""Verifies Signature Version 4 in the headers of requests, against this local AWS's keys.

S3 checks its own requests (it also knows presigned URLs and chunked bodies); this is for the rest.
"""

import hashlib
import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from local_aws.http.errors import AccessDenied
from local_aws.http.messages import Request

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/,]+)/(?P<date>\d{8})/(?P<region>[^/]+)/"
    r"(?P<service>[^/]+)/aws4_request, ?SignedHeaders=(?P<headers>[^,]+), ?"
    r"Signature=(?P<signature>[0-9a-f]{64})"
)
_MAX_SKEW_S = 15 * 60  # AWS accepts a request for 15 minutes
_REGIONAL_SERVICES = {"sagemaker", "application-autoscaling", "monitoring"}


@dataclass(frozen=True)
class CredentialScope:
    """The service and region that a signature is valid for."""

    service: str
    region: str


class SignatureVerifier:
    """Checks the key, the date and the signature of every request. `clock` gives Unix seconds."""

    def __init__(
        self, access_key: str, secret_key: str, region: str, clock: Callable[[], float]
    ) -> None:
        self._credentials = Credentials(access_key, secret_key)
        self._region = region
        self._clock = clock

    def verify(self, request: Request) -> CredentialScope:
        """The scope of the request's signature. Raises `AccessDenied` when it isn't valid."""
        credential = self.check_head(request)
        if not hmac.compare_digest(credential["signature"], self._signature(request, credential)):
            raise AccessDenied(
                "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided. "
                "Check your AWS Secret Access Key and signing method.",
            )
        return CredentialScope(credential["service"], credential["region"])

    def check_head(self, request: Request) -> "re.Match[str]":
        """The credential; all that can be checked before the body, which is signed too, is read.

        Raises `AccessDenied` for a missing, foreign or old one.
        """
        credential = _HEADER.fullmatch(request.headers.get("authorization", ""))
        if credential is None:
            raise AccessDenied(
                "MissingAuthenticationTokenException", "Missing Authentication Token"
            )
        if not hmac.compare_digest(credential["key"], self._credentials.access_key):
            raise AccessDenied(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            )
        self._check_date(request.headers.get("x-amz-date", ""))
        self._check_region(credential["service"], credential["region"])
        return credential

    def _check_date(self, stamp: str) -> None:
        try:
            signed_at = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        except ValueError:
            raise AccessDenied(
                "IncompleteSignatureException", "Date must be in ISO-8601 'basic format'."
            ) from None
        if abs(signed_at - self._clock()) > _MAX_SKEW_S:
            raise AccessDenied("InvalidSignatureException", f"Signature expired: {stamp}")

    def _check_region(self, service: str, region: str) -> None:
        if service in _REGIONAL_SERVICES and region != self._region:
            raise AccessDenied(
                "InvalidSignatureException",
                f"Credential should be scoped to a valid region. This is {self._region}.",
            )

    def _signature(self, request: Request, credential: "re.Match[str]") -> str:
        """The signature as botocore computes it over the headers that the client signed."""
        signer = SigV4Auth(self._credentials, credential["service"], credential["region"])
        names = credential["headers"].split(";")
        headers = {name: request.headers.get(name, "") for name in names}
        signed = AWSRequest(
            request.method, f"http://{headers.get('host', '')}{request.uri}", headers, request.body
        )
        signed.context["timestamp"] = request.headers["x-amz-date"]
        payload_hash = headers.get("x-amz-content-sha256")
        if payload_hash and payload_hash != hashlib.sha256(request.body).hexdigest():
            return ""
        canonical = signer.canonical_request(signed)
        return str(signer.signature(signer.string_to_sign(signed, canonical), signed))
