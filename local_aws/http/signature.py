"""Let in only what is signed with this local AWS's keys (Signature Version 4, in the header).

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

from local_aws.http.errors import AccessRefused
from local_aws.http.messages import Request

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/,]+)/(?P<date>\d{8})/(?P<region>[^/]+)/"
    r"(?P<service>[^/]+)/aws4_request, ?SignedHeaders=(?P<headers>[^,]+), ?"
    r"Signature=(?P<signature>[0-9a-f]{64})"
)
_SKEW_S = 15 * 60  # AWS accepts a request for 15 minutes
_REGIONAL = {"sagemaker", "application-autoscaling", "monitoring"}


@dataclass(frozen=True)
class Scope:
    """What a signature was made for."""

    service: str
    region: str


class Gate:
    """Checks the key, the date and the signature of every request. `clock` gives Unix seconds."""

    def __init__(
        self, access_key: str, secret_key: str, region: str, clock: Callable[[], float]
    ) -> None:
        self._credentials = Credentials(access_key, secret_key)
        self._region = region
        self._clock = clock

    def admit(self, request: Request) -> Scope:
        """What the request is signed for. Raises `AccessRefused` when it isn't signed rightly."""
        given = _HEADER.fullmatch(request.headers.get("authorization", ""))
        if given is None:
            raise AccessRefused(
                "MissingAuthenticationTokenException", "Missing Authentication Token"
            )
        if not hmac.compare_digest(given["key"], self._credentials.access_key):
            raise AccessRefused(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            )
        self._check_date(request.headers.get("x-amz-date", ""))
        self._check_region(given["service"], given["region"])
        if not hmac.compare_digest(given["signature"], self._signature(request, given)):
            raise AccessRefused(
                "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided. "
                "Check your AWS Secret Access Key and signing method.",
            )
        return Scope(given["service"], given["region"])

    def _check_date(self, stamp: str) -> None:
        try:
            made = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
        except ValueError:
            raise AccessRefused(
                "IncompleteSignatureException", "Date must be in ISO-8601 'basic format'."
            ) from None
        if abs(made - self._clock()) > _SKEW_S:
            raise AccessRefused("InvalidSignatureException", f"Signature expired: {stamp}")

    def _check_region(self, service: str, region: str) -> None:
        if service in _REGIONAL and region != self._region:
            raise AccessRefused(
                "InvalidSignatureException",
                f"Credential should be scoped to a valid region. This is {self._region}.",
            )

    def _signature(self, request: Request, given: "re.Match[str]") -> str:
        """The signature as botocore computes it over the headers that the client signed."""
        signer = SigV4Auth(self._credentials, given["service"], given["region"])
        names = given["headers"].split(";")
        headers = {name: request.headers.get(name, "") for name in names}
        signed = AWSRequest(
            request.method, f"http://{headers.get('host', '')}{request.uri}", headers, request.body
        )
        signed.context["timestamp"] = request.headers["x-amz-date"]
        claimed = headers.get("x-amz-content-sha256")
        if claimed and claimed != hashlib.sha256(request.body).hexdigest():
            return ""
        canonical = signer.canonical_request(signed)
        return str(signer.signature(signer.string_to_sign(signed, canonical), signed))
