"""Checks the header by which an Application Load Balancer says who signed in.

`x-amzn-oidc-data` is a JWT that the load balancer signs with ES256, with the padding of base64 left
in: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from core.errors import NotAllowed
from ui.auth.alb_keys import AlbKeys, KeyNotFound

DATA_HEADER: Final = "x-amzn-oidc-data"
ACCESS_TOKEN_HEADER: Final = "x-amzn-oidc-accesstoken"  # noqa: S105 - a header's name

_LONGEST: Final = 16_384
_SIGNATURE_BYTES: Final = 64
_SKEW_SECONDS: Final = 30
"""How far the load balancer's clock may be from this machine's."""

_GROUPS: Final = "cognito:groups"


class InvalidHeader(NotAllowed):
    """The header proves nothing; its word for the log says why, and nothing of what is in it."""


class AlbHeader:
    """Believes one load balancer, by its ARN."""

    def __init__(self, load_balancer: str, keys: AlbKeys, now: Callable[[], float]) -> None:
        self._load_balancer = load_balancer
        self._keys = keys
        self._now = now

    def claims(self, data: Sequence[str], access_tokens: Sequence[str] = ()) -> dict[str, Any]:
        """Who signed in, from every value that the request has of the two headers.

        The access token is the identity provider's: the load balancer's key can't check its
        signature. It is read for the groups alone, and only beside a header of data that is
        valid and names the same person. `exp` is the header's own, in seconds since 1970.
        Raises InvalidHeader.
        """
        if len(data) != 1:
            raise InvalidHeader("header_repeated" if data else "no_header")
        claims = self._verified(data[0])
        if len(access_tokens) == 1 and _GROUPS not in claims:
            claims |= _groups_of_token(access_tokens[0], claims)
        return claims

    def _verified(self, token: str) -> dict[str, Any]:
        if len(token) > _LONGEST:
            raise InvalidHeader("too_long")
        parts = token.split(".")
        if len(parts) != 3:
            raise InvalidHeader("not_three_parts")
        header, claims = _object(parts[0]), _object(parts[1])
        if header.get("alg") != "ES256":
            raise InvalidHeader("another_algorithm")
        if header.get("signer") != self._load_balancer:
            raise InvalidHeader("another_signer")
        self._check_signature(str(header.get("kid")), f"{parts[0]}.{parts[1]}", _bytes(parts[2]))
        self._check_expiry(header.get("exp"))
        self._check_expiry(claims.get("exp", header.get("exp")))
        if claims.get("iss", header.get("iss")) != header.get("iss"):
            raise InvalidHeader("two_issuers")
        return claims | {"iss": header.get("iss"), "exp": header.get("exp")}

    def _check_signature(self, key_id: str, signed: str, signature: bytes) -> None:
        """`signature` is R and S of RFC 7518, section 3.4, 32 bytes each."""
        if len(signature) != _SIGNATURE_BYTES:
            raise InvalidHeader("no_signature")
        r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
        try:
            key = self._keys.key(key_id)
            key.verify(encode_dss_signature(r, s), signed.encode(), ECDSA(SHA256()))
        except KeyNotFound as error:
            raise InvalidHeader("no_such_key") from error
        except InvalidSignature as error:
            raise InvalidHeader("another_signature") from error

    def _check_expiry(self, expiry: object) -> None:
        """`expiry` is in seconds since 1970."""
        if not isinstance(expiry, int | float) or isinstance(expiry, bool):
            raise InvalidHeader("no_expiry")
        if self._now() > expiry + _SKEW_SECONDS:
            raise InvalidHeader("expired")


def _groups_of_token(token: str, claims: dict[str, Any]) -> dict[str, Any]:
    """The groups of an access token of the same person; none where it is no such token."""
    parts = token.split(".")
    if len(token) > _LONGEST or len(parts) != 3:
        return {}
    try:
        told = _object(parts[1])
    except InvalidHeader:
        return {}
    if (told.get("iss"), told.get("sub")) != (claims.get("iss"), claims.get("sub")):
        return {}
    return {_GROUPS: told[_GROUPS]} if _GROUPS in told else {}


def _object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(_bytes(part))
    except (ValueError, RecursionError) as error:
        raise InvalidHeader("not_json") from error
    if not isinstance(found, dict):
        raise InvalidHeader("no_object")
    return found


def _bytes(part: str) -> bytes:
    """What base64url says, with or without its padding."""
    bare = part.rstrip("=")
    try:
        return base64.b64decode(bare + "=" * (-len(bare) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidHeader("not_base64") from error
