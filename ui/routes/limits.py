"""Bounds what anybody may send before it is known who they are: bodies, and tries to sign in."""

from typing import Final

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.settings import Identity
from core.team.rate_limit import RateLimit
from ui.auth.alb import FORWARDED_FOR, last_hop
from ui.state import studio
from ui.texts import common as texts

PUBLIC: Final = "/public/"
"""Below it lies what is shown without a login."""

OWN_ROUTES: Final = ("/api/", "/sdapi/", PUBLIC)
MAX_BODY: Final = 64 * 1024**2
"""A request with an image, a mask and three control images of 20 MB in base64 is still less."""

SIGN_IN_PATHS: Final = ("/auth/login", "/oauth2callback")
SIGN_INS: Final = RateLimit(per_second=0.5, burst=60)
"""By network address: a whole team behind one may sign in at nine o'clock, nobody may try keys."""


class RequestLimits:
    """ASGI middleware in front of the app's own routes and of Streamlit's sign-in."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer, or answer 413 or 429 in words."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] in SIGN_IN_PATHS and (
            wait := SIGN_INS.seconds_to_wait(origin_of(scope))
        ):
            answer = PlainTextResponse(texts.too_many_requests(wait), 429)
            answer.headers["Retry-After"] = str(wait)
            await answer(scope, receive, send)
        elif not scope["path"].startswith(OWN_ROUTES):
            await self._app(scope, receive, send)
        elif _told_length(scope) > MAX_BODY:
            await PlainTextResponse(_too_large(), 413)(scope, receive, send)
        else:
            await self._app(scope, _bounded(receive), send)


def _bounded(receive: Receive) -> Receive:
    """The same, until more came than may: also where no length was told, or a wrong one."""
    received = 0

    async def receive_bounded() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > MAX_BODY:
            raise HTTPException(413, _too_large())
        return message

    return receive_bounded


def _too_large() -> str:
    return texts.request_too_large(MAX_BODY // 1024**2)


def _told_length(scope: Scope) -> int:
    told = Headers(scope=scope).get("content-length", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 20 else 0


def origin_of(scope: Scope) -> str:
    """The network address that a request comes from."""
    if studio().settings.identity is Identity.ALB:
        return last_hop(Headers(scope=scope).getlist(FORWARDED_FOR))
    client = scope.get("client")
    return client[0] if client else ""
