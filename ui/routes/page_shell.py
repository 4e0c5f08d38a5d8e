"""Puts our style, and what every page needs of Streamlit's files, into the page it serves.

Streamlit's page is an empty shell: its script asks for the style and for the script of each kind of
widget when the first run has told it to, and what is on the page by then moves. With the style in
the shell and these files asked for at once, the first image is nearly the last one.
"""

import gzip
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_STATIC: Final = Path(streamlit.__file__).parent / "static" / "static"
_STYLES: Final = Path(__file__).parents[1] / "theme"
_WIDGETS: Final = (
    "BidiComponent",
    "ButtonGroup",
    "Checkbox",
    "FileUploader",
    "Html",
    "Multiselect",
    "NumberInput",
    "Radio",
    "Selectbox",
    "Slider",
    "TextArea",
    "TextInput",
)
"""Streamlit's scripts for what nearly every page has, by the names of its elements."""

_FONTS: Final = ("MaterialSymbols-Rounded.*.woff2", "SourceSerifVariable-Roman.*.woff2")
_IMPORT: Final = re.compile(r"""(?:from|import)\s*["']\./([\w.-]+\.js)["']""")


class PageShell:
    """ASGI middleware around Streamlit's pages."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer; where the answer is Streamlit's page, with ours in it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        await self._app(scope, receive, _Shell(send).send)


class _Shell:
    """One answer: its start is held until its whole body is there, where it is a page."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._start: Message = {}
        self._body = b""

    async def send(self, message: Message) -> None:
        """Pass a message on, or keep it."""
        if message["type"] == "http.response.start" and _is_page(message):
            self._start = message
        elif not self._start:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._send_page()

    async def _send_page(self) -> None:
        headers = MutableHeaders(scope=self._start)
        for name in ("ETag", "Last-Modified"):  # they name the file alone
            del headers[name]
        if self._body:  # HEAD has none
            is_packed = headers.get("content-encoding") == "gzip"
            page = gzip.decompress(self._body) if is_packed else self._body
            page = with_style(page.decode()).encode()
            self._body = gzip.compress(page) if is_packed else page
            headers["Content-Length"] = str(len(self._body))
        await self._send(self._start)
        await self._send({"type": "http.response.body", "body": self._body})


def _is_page(start: Message) -> bool:
    kind = MutableHeaders(scope=start).get("content-type", "")
    return bool(start["status"] == 200 and kind.startswith("text/html"))


def with_style(page: str) -> str:
    """Streamlit's page with our style and preloads; any other page as it is.

    The style comes last, after those that Streamlit's script adds to the head.
    """
    if '<div id="root">' not in page:
        return page
    page = page.replace("</head>", f"{_preloads()}</head>")
    return page.replace("</body>", f"<style>{_styles()}</style></body>")


@cache
def _styles() -> str:
    return "".join(file.read_text("utf-8") for file in sorted(_STYLES.glob("*.css")))


@cache
def _preloads() -> str:
    """The links; a name that a later Streamlit no longer has is left out."""
    scripts = "".join(
        f'<link rel="modulepreload" crossorigin href="./static/js/{name}">\n'
        for name in sorted(_with_imports(f"{widget}.*.js" for widget in _WIDGETS))
    )
    fonts = "".join(
        f'<link rel="preload" as="font" type="font/woff2" crossorigin'
        f' href="./static/media/{file.name}">\n'
        for pattern in _FONTS
        for file in (_STATIC / "media").glob(pattern)
    )
    return fonts + scripts


def _with_imports(patterns: Iterable[str]) -> set[str]:
    """The scripts that match and all that they import, less those that the page asks for itself."""
    folder = _STATIC / "js"
    page = (_STATIC.parent / "index.html").read_text("utf-8")
    found: set[str] = set()
    left = [file.name for pattern in patterns for file in folder.glob(pattern)]
    while left:
        name = left.pop()
        if name not in found and name not in page:
            found.add(name)
            left += _IMPORT.findall((folder / name).read_text("utf-8"))
    return found
