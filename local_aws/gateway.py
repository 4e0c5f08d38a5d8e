"""Routes every request, once its signature is verified, to the service that it is signed for."""

import io
import logging
import sqlite3
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local_aws.autoscaling.service import ApplicationAutoScaling
from local_aws.http.errors import (
    AccessDenied,
    InsufficientStorage,
    MalformedRequest,
    RequestTooLarge,
    ServiceError,
)
from local_aws.http.messages import Request, Response
from local_aws.http.signature import SignatureVerifier
from local_aws.s3 import DiskReserve, S3App, is_disk_full, is_s3_request
from local_aws.sagemaker.control_plane import SageMakerControlPlane
from local_aws.sagemaker.runtime import SageMakerRuntime
from local_aws.startup import DeferredComponents

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_logger = logging.getLogger(__name__)

# The largest body outside S3: DynamoDB takes 16 MB.
_MAX_BODY_BYTES = 16 << 20
# moto's own control pages, which could reset or show everything.
_BLOCKED_PATHS = ("/moto-api", "/latest/")


@dataclass(frozen=True)
class Services:
    """What handles which requests. `deferred` may still be starting when the first ones come."""

    s3: S3App
    control: SageMakerControlPlane
    runtime: SageMakerRuntime
    autoscaling: ApplicationAutoScaling
    deferred: "Future[DeferredComponents]"


class Gateway:
    """The WSGI application of the local AWS."""

    def __init__(
        self, services: Services, verifier: SignatureVerifier, reserve: DiskReserve
    ) -> None:
        self._services = services
        self._reserve = reserve
        self._verifier = verifier

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        if is_s3_request(environ):
            return self._services.s3(environ, start_response)
        request = Request.from_environ(environ, b"")
        try:
            self._verifier.check_head(request)
            request = Request.from_environ(environ, _read_body(environ))
            response = self._respond(request) or self._forward_to_moto(request, environ)
        except ServiceError as error:
            response = error.to_response(request)
        except ConnectionError:
            raise  # the client has disconnected
        except Exception:  # the edge: a client gets an answer whatever happens
            _logger.exception("event=request_failed path=%s", request.path)
            response = ServiceError("We encountered an internal error.").to_response(request)
        return response.to_wsgi(start_response)

    def _respond(self, request: Request) -> Response | None:
        """As `_dispatch`; a delete may use the disk's reserve. Raises `InsufficientStorage`."""
        try:
            if not request.operation.startswith("Delete"):
                return self._dispatch(request)
            return self._reserve.retry(lambda: self._dispatch(request), is_disk_full)
        except (OSError, sqlite3.Error) as error:
            if is_disk_full(error):
                raise InsufficientStorage("The disk that holds the data is full.") from error
            raise

    def _dispatch(self, request: Request) -> Response | None:
        """The response, or None for a request that is moto's. Raises `ServiceError`."""
        scope = self._verifier.verify(request)
        if request.path.startswith(_BLOCKED_PATHS):
            raise AccessDenied("AccessDeniedException", "This path is not served.")
        if scope.service == "sagemaker":
            return self._services.runtime.handle(request) or self._services.control.handle(request)
        if scope.service == "application-autoscaling":
            return self._services.autoscaling.handle(request)
        return None

    def _forward_to_moto(self, request: Request, environ: "WSGIEnvironment") -> Response:
        environ["wsgi.input"] = io.BytesIO(request.body)
        environ["CONTENT_LENGTH"] = str(len(request.body))
        deferred = self._services.deferred.result()
        response = deferred.moto.handle(environ)
        if "/monitoring/aws4_request" in request.headers["authorization"]:
            deferred.alarms.refresh_after(request)
        return response


def _read_body(environ: "WSGIEnvironment") -> bytes:
    """The whole body: as long as announced, or, sent in chunks, until its end."""
    chunked = environ.get("wsgi.input_terminated", False)
    size = _MAX_BODY_BYTES + 1 if chunked else int(environ.get("CONTENT_LENGTH") or 0)
    try:
        body: bytes = b"" if size > _MAX_BODY_BYTES + 1 else environ["wsgi.input"].read(size)
    except ConnectionError:
        raise  # the client has disconnected
    except OSError as error:  # a sender that is too slow, or chunks that are none
        raise MalformedRequest(f"The body could not be read: {error}.") from error
    if max(len(body), 0 if chunked else size) > _MAX_BODY_BYTES:
        raise RequestTooLarge("The request body is over 16 MiB.")
    return body
