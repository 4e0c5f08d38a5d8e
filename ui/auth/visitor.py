"""Decides who asks, for a page or by a request, and lets them in with the role that they have."""

import logging
from typing import NamedTuple

from starlette.requests import HTTPConnection

from core.errors import AwsError, NotAllowed
from core.settings import Identity, Settings
from core.team.people import People, SignIn
from core.team.users import LOCAL, User
from ui.auth import alb, oidc
from ui.auth.claims import Login
from ui.texts import login

log = logging.getLogger(__name__)


class Visitor(NamedTuple):
    """Who asks."""

    user: User | None
    """`LOCAL` where there is no identity; None for somebody who is not signed in."""
    reason: str = ""
    """Why a login that was there doesn't count; empty where there was none."""
    refused: SignIn | None = None
    """Who signed in and is turned away."""


def visitor_of_session(settings: Settings, people: People) -> Visitor:
    """Who asks for a page, in this browser session."""
    match settings.identity:
        case Identity.NONE:
            return Visitor(LOCAL)
        case Identity.OIDC:
            return admit(oidc.login_of_session(settings.session_seconds), people)
        case Identity.ALB:
            return admit(alb.login_of_session(settings), people)


def visitor_of_request(request: HTTPConnection, settings: Settings, people: People) -> Visitor:
    """Who sends a request, by what that request itself has with it."""
    match settings.identity:
        case Identity.NONE:
            return Visitor(LOCAL)
        case Identity.OIDC:
            origin = request.client.host if request.client else ""
            found = oidc.login_of_cookies(request.cookies, settings.session_seconds, origin)
            return admit(found, people)
        case Identity.ALB:
            return admit(alb.login_of_request(request.headers, settings), people)


def admit(found: Login, people: People) -> Visitor:
    """Let somebody in who signed in; a reason in words where that can't be."""
    if found.sign_in is None:
        return Visitor(None, found.reason)
    try:
        return Visitor(people.enter(found.sign_in))
    except NotAllowed as error:
        log.warning("event=sign_in_refused user=%r", found.sign_in.name)
        return Visitor(None, str(error), found.sign_in)
    except AwsError as error:
        return Visitor(None, login.people_unknown(str(error)))
