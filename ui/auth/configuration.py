"""Owns the identity's configuration: the setting, and the section `[auth]` of Streamlit's secrets.

The setting alone says how people are known, and what contradicts it refuses the start. The secrets
are read once, when the dashboard starts: a change of them while it runs opens nothing.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from core.errors import ConfigurationError
from core.settings import LEAST_SECRET_BYTES, Identity, Settings
from core.texts import setup as texts
from ui.texts import login

DEFAULT_PROVIDER: Final = "default"
"""Streamlit's name for a provider that is configured in `[auth]` itself."""

_SECTION: Final = "auth"
_OF_ALL: Final = ("redirect_uri", "cookie_secret")
_OF_A_PROVIDER: Final = ("client_id", "client_secret", "server_metadata_url")
_CALLBACK: Final = "/oauth2callback"
_OPTIONS: Final = "client_kwargs"
"""A section of a provider that is none itself."""

_decided: list[tuple[str, ...]] = []


def decide_login(settings: Settings) -> None:
    """Read once whom one may sign in with. Raises ConfigurationError for what is wrong with it."""
    found = _read_providers()
    if reason := _contradiction(settings, has_login=bool(found)):
        raise ConfigurationError(reason)
    _decided[:] = [found]


def forget_login() -> None:
    """Take the decision back when the dashboard stops."""
    _decided.clear()


def providers() -> tuple[str, ...]:
    """Whom one may sign in with, as `st.login` names them; none where `[auth]` is missing.

    Raises ConfigurationError where nothing was decided and the secrets can't be used.
    """
    return _decided[0] if _decided else _read_providers()


def _contradiction(settings: Settings, *, has_login: bool) -> str:
    """Why the settings and the secrets can't both be meant; empty where they can."""
    match settings.identity:
        case Identity.NONE:
            return texts.LOGIN_BUT_NO_IDENTITY if has_login else ""
        case Identity.OIDC if not has_login:
            return texts.OIDC_WITHOUT_LOGIN
        case Identity.ALB if has_login:
            return texts.LOGIN_BESIDE_ALB
        case Identity.ALB if not settings.alb_arn:
            return texts.ALB_WITHOUT_ARN
    return "" if settings.signing_keys else texts.SIGNING_KEY_MISSING


def _read_providers() -> tuple[str, ...]:
    secrets = _read_secrets()
    known = (*_OF_ALL, *_OF_A_PROVIDER)
    meant = (name for name in secrets if name.strip().casefold() == _SECTION or name in known)
    if misplaced := [name for name in meant if name != _SECTION]:
        raise ConfigurationError(login.misplaced(misplaced[0]))
    if _SECTION not in secrets:
        return ()
    section = secrets[_SECTION]
    values = section if isinstance(section, Mapping) else {}
    found = _providers_of(values)
    _check_keys(values, found)
    return tuple(found)


def _providers_of(values: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Each provider with its values: `[auth]` itself, else or also the sections in it."""
    named = {
        name: section
        for name, section in values.items()
        if isinstance(section, Mapping) and name != _OPTIONS
    }
    if not named or any(name in values for name in _OF_A_PROVIDER):
        return {DEFAULT_PROVIDER: values, **named}
    return named


def _check_keys(values: Mapping[str, Any], found: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise ConfigurationError for what would end a sign-in later."""
    missing = _missing(values, _OF_ALL)
    for name, section in found.items():
        of = "" if section is values else f"{name}."
        missing += [f"{of}{key}" for key in _missing(section, _OF_A_PROVIDER)]
        if "_" in name:
            raise ConfigurationError(login.provider_with_underscore(name))
    if missing:
        raise ConfigurationError(login.incomplete(missing))
    if len(str(values["cookie_secret"]).encode()) < LEAST_SECRET_BYTES:
        raise ConfigurationError(login.short_cookie_secret(LEAST_SECRET_BYTES))
    if not _is_callback(str(values["redirect_uri"])):
        raise ConfigurationError(login.other_redirect_uri(str(values["redirect_uri"])))
    for section in found.values():
        if not _is_web_address(str(section["server_metadata_url"])):
            raise ConfigurationError(login.no_web_address(str(section["server_metadata_url"])))


def _missing(values: Mapping[str, Any], names: tuple[str, ...]) -> list[str]:
    return [name for name in names if not str(values.get(name) or "").strip()]


def _is_callback(uri: str) -> bool:
    """Streamlit's one address for answers; it may name `{port}` instead of the port."""
    return _is_web_address(uri.replace("{port}", "1")) and uri.endswith(_CALLBACK)


def _is_web_address(text: str) -> bool:
    try:
        address = urlsplit(text)
    except ValueError:
        return False
    return address.scheme in {"http", "https"} and bool(address.netloc)


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
