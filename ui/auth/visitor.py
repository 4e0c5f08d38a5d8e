"""Decides who may see a page, by the provider's claims; every run asks here before any page runs.

Streamlit keeps the claims in a signed cookie for 30 days, and a browser session keeps what it read
there at its start. So the age of a login is checked with every run, and a login that was ended
here counts no more, whichever cookie or tab still has it.
"""

import hashlib
import re
import time
from collections.abc import Mapping
from threading import Lock
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

import streamlit as st

from core.team.users import LOCAL, User
from formats.limits import MAX_NAME
from ui.auth.configuration import login_configured
from ui.texts import login

_PLAIN_NAME: Final = re.compile(r"[\w\x20.:/=+@-]+", re.ASCII)
"""What AWS takes as a tag's value: the owner of an endpoint is one."""

_CLOCK_SKEW_SECONDS: Final = 300
"""How far ahead a provider's clock may be."""

_ended: dict[str, float] = {}
"""Logins that were ended here before their time, with the time when they end anyway."""
_lock: Final = Lock()


class Visitor(NamedTuple):
    """Who asks for a page."""

    user: User | None
    """`LOCAL` where no login is configured; None for somebody who is not signed in."""
    reason: str = ""
    """Why a login that was there doesn't count; empty where there was none."""
    email: str = ""
    """For showing only; empty where the provider tells none."""


def visitor_of_session(session_seconds: float) -> Visitor:
    """Who asks in this browser session, where a login is good for so many seconds."""
    if not login_configured():
        return Visitor(LOCAL)
    claims = st.user.to_dict()
    if claims.get("is_logged_in") is not True:
        return Visitor(None)
    return visitor_of(claims, time.time(), session_seconds)


def visitor_of(claims: Mapping[str, Any], now: float, session_seconds: float) -> Visitor:
    """Whom claims name, if their login still counts at `now`, in seconds since 1970."""
    user = user_of(claims)
    if user is None:
        return Visitor(None, login.NOT_VERIFIED if _is_named(claims) else login.NOT_NAMED)
    if not -_CLOCK_SKEW_SECONDS <= now - _issued_at(claims) < session_seconds:
        return Visitor(None, login.SESSION_OVER)
    if _login_id(claims) in _ended:
        return Visitor(None, login.SIGNED_OUT)
    return Visitor(user, email=str(claims.get("email") or ""))


def user_of(claims: Mapping[str, Any]) -> User | None:
    """Whom a provider's claims name: issuer and subject, as an e-mail address may change hands.

    None where one is missing, or the provider says that the e-mail address is not verified.
    """
    verified = str(claims.get("email_verified", True)).casefold() == "true"
    if not _is_named(claims) or not verified:
        return None
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    name = f"{issuer.removeprefix('https://').rstrip('/')}/{subject}"
    if len(name) > MAX_NAME or not _PLAIN_NAME.fullmatch(name):
        digest = hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()
        name = f"{(urlsplit(issuer).hostname or '')[:48]}/{digest}"
    return User(name=name)


def end_login(claims: Mapping[str, Any], now: float, session_seconds: float) -> None:
    """Let this login count no more, until it would have ended anyway."""
    with _lock:
        for over in [login_id for login_id, until in _ended.items() if until < now]:
            del _ended[over]
        _ended[_login_id(claims)] = _issued_at(claims) + session_seconds


def _is_named(claims: Mapping[str, Any]) -> bool:
    return bool(claims.get("iss") and claims.get("sub"))


def _issued_at(claims: Mapping[str, Any]) -> float:
    """When the provider signed the claims; long ago where it doesn't tell, though it must.

    `iat` of https://openid.net/specs/openid-connect-core-1_0.html#IDToken, in seconds since 1970.
    """
    issued = claims.get("iat")
    return float(issued) if isinstance(issued, int | float) else 0.0


def _login_id(claims: Mapping[str, Any]) -> str:
    """One sign-in of one person; the nonce tells two within a second apart."""
    parts = (str(claims.get(name, "")) for name in ("iss", "sub", "iat", "nonce"))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
