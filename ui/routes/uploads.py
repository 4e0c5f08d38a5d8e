"""The routes by which a browser sends model files: each below an address that the page signed for
whoever is signed in there, as Streamlit's check against forged requests doesn't cover them.

A part goes straight to S3 by a signed address where the bucket is in an account, and through this
process to the embedded AWS: then it is spooled to disk, so that memory stays flat. Either way its
SHA-256 goes with it, and other bytes are refused.
"""

import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from functools import partial
from tempfile import TemporaryFile
from typing import Any, Final

from anyio import to_thread
from pydantic import Field, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from core.errors import (
    AwsError,
    AwsThrottled,
    AwsUnreachable,
    Conflict,
    ContrappostoError,
    InvalidInput,
    NotAllowed,
    NotFound,
)
from core.models.uploads.browser import BrowserFile
from core.models.uploads.multipart import DAMAGED
from core.models.uploads.records import Upload, UploadStage, Wish
from core.models.uploads.sending.contents import check_ranges
from core.studio.service import Studio
from core.team.users import User
from core.texts import models as model_texts
from core.texts.models import uploads as upload_texts
from formats.frozen import Frozen
from formats.generation.problems import field_problems
from formats.limits import MAX_HEADER_BYTES
from formats.models.kinds import ModelKind
from formats.models.safetensors_header import PREFIX_BYTES
from ui.routes.asking import person_of
from ui.state import studio
from ui.texts import common as texts
from ui.texts.models import browser

HEADER_BYTES: Final = MAX_HEADER_BYTES
"""Longest header that is sent to be checked; of a longer one its length alone."""

_MOST_HEADER: Final = PREFIX_BYTES + MAX_HEADER_BYTES
_MOST_JSON: Final = 64 * 1024
_BLOCK: Final = 1 << 20
_CHECKSUM: Final = "x-amz-checksum-sha256"
_DAMAGED: Final = 422
_MUST_CHOOSE: Final = frozenset({model_texts.KIND_UNKNOWN, model_texts.CHOOSE_KIND})

Answer = Callable[[User, Request, bytes], dict[str, Any]]


class _Asked(Frozen):
    """What the browser says of a file, in the query."""

    name: str = Field(max_length=1024)
    size: int = Field(ge=0)
    modified: int
    kind: ModelKind | None = None
    replace: bool = False
    sha256: str | None = None


class _PartsToSign(Frozen):
    """The base64 of each part's SHA-256 by its number, and the bytes that were sent so far."""

    checksums: dict[int, str] = Field(max_length=1000)
    done: int = Field(0, ge=0)


def uploads_url(open_studio: Studio, user: User) -> str:
    """Below which that user's browser sends files; the same for an hour, good for another one."""
    return f"/api/uploads/{open_studio.tokens.fresh_token(_subject(user))}"


def _subject(user: User) -> str:
    return f"uploads/{user.name}"


def _check(_user: User, request: Request, header: bytes) -> dict[str, Any]:
    """Whether the file can be a model, before the browser hashes gigabytes of it."""
    asked = _asked(request)
    kind = check_ranges(_range_of(header), asked.name, asked.size, asked.kind)
    return {"kind": kind}


def _range_of(header: bytes) -> Callable[[int, int], bytes]:
    return lambda start, size: header[start : start + size]


def _begin(user: User, request: Request, header: bytes) -> dict[str, Any]:
    """Which parts are wanted: all, those that an earlier try left, or none."""
    asked = _asked(request)
    try:
        file = BrowserFile(
            name=asked.name,
            size=asked.size,
            modified_ms=asked.modified,
            sha256=asked.sha256,
            header=header,
        )
    except ValidationError as error:
        raise InvalidInput(field_problems(error)[0].message) from error
    plan = studio().uploads.begin_browser(user, file, asked.kind, replace=asked.replace)
    return {
        "id": plan.upload.id,
        "part_size": plan.part_size,
        "missing": plan.missing,
        "stored": bool(plan.already_stored),
    }


def _asked(request: Request) -> _Asked:
    given = {name: value for name, value in request.query_params.items() if value}
    try:
        return _Asked.model_validate(given)
    except ValidationError as error:
        raise InvalidInput(field_problems(error)[0].message) from error


def _presign(user: User, request: Request, body: bytes) -> dict[str, Any]:
    try:
        asked = _PartsToSign.model_validate_json(body)
    except ValidationError as error:
        raise InvalidInput(browser.NO_CHECKSUMS) from error
    urls = studio().uploads.presign_parts(user, _id(request), asked.checksums, asked.done)
    return {"urls": urls}


def _finish(user: User, request: Request, _body: bytes) -> dict[str, Any]:
    studio().uploads.finish_browser(user, _id(request))
    return {}


def _state(user: User, request: Request, _body: bytes) -> dict[str, Any]:
    upload = _upload(user, _id(request))
    if upload is None:
        raise NotFound(upload_texts.UPLOAD_IS_OVER)
    return {"stage": _stage(upload), "message": upload.message}


def _order(user: User, request: Request, _body: bytes) -> dict[str, Any]:
    queue = studio().uploads
    orders = {"pause": queue.pause, "resume": queue.resume, "cancel": queue.cancel}
    orders[request.url.path.rpartition("/")[2]](user, _id(request))
    return {}


