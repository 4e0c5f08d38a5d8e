"""The page that Streamlit serves, with our style and preloads in it."""

import asyncio
import gzip
import re
from pathlib import Path

import httpx
import pytest
import streamlit
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ui.routes.page_shell import PageShell

STATIC = Path(streamlit.__file__).parent / "static"
PAGE = (STATIC / "index.html").read_text("utf-8")
OTHER = "<html><head></head><body>Sign in</body></html>"


async def answer(request: Request) -> Response:
    """Streamlit's page, packed or not; any other; or data."""
    headers = {"ETag": '"1"', "Last-Modified": "Sun, 29 Nov 2026 12:00:00 GMT"}
    match request.url.path:
        case "/page":
            return Response(PAGE, media_type="text/html", headers=headers)
        case "/packed":
            packed = headers | {"Content-Encoding": "gzip"}
            return Response(gzip.compress(PAGE.encode()), media_type="text/html", headers=packed)
        case "/other":
            return Response(OTHER, media_type="text/html")
        case _:
            return Response(PAGE, media_type="text/plain", headers=headers)


def ask(path: str, method: str = "GET") -> httpx.Response:
    """The answer to a request, through the middleware."""
    routes = [Route("/{path}", answer, methods=["GET", "HEAD"])]
    app = Starlette(routes=routes, middleware=[Middleware(PageShell)])

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path)

    return asyncio.run(asked())


@pytest.mark.parametrize("path", ["/page", "/packed"])
def test_a_page_has_the_style_at_its_end_and_no_name_of_the_file_alone(path: str) -> None:
    answered = ask(path)
    style = (Path("ui") / "theme" / "style.css").read_text("utf-8")
    assert style in answered.text
    assert answered.text.index(style) > answered.text.index('<div id="root">')
    assert int(answered.headers["Content-Length"]) == answered.num_bytes_downloaded
    assert not {"etag", "last-modified"} & set(answered.headers)


def test_what_is_asked_for_early_is_there() -> None:
    added = re.findall(r'href="\./static/((?:js|media)/[^"]+)"', ask("/page").text)
    assert not [name for name in added if not (STATIC / "static" / name).is_file()]
    assert len(added) == len(set(added))
    for part in ("js/Selectbox.", "js/TextArea.", "media/MaterialSymbols-Rounded."):
        assert [name for name in added if name.startswith(part)]


@pytest.mark.parametrize(("path", "text"), [("/other", OTHER), ("/data", PAGE)])
def test_other_answers_stay_as_they_are(path: str, text: str) -> None:
    answered = ask(path)
    assert answered.text == text
    assert ("etag" in answered.headers) == (path == "/data")


def test_a_request_for_the_headers_alone_gets_no_body() -> None:
    assert ask("/page", "HEAD").content == b""
