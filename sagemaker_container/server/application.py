"""The container's two routes, `/ping` and `/invocations`, and the one shape of its errors."""

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
from sagemaker_container.errors import STATUS, JobError
from sagemaker_container.server.dispatcher import Dispatcher
from sagemaker_container.server.supervisor import Supervisor

_log = logging.getLogger(__name__)

MAX_BODY: Final = 2**20
"""Bytes of a request; pictures come by S3, so that the largest request has 200 KB."""

RETRY_AFTER: Final = "5"
_JSON: Final = "application/json"


def build(dispatcher: Dispatcher, supervisor: Supervisor) -> FastAPI:
    """The ASGI application; it starts the worker, whose end is the server's business."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await supervisor.start()
        yield

    routes = _Routes(dispatcher, supervisor)
    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_api_route("/ping", routes.ping, methods=["GET"])
    app.add_api_route("/invocations", routes.invocations, methods=["POST"])
    app.add_exception_handler(HTTPException, routes.unforeseen)
    app.add_exception_handler(Exception, routes.unforeseen)
    return app


class _Routes:
    def __init__(self, dispatcher: Dispatcher, supervisor: Supervisor) -> None:
        self._dispatcher = dispatcher
        self._supervisor = supervisor

    async def ping(self) -> Response:
        is_well = self._supervisor.is_healthy and not self._dispatcher.is_draining
        return Response(status_code=200 if is_well else 503)

    async def invocations(self, request: Request) -> Response:
        body = await _read(request)
        if body is None:
            message = f"The request is larger than {MAX_BODY:,} bytes."
            return _error(Failure(code=ErrorCode.TOO_LARGE, message=message), None)
        try:
            asked = parse_request(body)
        except ValidationError as error:
            return await self._refuse(body, error)
        try:
            result = await self._dispatcher.submit(asked)
        except JobError as error:
            return _error(error.failure(), asked.id)
        return _answer(result)

    async def _refuse(self, body: bytes, error: ValidationError) -> Response:
        """A request that can't be read fails its job too, where it says which job that is."""
        failure, job_id = _explain(error), _id_in(body)
        if job_id:
            try:
                await self._dispatcher.refuse(job_id, failure)
            except JobError as lost:
                _log.warning("event=refusal_not_stored job=%s reason=%r", job_id, lost.message)
        return _error(failure, job_id)

    async def unforeseen(self, _: Request, error: Exception) -> Response:
        """What the framework refuses by itself, such as an unknown route, and our own mistakes."""
        if isinstance(error, HTTPException):
            message = "Only GET /ping and POST /invocations are answered."
            failure = Failure(code=ErrorCode.BAD_REQUEST, message=message)
            return _error(failure, None, error.status_code)
        message = "The container failed; its log says more."
        return _error(Failure(code=ErrorCode.INTERNAL, message=message), None)


async def _read(request: Request) -> bytes | None:
    """The body, or None for one that is too large; of that, no more than the limit is kept."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


def _answer(result: GenerationResult) -> Response:
    if result.outcome is Outcome.SUCCEEDED or result.failure is None:
        return Response(result.model_dump_json(), media_type=_JSON)
    return _error(result.failure, result.id)


def _error(failure: Failure, job_id: str | None, status: int | None = None) -> Response:
    """`{code, message, field, request_id}`, the shape of every error."""
    body = {**failure.model_dump(mode="json"), "request_id": job_id or str(uuid4())}
    busy = {"Retry-After": RETRY_AFTER} if failure.code is ErrorCode.BUSY else None
    return Response(
        json.dumps(body),
        status_code=status or STATUS[failure.code],
        headers=busy,
        media_type=_JSON,
    )


def _explain(error: ValidationError) -> Failure:
    """The first thing that is wrong with a request, at the field where it is."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    field = ".".join(map(str, first["loc"])) or None
    message = first["msg"].removeprefix("Value error, ")
    return Failure(code=ErrorCode.BAD_REQUEST, message=message, field=field)


def _id_in(body: bytes) -> str | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    job_id = found.get("id") if isinstance(found, dict) else None
    return job_id if isinstance(job_id, str) and re.fullmatch(ULID_PATTERN, job_id) else None
