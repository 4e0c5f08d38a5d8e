"""Leads back from a login to the address that was asked for before it.

Streamlit answers a provider's callback with a redirect to its root, and a provider leads to one
fixed address. The sign-in page keeps the address in a cookie (ui/components/return_address).
"""

from typing import Final
from urllib.parse import unquote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "contrapposto_return"
_CALLBACK: Final = "/oauth2callback"
_REDIRECT: Final = 302
_LONGEST: Final = 2000


def local_address(kept: str) -> str:
    """The path and query that a cookie's value names; empty unless they are this host's."""
    address = unquote(kept)
    if not address.isascii() or not address.isprintable() or len(address) > _LONGEST:
        return ""
    # Browsers take `//host`, and `\` as `/`, for another host.
    if not address.startswith("/") or address.startswith("//") or "\\" in address:
        return ""
    parts = urlsplit(address)
    return "" if parts.scheme or parts.netloc or parts.path.endswith(_CALLBACK) else address


class ReturnAddress:
    """ASGI middleware: a callback's redirect goes to the address in the cookie, once."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer, and change where a callback's answer leads to."""
        if scope["type"] != "http" or not scope["path"].endswith(_CALLBACK):
            await self._app(scope, receive, send)
            return
        address = local_address(Request(scope).cookies.get(COOKIE, ""))

        async def send_back(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == _REDIRECT:
                headers = MutableHeaders(scope=message)
                headers["Location"] = address or headers["Location"]
                headers.append("Set-Cookie", f"{COOKIE}=; path=/; max-age=0; samesite=lax")
            await send(message)

        await self._app(scope, receive, send_back)
