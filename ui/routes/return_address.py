"""Leads back to the page that a login or a sign-out began on.

Streamlit answers a provider's callback with a redirect to its root, and a provider leads to one
fixed address. The request that begins the way names its page as `Referer`, which `Referrer-Policy`
lets browsers send to this host alone (ui/routes/headers), and a cookie keeps it until the callback.
"""

from typing import Final
from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE: Final = "contrapposto_return"
_BEGINNINGS: Final = ("/auth/login", "/auth/logout")
_CALLBACK: Final = "/oauth2callback"
_REDIRECT: Final = 302
_LONGEST: Final = 2000
_KEPT_SECONDS: Final = 3600
"""Enough for any login."""


def local_address(address: str) -> str:
    """The address where it is a path and query of this host; else empty."""
    if not address.isascii() or not address.isprintable() or len(address) > _LONGEST:
        return ""
    # Browsers take `//host`, and `\` as `/`, for another host.
    if not address.startswith("/") or address.startswith("//") or "\\" in address:
        return ""
    parts = urlsplit(address)
    return "" if parts.scheme or parts.netloc or parts.path.endswith(_CALLBACK) else address


def page_before(request: Request) -> str:
    """The path and query of the page of this host that a request was sent from; else empty."""
    try:
        referrer = urlsplit(request.headers.get("referer", ""))
        is_own = referrer.hostname == request.url.hostname
    except ValueError:
        return ""
    own = referrer._replace(scheme="", netloc="", fragment="")
    return local_address(own.geturl()) if is_own else ""


class ReturnAddress:
    """ASGI middleware: what redirects within this host goes to the page before, once."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer, and change where its answer leads to, or keep that for later."""
        if scope["type"] != "http" or not scope["path"].endswith((*_BEGINNINGS, _CALLBACK)):
            await self._app(scope, receive, send)
            return
        address = _address_of(Request(scope))

        async def send_back(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == _REDIRECT:
                headers = MutableHeaders(scope=message)
                if headers["Location"].startswith("/"):
                    headers["Location"] = address or headers["Location"]
                    headers.append("Set-Cookie", _cookie(""))
                else:
                    headers.append("Set-Cookie", _cookie(address))
            await send(message)

        await self._app(scope, receive, send_back)


def _address_of(request: Request) -> str:
    if request.url.path.endswith(_CALLBACK):
        return local_address(unquote(request.cookies.get(COOKIE, "")))
    return page_before(request)


def _cookie(address: str) -> str:
    """The header that keeps an address, or forgets what was kept where there is none."""
    seconds = _KEPT_SECONDS if address else 0
    return f"{COOKIE}={quote(address, safe='')}; path=/; max-age={seconds}; samesite=lax"
