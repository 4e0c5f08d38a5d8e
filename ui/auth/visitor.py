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
    refusal: str = ""
    """The same in one word, for the audit."""
    refused: User | None = None
    """Who is known for sure, and is not let in."""
    origin: str = ""
    """The network address of whoever is not let in."""


def user_of(sign_in: SignIn) -> User:
    """Somebody as the provider names them, before it is known which role they have."""
    return User(name=sign_in.name, title=sign_in.title, origin=sign_in.origin)


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
        return Visitor(None, found.reason, found.refusal, origin=found.origin)
    try:
        return Visitor(people.enter(found.sign_in))
    except NotAllowed as error:
        log.warning("event=sign_in_refused user=%r", found.sign_in.name)
        return Visitor(None, str(error), "disabled", user_of(found.sign_in))
    except AwsError as error:
        reason = login.people_unknown(str(error))
        return Visitor(None, reason, type(error).__name__, user_of(found.sign_in))
