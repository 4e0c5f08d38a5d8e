"""Owns the errors that services answer with: AWS's codes, and how each protocol writes them.

ServiceError
├── AccessDenied       403  unknown key, wrong signature, wrong region
├── InvalidParameter   400  ValidationException: a value out of its bounds, an unknown name, a state
├── InvalidInvocation  400  ValidationError: the same, as SageMaker Runtime words it
├── NoCapacity         503  ServiceUnavailable: no instance can take the invocation
├── ModelError         424  the container answered with an error
├── ObjectNotFound     400  ObjectNotFoundException of Application Auto Scaling
├── UnknownOperation   400  something that AWS has and the local AWS has not
├── MalformedRequest   400  SerializationException: no JSON, or a value of another type
├── RequestTooLarge    413  a body that is larger than any service takes
└── InsufficientStorage 507 the disk is full
"""

import json
from collections.abc import Mapping
from xml.sax.saxutils import escape

from local_aws.http.messages import Request, Response


class ServiceError(Exception):
    """An error answer: AWS's error code, a message, the HTTP status, further fields."""

    code = "InternalFailure"
    status = 500

    def __init__(self, message: str, **fields: str | int) -> None:
        super().__init__(message)
        self.message = message
        self.fields: Mapping[str, str | int] = fields

    def to_response(self, request: Request) -> Response:
        """Write the error in the protocol of the request that caused it."""
        if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
            return self._cbor()
        if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return self._xml()
        return self._json()

    def _json(self) -> Response:
        body = {"__type": self.code, "message": self.message, "Message": self.message}
        headers = {"Content-Type": "application/json", "x-amzn-ErrorType": self.code}
        return Response(self.status, headers, json.dumps({**body, **self.fields}).encode())

    def _xml(self) -> Response:
        body = (
            "<ErrorResponse><Error><Type>Sender</Type>"
            f"<Code>{self.code}</Code><Message>{escape(self.message)}</Message>"
            "</Error><RequestId>local</RequestId></ErrorResponse>"
        )
        return Response(self.status, {"Content-Type": "text/xml"}, body.encode())

    def _cbor(self) -> Response:
        body = b"\xa2" + b"".join(
            _cbor_text(text) for text in ("__type", self.code, "message", self.message)
        )
        headers = {"Content-Type": "application/cbor", "smithy-protocol": "rpc-v2-cbor"}
        return Response(self.status, headers, body)


class AccessDenied(ServiceError):
    """The request isn't signed with this local AWS's keys; `code` is AWS's for what is wrong."""

    status = 403

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class InvalidParameter(ServiceError):
    """A control-plane request that AWS answers with ValidationException."""

    code = "ValidationException"
    status = 400


class InvalidInvocation(ServiceError):
    """A runtime request that AWS answers with ValidationError."""

    code = "ValidationError"
    status = 400


class NoCapacity(ServiceError):
    """No instance can take a synchronous invocation."""

    code = "ServiceUnavailable"
    status = 503


class ModelError(ServiceError):
    """The container answered a synchronous invocation with an error, or not at all."""

    code = "ModelError"
    status = 424


class ObjectNotFound(ServiceError):
    """A scaling policy or scalable target that isn't registered."""

    code = "ObjectNotFoundException"
    status = 400


class UnknownOperation(ServiceError):
    """An operation that AWS has and the local AWS has not."""

    code = "UnknownOperationException"
    status = 400


class MalformedRequest(ServiceError):
    """The body isn't JSON, or a value has another type than the service's model says."""

    code = "SerializationException"
    status = 400


class RequestTooLarge(ServiceError):
    """The body is larger than any service takes."""

    code = "RequestEntityTooLargeException"
    status = 413


class InsufficientStorage(ServiceError):
    """The disk that everything is stored on is full; AWS has no such error."""

    code = "InsufficientStorage"
    status = 507


def _cbor_text(text: str) -> bytes:
    """RFC 8949: major type 3 with a two-byte length."""
    data = text.encode()[:65_535]
    return b"\x79" + len(data).to_bytes(2, "big") + data
