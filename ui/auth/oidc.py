"""Owns logins by `st.login`: the claims in Streamlit's signed cookie, their age, and their end.

Streamlit keeps the cookie for 30 days, and a browser session keeps what it read there at its start.
So the age of a login is checked with every run and every request, and a login that was ended here
counts no more, whichever cookie or tab still has it.
"""

import hashlib
import time
from collections.abc import Mapping
from threading import Lock
from typing import Any, Final

import streamlit as st
from streamlit.auth_util import get_origin_from_redirect_uri
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import (
    _get_signed_cookie_with_chunks,
    _parse_decoded_user_cookie,
)

from ui.auth.claims import Claims, Login, login_by
from ui.texts import login

_CLOCK_SKEW_SECONDS: Final = 300
"""How far ahead a provider's clock may be."""

_ended: dict[str, float] = {}
"""Logins that were ended here before their time, with the time when they end anyway."""
_lock: Final = Lock()


def login_of_session(session_seconds: float) -> Login:
    """Who signed in in this browser session."""
    return _login_of_user(st.user.to_dict(), session_seconds, st.context.ip_address or "")


def login_of_cookies(cookies: Mapping[str, str], session_seconds: float, origin: str) -> Login:
    """Who signed in in the browser that sends these cookies, read by Streamlit's own functions."""
    signed = _get_signed_cookie_with_chunks(dict(cookies), USER_COOKIE_NAME)
    own = get_origin_from_redirect_uri()
    if not signed or not own:
        return Login(None)
    return _login_of_user(_parse_decoded_user_cookie(signed, own), session_seconds, origin)


def _login_of_user(user: Mapping[str, Any], session_seconds: float, origin: str) -> Login:
    if user.get("is_logged_in") is not True:
        return Login(None)
    return login_of(user, time.time(), session_seconds, origin)


def login_of(claims: Claims, now: float, session_seconds: float, origin: str = "") -> Login:
    """Whom claims name, if their login still counts at `now`, in seconds since 1970."""
    found = login_by(claims, origin)
    if found.sign_in is None:
        return found
    if not -_CLOCK_SKEW_SECONDS <= now - _issued_at(claims) < session_seconds:
        return Login(None, login.SESSION_OVER, "expired", origin)
    if _login_id(claims) in _ended:
        return Login(None, login.SIGNED_OUT, "signed_out", origin)
    return found


def end_login(claims: Claims, now: float, session_seconds: float) -> None:
    """Let this login count no more, until it would have ended anyway."""
    with _lock:
        for over in [login_id for login_id, until in _ended.items() if until < now]:
            del _ended[over]
        _ended[_login_id(claims)] = _issued_at(claims) + session_seconds


def _issued_at(claims: Claims) -> float:
    """When the provider signed the claims; long ago where it doesn't tell, though it must.

    `iat` of https://openid.net/specs/openid-connect-core-1_0.html#IDToken, in seconds since 1970.
    """
    issued = claims.get("iat")
    return float(issued) if isinstance(issued, int | float) else 0.0


def _login_id(claims: Claims) -> str:
    """One sign-in of one person; the nonce tells two within a second apart."""
    parts = (str(claims.get(name, "")) for name in ("iss", "sub", "iat", "nonce"))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
