"""Owns logins by the signed header of a load balancer, in browser sessions and in requests.

A header is good for about two minutes. A browser session has that of its websocket's handshake: it
is checked when it is first seen there, and the session's length counts from then on; a new
handshake brings another one, which is checked anew. A request has its own, checked each time.
"""

import hashlib
import logging
import time
from collections.abc import Sequence
from functools import lru_cache
from threading import Lock
from typing import Final, NamedTuple

import streamlit as st
from starlette.datastructures import Headers

from core.settings import Settings
from ui.auth.alb_header import ACCESS_TOKEN_HEADER, DATA_HEADER, AlbHeader, InvalidHeader
from ui.auth.alb_keys import AlbKeys, keys_address
from ui.auth.claims import Login, login_by
from ui.texts import login

log = logging.getLogger(__name__)

FORWARDED_FOR: Final = "x-forwarded-for"
_SEEN: Final = "alb.seen"


class _Checked(NamedTuple):
    """A header that was checked. Times are seconds since 1970."""

    digest: str
    login: Login
    expires: float
    at: float


class _Ended(NamedTuple):
    expires: float
    """Of the header that signed out: none that is older expires later."""
    until: float
    """When every session that could still have an older one is over anyway."""


_ended: dict[str, _Ended] = {}
"""By the name of whoever signed out here."""
_lock: Final = Lock()


def login_of_session(settings: Settings) -> Login:
    """Who signed in in this browser session."""
    headers = st.context.headers
    data = headers.get_all(DATA_HEADER)
    digest = hashlib.sha256("\n".join(data).encode()).hexdigest()
    seen = st.session_state.get(_SEEN)
    if not isinstance(seen, _Checked) or seen.digest != digest:
        tokens, hops = headers.get_all(ACCESS_TOKEN_HEADER), headers.get_all(FORWARDED_FOR)
        seen = _check(settings, digest, data, tokens, hops)
        st.session_state[_SEEN] = seen
    if seen.login.sign_in and time.time() - seen.at >= settings.session_seconds:
        return Login(None, login.SESSION_OVER, "expired", seen.login.sign_in.origin)
    return _unless_ended(seen)


def login_of_request(headers: Headers, settings: Settings) -> Login:
    """Who sends a request with these headers."""
    return _unless_ended(_check_request(headers, settings))


def end_login(headers: Headers, settings: Settings) -> Login:
    """Let no header of this request's person count that is as old as the request's own.

    Returns the login that it ended.
    """
    checked, now = _check_request(headers, settings), time.time()
    if checked.login.sign_in is None:
        return checked.login
    with _lock:
        for over in [name for name, ended in _ended.items() if ended.until < now]:
            del _ended[over]
        until = now + settings.session_seconds
        _ended[checked.login.sign_in.name] = _Ended(checked.expires, until)
    return checked.login


def last_hop(forwarded_for: Sequence[str]) -> str:
    """The address that the load balancer was asked from: it adds that at the end."""
    return ",".join(forwarded_for).rpartition(",")[2].strip()


def _unless_ended(checked: _Checked) -> Login:
    sign_in = checked.login.sign_in
    ended = _ended.get(sign_in.name) if sign_in else None
    if ended and checked.expires <= ended.expires:
        return Login(None, login.SIGNED_OUT, "signed_out", sign_in.origin if sign_in else "")
    return checked.login


def _check_request(headers: Headers, settings: Settings) -> _Checked:
    values = (headers.getlist(each) for each in (DATA_HEADER, ACCESS_TOKEN_HEADER, FORWARDED_FOR))
    return _check(settings, "", *values)


def _check(
    settings: Settings, digest: str, data: Sequence[str], tokens: Sequence[str], hops: Sequence[str]
) -> _Checked:
    now, origin = time.time(), last_hop(hops)
    if not data:
        return _Checked(digest, Login(None, login.NO_HEADER, "no_header", origin), 0, now)
    try:
        claims = _header_of(settings.alb_arn, settings.alb_keys_url).claims(data, tokens)
    except InvalidHeader as error:
        log.warning("event=alb_header_refused reason=%s origin=%r", str(error), origin[:64])
        return _Checked(digest, Login(None, login.HEADER_REFUSED, str(error), origin), 0, now)
    return _Checked(digest, login_by(claims, origin), float(claims["exp"]), now)


@lru_cache(maxsize=4)
def _header_of(load_balancer: str, keys_url: str) -> AlbHeader:
    keys = AlbKeys(keys_url or keys_address(load_balancer))
    return AlbHeader(load_balancer, keys, time.time)
