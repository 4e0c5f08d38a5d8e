"""Serves the tables that the prompt editor reads, under addresses that name their content.

CLIP's merges are no secret, so that no token is asked for: 208 kB that a browser keeps.
"""

import hashlib
from functools import cache
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from formats.prompts.clip_merges import CLIP_MERGES
from ui.texts import common as texts

_HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Encoding": "gzip",
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
        return PlainTextResponse(texts.NO_SUCH_SCRIPT, 404, headers=_NOT_KEPT)
    return Response(data, media_type="text/plain", headers=_HEADERS)


routes: Final = (Route("/api/prompts/merges/{name}", _merges_file),)
