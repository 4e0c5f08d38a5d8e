"""Owns S3 as a WSGI application."""

import logging
import time
import uuid
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import TYPE_CHECKING

from local_aws.s3.errors import S3Error
from local_aws.s3.http import cors
from local_aws.s3.http.owner import require_owner
from local_aws.s3.http.request import S3Request, read_request
from local_aws.s3.http.response import S3Response, error_document
from local_aws.s3.http.signature import S3SignatureVerifier
from local_aws.s3.operations.context import OperationContext
from local_aws.s3.routing import find_operation
from local_aws.s3.store.object_store import ObjectStore

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_logger = logging.getLogger(__name__)


class S3App:
    """The WSGI application. Every request but a browser's preflight must be signed.

    `clock` returns Unix seconds, which signatures are verified against.
    """

    def __init__(
        self,
        store: ObjectStore,
        access_key: str,
        secret_key: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._verifier = S3SignatureVerifier(access_key, secret_key, clock)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        request_id = uuid.uuid4().hex[:16].upper()
        response = self._respond(environ, request_id)
        headers = {"x-amz-request-id": request_id, "x-amz-id-2": request_id, **response.headers}
        if isinstance(response.body, bytes) and response.status not in {204, 304}:
            headers.setdefault("Content-Length", str(len(response.body)))
        status = HTTPStatus(response.status)
        start_response(f"{status.value} {status.phrase}", list(headers.items()))
        return [response.body] if isinstance(response.body, bytes) else response.body

    def _respond(self, environ: "WSGIEnvironment", request_id: str) -> S3Response:
        try:
            request = read_request(environ)
        except S3Error as error:
            return _error_response(error, environ["REQUEST_METHOD"], "", request_id)
        try:
            response = self._operate(request)
        except S3Error as error:
            response = _error_response(error, request.method, request.path, request_id)
        except ConnectionError:
            raise  # the client has disconnected
        except Exception:  # the edge: a client gets an answer whatever happens
            _logger.exception("event=failed method=%s path=%s", request.method, request.path)
            failure = S3Error("InternalError")
            response = _error_response(failure, request.method, request.path, request_id)
        response.headers.update(cors.response_headers(self._store.buckets, request))
        return response

    def _operate(self, request: S3Request) -> S3Response:
        if request.method == "OPTIONS":
            return cors.preflight(self._store.buckets, request)
        if request.raw_headers.get("content-type", "").startswith("multipart/form-data"):
            raise S3Error("NotImplemented", "Uploads by HTML form are not implemented.")
        signature = self._verifier.verify(request)
        require_owner(request.headers)
        return find_operation(request)(OperationContext(self._store, request, signature))


def _error_response(error: S3Error, method: str, path: str, request_id: str) -> S3Response:
    headers = {"Content-Type": "application/xml", **error.headers}
    if method == "HEAD" or error.status == HTTPStatus.NOT_MODIFIED:
        return S3Response(error.status, error.headers)
    return S3Response(error.status, headers, error_document(error, path, request_id))
