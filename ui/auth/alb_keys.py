"""Gets the public keys that load balancers sign with, by their id, and keeps them.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
"""

import logging
import re
import time
from collections.abc import Callable
from threading import Lock
from typing import Final

import httpx
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from core.errors import NotFound

log = logging.getLogger(__name__)

_KEY_ID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""A UUID. It becomes a part of an address, so nothing else will do."""

_SECONDS_TO_WAIT: Final = 3.0
_LONGEST: Final = 4096
_MOST_KEYS: Final = 16
_MOST_UNKNOWN: Final = 64
_UNKNOWN_SECONDS: Final = 60.0
"""For so long an id without a key is not asked for again."""
_UNREAD_SECONDS: Final = 5.0
"""The same, where there was no answer."""

_ADDRESS: Final = "https://public-keys.auth.elb.{region}.amazonaws.com"
_ADDRESS_US_GOV: Final = "https://s3-{region}.amazonaws.com/aws-elb-public-keys-prod-{region}"


class KeyNotFound(NotFound):
    """There is no such key, or it could not be read now."""


def keys_address(load_balancer: str) -> str:
    """Where AWS publishes the keys of a load balancer's region; `load_balancer` is its ARN."""
    _, partition, _, region, *_ = load_balancer.split(":")
    return (_ADDRESS_US_GOV if partition == "aws-us-gov" else _ADDRESS).format(region=region)


class AlbKeys:
    """The keys below one address. A key never changes under its id, so it is asked for once."""

    def __init__(self, address: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._address = address.rstrip("/")
        self._monotonic = monotonic
        self._lock = Lock()
        self._keys: dict[str, EllipticCurvePublicKey] = {}
        self._unknown: dict[str, float] = {}
        """Ids without a key, and until when they are not asked for."""

    def key(self, key_id: str) -> EllipticCurvePublicKey:
        """The key of this id. Raises KeyNotFound, also for what is no id."""
        if not _KEY_ID.fullmatch(key_id):
            raise KeyNotFound
        with self._lock:
            if found := self._keys.get(key_id):
                return found
            if self._is_unknown(key_id):
                raise KeyNotFound
        try:
            found = self._fetch(key_id)
        except (httpx.HTTPError, ValueError) as error:
            log.warning("event=alb_key_not_read error=%s", type(error).__name__)
            is_silent = isinstance(error, httpx.TransportError)
            self._note_unknown(key_id, _UNREAD_SECONDS if is_silent else _UNKNOWN_SECONDS)
            raise KeyNotFound from error
        with self._lock:
            while len(self._keys) >= _MOST_KEYS:
                del self._keys[next(iter(self._keys))]
            self._keys[key_id] = found
        return found

    def _is_unknown(self, key_id: str) -> bool:
        """Also where so many unknown ids were asked for of late that somebody is guessing."""
        now = self._monotonic()
        for over in [each for each, until in self._unknown.items() if until <= now]:
            del self._unknown[over]
        return key_id in self._unknown or len(self._unknown) >= _MOST_UNKNOWN

    def _note_unknown(self, key_id: str, seconds: float) -> None:
        with self._lock:
            self._unknown[key_id] = self._monotonic() + seconds

    def _fetch(self, key_id: str) -> EllipticCurvePublicKey:
        """Raises httpx.HTTPError, and ValueError for what is no key on the curve P-256."""
        answer = httpx.get(f"{self._address}/{key_id}", timeout=_SECONDS_TO_WAIT)
        answer.raise_for_status()
        if len(answer.content) > _LONGEST:
            raise ValueError("too_long")
        key = load_pem_public_key(answer.content)
        if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
            raise ValueError("another_kind_of_key")
        return key
