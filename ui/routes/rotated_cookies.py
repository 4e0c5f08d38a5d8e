"""Lets logins outlive a change of the secret that signs their cookie.

Streamlit takes one `cookie_secret`. A login's cookie that the secret before it signed is signed
anew on its way to Streamlit, so that nobody is signed out. That makes no login any longer: its age
counts from what the provider signed.
"""

from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.web.server.server_util import get_cookie_secret
from streamlit.web.server.starlette.starlette_app_utils import (
    create_signed_value,
    decode_signed_value,
)
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from ui.state import studio

_HEADER: Final = b"cookie"


class RotatedCookies:
    """ASGI middleware, for pages' websockets too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer a request whose cookies bear the signature of now."""
        if scope["type"] in {"http", "websocket"}:
            before = studio().settings.old_cookie_secret.get_secret_value()
            if before:
                headers = [_signed_anew(name, value, before) for name, value in scope["headers"]]
                scope = {**scope, "headers": headers}
        await self._app(scope, receive, send)


def _signed_anew(name: bytes, value: bytes, before: str) -> tuple[bytes, bytes]:
    if name.lower() != _HEADER:
        return name, value
    cookies = (cookie.strip() for cookie in value.decode("latin-1").split(";"))
    return name, "; ".join(with_signature_of_now(each, before) for each in cookies).encode(
        "latin-1"
    )


def with_signature_of_now(cookie: str, before: str) -> str:
    """The same `name=value`, signed anew where it is a login's that the secret `before` signed.

    Streamlit parts a long one over cookies with numbers, each signed under its own name.
    """
    name, _, value = cookie.partition("=")
    now = get_cookie_secret()
    if not name.startswith(USER_COOKIE_NAME) or decode_signed_value(now, name, value):
        return cookie
    content = decode_signed_value(before, name, value)
    return (
        cookie if content is None else f"{name}={create_signed_value(now, name, content).decode()}"
    )
