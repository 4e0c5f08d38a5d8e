"""The routes for programs, below `/api/v1`: each answers to an API key, in JSON."""

import logging
from collections.abc import Callable
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.errors import AwsError, KeyRefused
from core.team.api_keys import KeyHolder, KeyProblem, Scope
from ui.routes import asking
from ui.state import studio
from ui.texts import common

log = logging.getLogger(__name__)

_SCHEME: Final = "bearer"
_NOT_CACHED: Final = {"Cache-Control": "no-store"}

Answer = Callable[[Request, KeyHolder], Response]


def error_response(status: int, code: str, message: str) -> JSONResponse:
    """The one shape of an error."""
    headers = dict(_NOT_CACHED)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"  # RFC 6750, section 3
    return JSONResponse({"error": {"code": code, "message": message}}, status, headers)


def answer_to_key(request: Request, answer: Answer, scope: Scope | None = None) -> Response:
    """What `answer` gives to who holds the request's key, which must have the scope."""
    try:
        holder = studio().api_keys.check(_key_of(request), scope)
    except KeyRefused as error:
        if error.code != KeyProblem.MISSING:
            origin = request.client.host if request.client else ""
            studio().audit.sign_in_refused(error.code, origin=origin)
        is_out_of_scope = error.code == KeyProblem.OUT_OF_SCOPE
        return error_response(403 if is_out_of_scope else 401, error.code, str(error))
    except AwsError as error:
        log.warning("event=api_key_not_checked error=%s", error)
        return error_response(503, "unavailable", str(error))
    if wait := asking.REQUESTS.seconds_to_wait(holder.user.name):
        answered = error_response(429, "too_many_requests", common.too_many_requests(wait))
        answered.headers["Retry-After"] = str(wait)
        return answered
    return answer(request, holder)


def _key_of(request: Request) -> str:
    """What follows `Bearer` in the header Authorization; empty where nothing does."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == _SCHEME else ""


def _me(_request: Request, holder: KeyHolder) -> Response:
    """Who calls, and what the key is good for."""
    return JSONResponse(
        {
            "name": holder.user.name,
            "title": holder.user.title,
            "role": holder.user.role,
            "scopes": holder.scopes,
            "expires_at": holder.expires_at.isoformat(),
        },
        headers=_NOT_CACHED,
    )


routes: Final = (Route("/api/v1/me", partial(answer_to_key, answer=_me)),)
