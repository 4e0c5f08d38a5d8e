"""The one door: every request is checked and handed to the service that it is signed for."""

import io
import logging
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local_aws.autoscaling.targets import Targets
from local_aws.http.errors import AccessRefused, AwsError, RequestTooLarge
from local_aws.http.messages import Reply, Request
from local_aws.http.signature import Gate
from local_aws.s3 import S3App, is_s3_request
from local_aws.sagemaker.control_plane import Control
from local_aws.sagemaker.runtime import Runtime
from local_aws.startup import Background

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_log = logging.getLogger(__name__)

# The largest body outside S3: DynamoDB takes 16 MB.
_BODY_LIMIT = 16 << 20
# moto's own control pages, which could reset or show everything.
_CLOSED = ("/moto-api", "/latest/")


@dataclass(frozen=True)
class Services:
    """Who answers what. `background` may still be coming up when the first requests come."""

    s3: S3App
    control: Control
    runtime: Runtime
    targets: Targets
    background: "Future[Background]"


class Gateway:
    """The WSGI application of the local AWS."""

    def __init__(self, services: Services, gate: Gate) -> None:
        self._services = services
        self._gate = gate

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer one request."""
        if is_s3_request(environ):
            return self._services.s3(environ, start_response)
        request = Request.from_environ(environ, b"")
        try:
            request = Request.from_environ(environ, _read_body(environ))
            reply = self._answer(request) or self._ask_moto(request, environ)
        except AwsError as error:
            reply = error.reply(request)
        except Exception:  # noqa: BLE001 (the edge: a client gets an answer whatever happens)
            _log.exception("event=request_failed path=%s", request.path)
            reply = AwsError("We encountered an internal error.").reply(request)
        return reply.send(start_response)

    def _answer(self, request: Request) -> Reply | None:
        """The answer, or None for what moto answers. Raises `AwsError`."""
        scope = self._gate.admit(request)
        if request.path.startswith(_CLOSED):
            raise AccessRefused("AccessDeniedException", "This path is not served.")
        if scope.service == "sagemaker":
            return self._services.runtime.answer(request) or self._services.control.answer(request)
        if scope.service == "application-autoscaling":
            return self._services.targets.answer(request)
        return None

    def _ask_moto(self, request: Request, environ: "WSGIEnvironment") -> Reply:
        environ["wsgi.input"] = io.BytesIO(request.body)
        environ["CONTENT_LENGTH"] = str(len(request.body))
        background = self._services.background.result()
        reply = background.planes.answer(environ)
        if "/monitoring/aws4_request" in request.headers["authorization"]:
            background.alarms.observe(request)
        return reply


def _read_body(environ: "WSGIEnvironment") -> bytes:
    """The whole body: as long as announced, or, sent in chunks, until its end."""
    chunked = environ.get("wsgi.input_terminated", False)
    size = _BODY_LIMIT + 1 if chunked else int(environ.get("CONTENT_LENGTH") or 0)
    body: bytes = b"" if size > _BODY_LIMIT + 1 else environ["wsgi.input"].read(size)
    if max(len(body), 0 if chunked else size) > _BODY_LIMIT:
        raise RequestTooLarge("The request body is over 16 MiB.")
    return body
