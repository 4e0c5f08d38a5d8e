"""Gives Streamlit's own files, such as one that a Save button made, to people who are signed in.

Streamlit serves them under names that nobody can guess, and asks nobody who they are.
"""

from typing import Final

from anyio import to_thread
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.auth.visitor import visitor_of_request
from ui.state import studio
from ui.texts import common

_FILES: Final = "/media/"


class MediaFiles:
    """ASGI middleware around Streamlit's files."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer, or answer 403 to nobody."""
        app = self._app
        if scope["type"] == "http" and scope["path"].startswith(_FILES):
            # It may ask AWS, which blocks.
            reason = await to_thread.run_sync(_refusal, Request(scope))
            app = PlainTextResponse(reason, 403) if reason else app
        await app(scope, receive, send)


def _refusal(request: Request) -> str:
    found = visitor_of_request(request, studio().settings, studio().people)
    return "" if found.user else found.reason or common.SIGN_IN_REASON
