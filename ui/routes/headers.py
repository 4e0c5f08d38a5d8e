"""Puts the security headers on every answer, and turns away hosts that aren't served."""

import base64
import hashlib
import html
import logging
import re
from functools import cache
from pathlib import Path
from typing import Final

import streamlit
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from ui.texts import common as texts

log = logging.getLogger(__name__)

_HEALTH: Final = "/_stcore/health"
"""A load balancer asks by the machine's address."""

_INLINE_SCRIPT: Final = re.compile(r"<script>(.*?)</script>", re.DOTALL)


@cache
def security_headers() -> dict[str, str]:
    """The headers of every answer; a page may be framed by its own host alone."""
    return {
        "Content-Security-Policy": _content_security_policy(),
        "X-Frame-Options": "SAMEORIGIN",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",  # ui/routes/return_address reads it
    }


def _content_security_policy() -> str:
    own, embedded, blob = "'self'", "data:", "blob:"
    sources = {
        "default-src": (own,),
        "script-src": (own, blob, *_inline_script_hashes()),  # a component's script is a blob
        "style-src": (own, "'unsafe-inline'"),  # Streamlit's styles are made in the browser
        "img-src": (own, embedded, blob, "https:"),  # presigned URLs name S3's hosts
        "font-src": (own, embedded),
        "connect-src": (own, embedded, blob),
        "media-src": (own, embedded, blob),
        "worker-src": (own, blob),
        "frame-src": (own,),
        "frame-ancestors": (own,),
        "object-src": ("'none'",),
        "base-uri": (own,),
        "form-action": (own,),
    }
    return "; ".join(" ".join((name, *allowed)) for name, allowed in sources.items())


def _inline_script_hashes() -> list[str]:
    """The scripts that Streamlit's own page holds, as a policy names them."""
    page = Path(streamlit.__file__).parent / "static" / "index.html"
    scripts = _INLINE_SCRIPT.findall(page.read_text("utf-8"))
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return [f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests]


class SecurityHeaders:
    """ASGI middleware around the whole app."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the app answer, with the headers."""
        if scope["type"] != "http":  # Streamlit itself refuses a websocket of another host
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in security_headers().items():
                    headers[name] = value
            await send(message)

        host = Headers(scope=scope).get("host")
        allowed = scope["path"] == _HEALTH or is_host_allowed(host)
        await (self._app if allowed else _refusal(host))(scope, receive, send_with_headers)


def _refusal(host: str | None) -> HTMLResponse:
    shown = (host or "")[:255]
    log.warning("event=host_refused host=%r", shown)
    return HTMLResponse(texts.host_refused(html.escape(shown)), 403)
