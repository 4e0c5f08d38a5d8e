"""S3 as a WSGI application: who asks, what for, and the answer or the error."""

import logging
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from local_aws.s3.errors import S3Error
from local_aws.s3.http import cors
from local_aws.s3.http.context import Call
from local_aws.s3.http.request import S3Request, read_request
from local_aws.s3.http.response import S3Response, error_document
from local_aws.s3.http.signature import Verifier
from local_aws.s3.operations import buckets, copies, listings, multipart, objects, upload_listings
from local_aws.s3.store.object_store import ObjectStore

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_log = logging.getLogger(__name__)

Operation = Callable[[Call], S3Response]

_BUCKET_OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("PUT", ""): buckets.create_bucket,
    ("HEAD", ""): buckets.head_bucket,
    ("DELETE", ""): buckets.delete_bucket,
    ("GET", ""): listings.list_objects,
    ("GET", "list-type"): listings.list_objects_v2,
    ("GET", "versions"): listings.list_object_versions,
    ("GET", "uploads"): upload_listings.list_multipart_uploads,
    ("GET", "location"): buckets.get_bucket_location,
    ("GET", "versioning"): buckets.get_bucket_versioning,
    ("POST", "delete"): buckets.delete_objects,
    **{
        (method, setting): operation
        for setting in buckets.DOCUMENTS
        for method, operation in buckets.document_operations(setting).items()
    },
}

_OBJECT_OPERATIONS: Final[Mapping[tuple[str, str], Operation]] = {
    ("GET", ""): objects.get_object,
    ("HEAD", ""): objects.head_object,
    ("PUT", ""): objects.put_object,
    ("PUT", "copy"): copies.copy_object,
    ("DELETE", ""): objects.delete_object,
    ("GET", "tagging"): objects.get_object_tagging,
    ("PUT", "tagging"): objects.put_object_tagging,
    ("DELETE", "tagging"): objects.delete_object_tagging,
    ("GET", "attributes"): objects.get_object_attributes,
    ("POST", "uploads"): multipart.create_multipart_upload,
    ("PUT", "uploadId"): multipart.upload_part,
    ("PUT", "uploadId+copy"): copies.upload_part_copy,
    ("GET", "uploadId"): upload_listings.list_parts,
    ("POST", "uploadId"): multipart.complete_multipart_upload,
    ("DELETE", "uploadId"): multipart.abort_multipart_upload,
}

# Sub-resources that S3 has and this store has not: refused rather than taken for the plain one.
_UNSUPPORTED: Final = (
    *("abac", "accelerate", "acl", "analytics", "intelligent-tiering", "inventory", "legal-hold"),
    *("logging", "metadataConfiguration", "metadataTable", "metrics", "notification"),
    *("object-lock", "ownership", "policy", "policyStatus", "rename", "replication"),
    *("requestPayment", "restore", "retention", "select", "session", "torrent", "website"),
)


class S3App:
    """The WSGI application. Every request but a browser's preflight must be signed.

    `clock` returns Unix seconds and is what signatures are checked against.
    """

    def __init__(
        self,
        store: ObjectStore,
        access_key: str,
        secret_key: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._verifier = Verifier(access_key, secret_key, clock)

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
            raise  # the client has gone; there is nobody to answer
        except Exception:  # noqa: BLE001 (the edge: a client gets an answer whatever happens)
            _log.exception("event=failed method=%s path=%s", request.method, request.path)
            failure = S3Error("InternalError")
            response = _error_response(failure, request.method, request.path, request_id)
        response.headers.update(cors.response_headers(self._store.buckets, request))
        return response

    def _operate(self, request: S3Request) -> S3Response:
        if request.method == "OPTIONS":
            return cors.preflight(self._store.buckets, request)
        if request.sent.get("content-type", "").startswith("multipart/form-data"):
            raise S3Error("NotImplemented", "Uploads by HTML form are not implemented.")
        signed = self._verifier.verify(request)
        return _operation(request)(Call(self._store, request, signed))


def _operation(request: S3Request) -> Operation:
    if not request.bucket:
        if request.method != "GET":
            raise S3Error("MethodNotAllowed", Method=request.method)
        return buckets.list_buckets
    operations = _OBJECT_OPERATIONS if request.key else _BUCKET_OPERATIONS
    selector = _selector(request, operations)
    operation = operations.get((request.method, selector))
    if operation is None:
        known = any(resource == selector for _, resource in operations)
        raise S3Error("MethodNotAllowed" if known else "NotImplemented", Method=request.method)
    return operation


def _selector(request: S3Request, operations: Mapping[tuple[str, str], Operation]) -> str:
    """What besides method and address picks the operation: a sub-resource, a copy's header."""
    query = request.query
    for name in _UNSUPPORTED:
        if name in query:
            raise S3Error("NotImplemented", Resource=name)
    named = next((resource for _, resource in operations if resource and resource in query), "")
    if request.method == "PUT" and request.key and "x-amz-copy-source" in request.headers:
        return f"{named}+copy" if named else "copy"
    return named


def _error_response(error: S3Error, method: str, path: str, request_id: str) -> S3Response:
    headers = {"Content-Type": "application/xml", **error.headers}
    if method == "HEAD" or error.status == HTTPStatus.NOT_MODIFIED:
        return S3Response(error.status, error.headers)
    return S3Response(error.status, headers, error_document(error, path, request_id))
