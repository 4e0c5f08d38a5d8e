"""Serves the components' scripts under addresses that name their content.

A browser keeps what it got until an upgrade changes the address. Imports between the modules are
relative, so one version in the path of the first reaches all of them. The version is a hash of the
files: every replica with the same files has the same addresses. Nothing here is secret, so no
token is asked for.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ui.texts import common as texts

_FOLDER: Final = Path(__file__).parent
_HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
}


def script_url(path: str) -> str:
    """The address of a module, by its path in this folder."""
    return f"/api/components/{version()}/{path}"


@cache
def _scripts() -> dict[str, bytes]:
    files = sorted(_FOLDER.rglob("*.js"))
    return {file.relative_to(_FOLDER).as_posix(): file.read_bytes() for file in files}


@cache
def version() -> str:
    """Names the content of all modules."""
    digest = hashlib.sha256()
    for path, source in _scripts().items():
        digest.update(f"{path} {len(source)} ".encode() + source)
    return digest.hexdigest()[:16]


def script(asked_version: str, path: str) -> Response:
    """The answer with a module."""
    source = _scripts().get(path)
    if source is None or asked_version != version():
        # Another version's script is never answered: modules of two versions don't fit together.
        headers = {"Cache-Control": "no-store"}
        return PlainTextResponse(texts.NO_SUCH_SCRIPT, 404, headers=headers)
    return Response(source, media_type="text/javascript", headers=_HEADERS)


async def _script(request: Request) -> Response:
    return script(request.path_params["version"], request.path_params["path"])


routes: Final = (Route("/api/components/{version}/{path:path}", _script),)
