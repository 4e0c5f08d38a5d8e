"""Reads who somebody is from an identity provider's claims, whichever way they came."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from core.team.people import MAX_GROUPS, SignIn
from formats.limits import MAX_NAME
from ui.texts import login

Claims = Mapping[str, Any]

_PLAIN_NAME: Final = re.compile(r"[\w\x20.:/=+@-]+", re.ASCII)
"""What AWS takes as a tag's value: the owner of an endpoint is one."""

_GROUPS: Final = ("groups", "cognito:groups")


class Login(NamedTuple):
    """What vouches for somebody, once it was checked."""

    sign_in: SignIn | None
    """None for somebody who is not signed in."""
    reason: str = ""
    """Why a login that was there doesn't count; empty where there was none."""
    refusal: str = ""
    """The same in one word, for the audit."""
    origin: str = ""
    """The network address that a login which doesn't count came from."""


def login_by(claims: Claims, origin: str = "") -> Login:
    """The login of whom a provider's claims name; where they name nobody, why."""
    if sign_in := sign_in_of(claims, origin):
        return Login(sign_in)
    if is_named(claims):
        return Login(None, login.NOT_VERIFIED, "not_verified", origin)
    return Login(None, login.NOT_NAMED, "not_named", origin)


def sign_in_of(claims: Claims, origin: str = "") -> SignIn | None:
    """Whom a provider's claims name: issuer and subject, as an e-mail address may change hands.

    None where one is missing, or the provider says that the e-mail address is not verified.
    """
    verified = str(claims.get("email_verified", True)).casefold() == "true"
    if not is_named(claims) or not verified:
        return None
    email = str(claims.get("email") or "")
    return SignIn(
        name=_name(str(claims["iss"]), str(claims["sub"])),
        title=email if len(email) <= MAX_NAME else "",
        groups=groups_of(claims),
        origin=origin[:64],
    )


def is_named(claims: Claims) -> bool:
    """Whether the claims have an issuer and a subject."""
    return bool(claims.get("iss") and claims.get("sub"))


def groups_of(claims: Claims) -> tuple[str, ...]:
    """The groups that the claims name, in alphabetical order; what is no name of one is left out.

    A claim is a list of names, or one text that joins them by commas.
    """
    found: set[str] = set()
    for claim in _GROUPS:
        value = claims.get(claim)
        names = value.split(",") if isinstance(value, str) else value
        found.update(_names(names) if isinstance(names, list | tuple) else ())
    return tuple(sorted(found)[:MAX_GROUPS])


def _names(values: list[Any] | tuple[Any, ...]) -> set[str]:
    texts = {value.strip() for value in values if isinstance(value, str)}
    return {text for text in texts if 0 < len(text) <= MAX_NAME}


def _name(issuer: str, subject: str) -> str:
    """Readable where it is a plain text; else a digest, so that no two people share one."""
    name = f"{issuer.removeprefix('https://').rstrip('/')}/{subject}"
    if len(name) <= MAX_NAME and _PLAIN_NAME.fullmatch(name):
        return name
    digest = hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()
    return f"{(urlsplit(issuer).hostname or '')[:48]}/{digest}"
