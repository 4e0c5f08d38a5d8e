"""Decides who may see a page; every run asks here before any page runs.

Whether there is a login is decided once, when the dashboard starts: a change of the secrets while
it runs opens nothing.
"""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from core.access import LOCAL, User
from core.errors import ConfigurationError
from core.settings import LEAST_SECRET_BYTES
from formats.limits import MAX_NAME
from ui.texts import common, login

_SECTION: Final = "auth"
_REQUIRED: Final = (
    "redirect_uri",
    "cookie_secret",
    "client_id",
    "client_secret",
    "server_metadata_url",
)
_PLAIN_NAME: Final = re.compile(r"[\w\x20.:/=+@-]+", re.ASCII)
"""What AWS takes as a tag's value: the owner of an endpoint is one."""

_decided: list[bool] = []


def decide_login() -> bool:
    """Read once whether there is a login. Raises ConfigurationError where that can't be told."""
    _decided[:] = [_read_login()]
    return _decided[0]


def forget_login() -> None:
    """Take the decision back when the dashboard stops."""
    _decided.clear()


def login_configured() -> bool:
    """Whether a login is needed; while none was decided, secrets that can't be read need one."""
    if _decided:
        return _decided[0]
    try:
        return _read_login()
    except ConfigurationError:
        return True


def _read_login() -> bool:
    secrets = _read_secrets()
    meant = (name for name in secrets if name.strip().casefold() == _SECTION or name in _REQUIRED)
    if misplaced := [name for name in meant if name != _SECTION]:
        raise ConfigurationError(login.misplaced(misplaced[0]))
    if _SECTION not in secrets:
        return False
    section = secrets[_SECTION]
    values = section if isinstance(section, Mapping) else {}
    if missing := [name for name in _REQUIRED if not str(values.get(name) or "").strip()]:
        raise ConfigurationError(login.incomplete(missing))
    if len(str(values["cookie_secret"]).encode()) < LEAST_SECRET_BYTES:
        raise ConfigurationError(login.short_cookie_secret(LEAST_SECRET_BYTES))
    return True


def _read_secrets() -> Mapping[str, Any]:
    """The secrets; none where there is no file. Raises ConfigurationError for a broken one."""
    try:
        return st.secrets.to_dict()
    except (StreamlitSecretNotFoundError, OSError, ValueError) as error:
        files = [str(path) for path in st.get_option("secrets.files")]
        found = [path for path in files if _is_there(Path(path))]
        if not found and isinstance(error, StreamlitSecretNotFoundError):
            return {}
        why = " ".join(str(error).split())
        raise ConfigurationError(login.unreadable(found or files, why)) from error


def _is_there(path: Path) -> bool:
    """Also where it is a link to nothing, or lies in a folder that may not be read."""
    try:
        return path.is_symlink() or path.exists()
    except OSError:
        return True


def current_user() -> User | None:
    """The user, `LOCAL` where no login is configured, or None for somebody not signed in."""
    if not login_configured():
        return LOCAL
    claims = st.user.to_dict()
    if claims.get("is_logged_in") is not True:
        return None
    return user_of(claims)


def user_of(claims: Mapping[str, Any]) -> User | None:
    """Whom a provider's claims name: issuer and subject, as an e-mail address may change hands.

    None where one is missing, or the provider says that the e-mail address is not verified.
    """
    issuer, subject = str(claims.get("iss") or ""), str(claims.get("sub") or "")
    if not issuer or not subject or str(claims.get("email_verified", True)).casefold() != "true":
        return None
    name = f"{issuer.removeprefix('https://').rstrip('/')}/{subject}"
    if len(name) > MAX_NAME or not _PLAIN_NAME.fullmatch(name):
        digest = hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()
        name = f"{(urlsplit(issuer).hostname or '')[:48]}/{digest}"
    return User(name=name)


def shown_email() -> str:
    """The e-mail address of who is signed in, for showing only; empty where there is none."""
    if not login_configured() or current_user() is None:
        return ""
    return str(st.user.to_dict().get("email") or "")


def sign_in_page() -> None:
    """The page for somebody who is not signed in; the address stays as it is."""
    with st.container(key="guard", horizontal_alignment="center"):
        st.title(common.APP_NAME, anchor=False)
        st.write(common.SIGN_IN_REASON)
        st.button(common.SIGN_IN, type="primary", on_click=st.login)
