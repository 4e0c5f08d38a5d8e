"""The route of an archive of jobs: a form's POST, as a thousand ids are too long for an address."""

from typing import Final
from urllib.parse import parse_qs

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from core.errors import AwsError, ContrappostoError
from core.studio.service import Studio
from core.team.users import User
from ui.routes.asking import person_of
from ui.state import studio
from ui.texts import common as texts
from ui.texts.jobs import bulk as bulk_texts

FIELD: Final = "jobs"
"""Of the form: the ids, parted by spaces."""

_MOST_BODY: Final = 1024**2


def archive_url(open_studio: Studio, user: User) -> str:
    """Where that user's browser asks for an archive; the same for an hour, good for another one."""
    return f"/api/archives/{open_studio.tokens.fresh_token(_subject(user))}"


def _subject(user: User) -> str:
    return f"archives/{user.name}"


async def _archive(request: Request) -> Response:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_BODY:
            return PlainTextResponse(texts.request_too_large(_MOST_BODY // 1024**2), 413)
    return await to_thread.run_sync(_answer, request, bytes(body))


def _answer(request: Request, body: bytes) -> Response:
    try:
        user = person_of(request)
    except HTTPException as error:
        return PlainTextResponse(error.detail, error.status_code, headers=error.headers)
    if not studio().tokens.accepts(request.path_params["token"], _subject(user)):
        return PlainTextResponse(texts.LINK_EXPIRED, 403)
    fields = parse_qs(body.decode("ascii", "replace"), max_num_fields=1)
    ids = " ".join(fields.get(FIELD, ())).split()
    try:
        chunks = studio().archives.open(user, ids)
    except AwsError as error:
        return PlainTextResponse(str(error), 502)
    except ContrappostoError as error:
        return PlainTextResponse(str(error), 400)
    name = f"{bulk_texts.ARCHIVE_NAME}.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(chunks, media_type="application/zip", headers=headers)


routes: Final = (Route("/api/archives/{token}", _archive, methods=["POST"]),)
