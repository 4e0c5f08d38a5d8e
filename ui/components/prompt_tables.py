"""Serves the tables that the prompt editor reads, under addresses that name their content.

CLIP's merges are no secret; a team's tag list is for whoever is signed in. Browsers keep both for
good: another list has another address.
"""

import hashlib
from functools import cache
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from core.errors import AwsError
from formats.prompts.clip_merges import CLIP_MERGES
from ui.routes.asking import person_of
from ui.state import studio
from ui.texts import common as texts

_GZIPPED: Final = {"Content-Encoding": "gzip"}
_FOR_ALL: Final = {"Cache-Control": "public, max-age=31536000, immutable", **_GZIPPED}
_FOR_ONE: Final = {
    "Cache-Control": "private, max-age=31536000, immutable",
    "Vary": "Cookie",
    **_GZIPPED,
}
_NOT_KEPT: Final = {"Cache-Control": "no-store"}


@cache
def _merges() -> tuple[str, bytes]:
    """The gzipped merges, and what names them."""
    data = CLIP_MERGES.read_bytes()
    return hashlib.sha256(data).hexdigest()[:16], data


def merges_url() -> str:
    """Where the browser finds CLIP's merges."""
    return f"/api/prompts/merges/{_merges()[0]}"


async def _merges_file(request: Request) -> Response:
    name, data = _merges()
    if request.path_params["name"] != name:
        return PlainTextResponse(texts.NO_SUCH_TABLE, 404, headers=_NOT_KEPT)
    return Response(data, media_type="text/plain", headers=_FOR_ALL)


def tags_url() -> str:
    """Where the browser finds the team's tag list; empty where there is none."""
    current = studio().tag_lists.current()
    return f"/api/prompts/tags/{current.sha256}" if current else ""


def _tags_file(request: Request) -> Response:
    person_of(request)
    try:
        data = studio().tag_lists.packed(request.path_params["sha256"])
    except AwsError as error:
        return PlainTextResponse(str(error), 502, headers=_NOT_KEPT)
    if data is None:
        return PlainTextResponse(texts.NO_SUCH_TABLE, 404, headers=_NOT_KEPT)
    return Response(data, media_type="text/plain", headers=_FOR_ONE)


routes: Final = (
    Route("/api/prompts/merges/{name}", _merges_file),
    Route("/api/prompts/tags/{sha256}", _tags_file),
)
