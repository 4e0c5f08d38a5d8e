"""Finds out who sends a request to one of the app's own routes, and how many they send."""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

from core.team.rate_limit import RateLimit
from core.team.users import User
from ui.auth.visitor import visitor_of_request
from ui.state import audit_refusal, studio
from ui.texts import common

REQUESTS: Final = RateLimit(per_second=30, burst=600)
"""Of one person: a page of a hundred thumbnails, and the live state of many open jobs."""


def person_of(request: Request) -> User:
    """Who asks. Raises HTTPException: 403 for nobody, 429 where they ask too often."""
    found = visitor_of_request(request, studio().settings, studio().people)
    if found.user is None:
        if found.refusal:
            audit_refusal(found)
        raise HTTPException(403, found.reason or common.SIGN_IN_REASON)
    if wait := REQUESTS.seconds_to_wait(found.user.name):
        raise HTTPException(429, common.too_many_requests(wait), {"Retry-After": str(wait)})
    return found.user
