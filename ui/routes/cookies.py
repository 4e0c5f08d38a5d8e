"""Keeps cookies from scripts, from other sites and from connections that are not encrypted.

Streamlit sets its login's cookie without `Secure`, and other cookies without more.
"""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.auth.hosting import is_encrypted

_READ_BY_SCRIPTS: Final = ("_streamlit_xsrf",)
"""Streamlit's own script sends it back."""

_STRICT_TRANSPORT: Final = "max-age=31536000"


class SecureCookies:
    """ASGI middleware: whatever sets a cookie, it gets the attributes that it lacks."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer, and mend the cookies of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_https = _is_https(scope)

        async def send_mended(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                cookies = headers.getlist("set-cookie")
                if cookies:
                    del headers["set-cookie"]
                for cookie in cookies:
                    headers.append("set-cookie", mended(cookie, is_https=is_https))
                if is_https:
                    headers["Strict-Transport-Security"] = _STRICT_TRANSPORT
            await send(message)

        await self._app(scope, receive, send_mended)


def mended(cookie: str, *, is_https: bool) -> str:
    """The value of `Set-Cookie` with `Secure`, `HttpOnly` and `SameSite` where they belong."""
    name = cookie.partition("=")[0].strip()
    attributes = [part.partition("=")[0].strip().lower() for part in cookie.split(";")[1:]]
    lacking = [
        attribute
        for attribute, belongs in (
            ("Secure", is_https),
            ("HttpOnly", name not in _READ_BY_SCRIPTS),
            ("SameSite=Lax", True),
        )
        if belongs and attribute.partition("=")[0].lower() not in attributes
    ]
    return "; ".join((cookie, *lacking))


def _is_https(scope: Scope) -> bool:
    """By the studio's own address, by the connection, or as a proxy before it says."""
    forwarded = Headers(scope=scope).get("x-forwarded-proto", "")
    return is_encrypted() or "https" in (scope.get("scheme"), forwarded.strip().lower())