def _id(request: Request) -> str:
    return str(request.path_params["upload_id"])


def _upload(user: User, upload_id: str) -> Upload | None:
    return next((each for each in studio().uploads.list(user) if each.id == upload_id), None)


def _stage(upload: Upload) -> str:
    """Its stage; `paused` only where a person wants it so, else `away`: it waits for
    the browser to begin again."""
    if upload.wish is Wish.PAUSE:
        return UploadStage.PAUSED
    is_away = upload.stage in (UploadStage.PAUSED, UploadStage.WAITING)
    return "away" if is_away else upload.stage


async def _part(request: Request) -> JSONResponse:
    """Spool a part to disk, compare its checksum, and pass it on."""
    checksum = request.headers.get(_CHECKSUM, "")
    try:
        user = await to_thread.run_sync(_person, request)
        with TemporaryFile() as spooled:
            digest = hashlib.sha256()
            async for block in _blocks(request):
                await to_thread.run_sync(_write, spooled.write, digest.update, block)
            if b64encode(digest.digest()).decode() != checksum:
                return JSONResponse({"message": browser.PART_IS_DAMAGED}, _DAMAGED)
            spooled.seek(0)
            number = request.path_params["number"]
            queue = studio().uploads
            await to_thread.run_sync(
                partial(queue.send_part, user, _id(request), number, spooled, checksum)
            )
    except (HTTPException, ContrappostoError) as error:
        return await to_thread.run_sync(_refusal, error, request)
    return _answered(user, {})


def _write(write: Callable[[bytes], int], update: Callable[[bytes], None], block: bytes) -> None:
    update(block)
    write(block)


async def _blocks(request: Request) -> AsyncIterator[bytes]:
    """The body in blocks of a megabyte: a thread for each of the network's would cost more than
    the work that it does."""
    block = bytearray()
    async for chunk in request.stream():
        block += chunk
        if len(block) >= _BLOCK:
            yield bytes(block)
            block.clear()
    yield bytes(block)


def _json_route(path: str, answer: Answer, most: int, method: str = "POST") -> Route:
    async def respond(request: Request) -> JSONResponse:
        try:
            user = await to_thread.run_sync(_person, request)
            body = await _body(request, most)
            found = await to_thread.run_sync(answer, user, request, body)
        except (HTTPException, ContrappostoError) as error:
            return await to_thread.run_sync(_refusal, error, request)
        return _answered(user, found)

    return Route(f"/api/uploads/{{token}}{path}", respond, methods=[method])


async def _body(request: Request, most: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise HTTPException(413, texts.request_too_large(most // 1024**2))
    return bytes(body)


class _Expired(HTTPException):
    """The page must sign another address."""


def _person(request: Request) -> User:
    user = person_of(request)
    if not studio().tokens.accepts(request.path_params["token"], _subject(user)):
        raise _Expired(403, texts.LINK_EXPIRED)
    return user


def _answered(user: User, found: dict[str, Any]) -> JSONResponse:
    """The answer, with the address that is good from now on: an upload may take longer than one."""
    address = uploads_url(studio(), user)
    return JSONResponse(found | {"address": address}, headers={"Cache-Control": "no-store"})


def _refusal(error: HTTPException | ContrappostoError, request: Request) -> JSONResponse:
    """In words, with what the person must choose (`ask`), or where the upload is (`stage`)."""
    if isinstance(error, HTTPException):
        answer = {"message": error.detail, "expired": isinstance(error, _Expired)}
        return JSONResponse(answer, error.status_code, headers=error.headers)
    more: dict[str, Any] = {"ask": _ask(error, request)}
    if isinstance(error, Conflict) and "upload_id" in request.path_params:
        upload = _upload(person_of(request), _id(request))
        more["stage"] = _stage(upload) if upload else ""
    return JSONResponse({"message": str(error), **more}, _status(error))


def _ask(error: ContrappostoError, request: Request) -> str:
    if isinstance(error, InvalidInput) and str(error) in _MUST_CHOOSE:
        return "kind"
    is_taken = isinstance(error, Conflict) and "upload_id" not in request.path_params
    return "replace" if is_taken else ""


def _status(error: ContrappostoError) -> int:
    if isinstance(error, AwsError) and error.code in DAMAGED:
        return _DAMAGED
    statuses: dict[type[ContrappostoError], int] = {
        AwsUnreachable: 503,
        AwsThrottled: 503,
        AwsError: 502,
        NotAllowed: 403,
        NotFound: 404,
        Conflict: 409,
    }
    return next((status for kind, status in statuses.items() if isinstance(error, kind)), 400)


routes: Final = (
    _json_route("/check", _check, _MOST_HEADER),
    _json_route("/begin", _begin, _MOST_HEADER),
    _json_route("/{upload_id}", _state, 0, "GET"),
    _json_route("/{upload_id}/parts", _presign, _MOST_JSON),
    _json_route("/{upload_id}/finish", _finish, 0),
    *(_json_route(f"/{{upload_id}}/{name}", _order, 0) for name in ("pause", "resume", "cancel")),
    Route("/api/uploads/{token}/{upload_id}/parts/{number:int}", _part, methods=["PUT"]),
)
