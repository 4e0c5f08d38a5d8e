"""The container's routes, `/ping`, `/invocations` and `/metrics`, and the shape of its errors."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final
from uuid import uuid4

from fastapi import FastAPI, Request, Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from formats.generation.request import parse_request
from formats.generation.result import ErrorCode, Failure, GenerationResult, Outcome
from formats.keys import ULID_PATTERN
from sagemaker_container.errors import HTTP_STATUS, JobError
from sagemaker_container.server.dispatcher import JobDispatcher
from sagemaker_container.server.metrics import CONTENT_TYPE
from sagemaker_container.server.supervisor import Supervisor
from sagemaker_container.texts import server as texts

_log = logging.getLogger(__name__)

MAX_BODY_BYTES: Final = 2**20
"""Images travel through S3, so even the largest request has only 200 KB."""

RETRY_AFTER_SECONDS: Final = "5"
_JSON: Final = "application/json"


def build_app(dispatcher: JobDispatcher, supervisor: Supervisor) -> FastAPI:
    """The ASGI application. It starts the worker; whoever runs the server stops it."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await supervisor.start()
        reporting = asyncio.create_task(dispatcher.caches.run())
        yield
        reporting.cancel()

    routes = _Routes(dispatcher, supervisor)
    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_api_route("/ping", routes.ping, methods=["GET"])
    app.add_api_route("/metrics", routes.metrics, methods=["GET"])
    app.add_api_route("/invocations", routes.invocations, methods=["POST"])
    app.add_exception_handler(HTTPException, routes.handle_error)
    app.add_exception_handler(Exception, routes.handle_error)
    return app


class _Routes:
    def __init__(self, dispatcher: JobDispatcher, supervisor: Supervisor) -> None:
        self._dispatcher = dispatcher
        self._supervisor = supervisor

    async def ping(self) -> Response:
        is_healthy = self._supervisor.is_healthy and not self._dispatcher.is_draining
        return Response(status_code=200 if is_healthy else 503)

    async def metrics(self) -> Response:
        return Response(self._dispatcher.metrics.render(), media_type=CONTENT_TYPE)

    async def invocations(self, request: Request) -> Response:
        body = await _read_body(request)
        if body is None:
            message = texts.request_too_large(MAX_BODY_BYTES)
            return _error_response(Failure(code=ErrorCode.TOO_LARGE, message=message), None)
        try:
            job = parse_request(body)
        except ValidationError as error:
            return await self._refuse(body, error)
        try:
            result = await self._dispatcher.submit(job)
        except JobError as error:
            return _error_response(error.failure(), job.id)
        return _result_response(result)

    async def _refuse(self, body: bytes, error: ValidationError) -> Response:
        """Answer a request that can't be read; its job fails too, if the request names one."""
        failure, job_id = _first_error(error), _read_job_id(body)
        if job_id:
            try:
                await self._dispatcher.refuse(job_id, body, failure)
            except JobError as lost:
                _log.warning("event=refusal_not_stored job=%s reason=%r", job_id, lost.message)
        return _error_response(failure, job_id)

    async def handle_error(self, _: Request, error: Exception) -> Response:
        """Answer an error of the framework, such as an unknown route, or one of our own bugs."""
        if isinstance(error, HTTPException):
            failure = Failure(code=ErrorCode.BAD_REQUEST, message=texts.NO_SUCH_ROUTE)
            return _error_response(failure, None, error.status_code)
        return _error_response(Failure(code=ErrorCode.INTERNAL, message=texts.FAILED), None)


async def _read_body(request: Request) -> bytes | None:
    """The body, or None if it is too large; no more than the limit is kept in memory."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


def _result_response(result: GenerationResult) -> Response:
    if result.outcome is Outcome.SUCCEEDED or result.failure is None:
        return Response(result.model_dump_json(), media_type=_JSON)
    return _error_response(result.failure, result.id)


def _error_response(failure: Failure, job_id: str | None, status: int | None = None) -> Response:
    """Every error is `{code, message, field, request_id}`."""
    body = {**failure.model_dump(mode="json"), "request_id": job_id or str(uuid4())}
    headers = {"Retry-After": RETRY_AFTER_SECONDS} if failure.code is ErrorCode.BUSY else None
    return Response(
        json.dumps(body),
        status_code=status or HTTP_STATUS[failure.code],
        headers=headers,
        media_type=_JSON,
    )


def _first_error(error: ValidationError) -> Failure:
    """The first thing that is wrong with a request, and the field that it concerns."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(map(str, first["loc"])) or None
    message = first["msg"].removeprefix("Value error, ")
    return Failure(code=ErrorCode.BAD_REQUEST, message=message, field=field)


def _read_job_id(body: bytes) -> str | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    job_id = found.get("id") if isinstance(found, dict) else None
    return job_id if isinstance(job_id, str) and re.fullmatch(ULID_PATTERN, job_id) else None
