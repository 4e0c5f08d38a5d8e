"""Signs the URLs of images: presigned S3 on AWS, the app's own route on the embedded AWS."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Final, NamedTuple

from core.aws.storage import Storage
from core.ids import Clock
from formats.keys import map_key, output_key, thumbnail_key

_VALID_SECONDS: Final = 7200
_STEP_SECONDS: Final = 3600
"""URLs stay the same for this long, so that a browser's cache is of use."""

ROUTE: Final = "/api/files"


class TokenSigner:
    """Signs the app's own route: `/api/files/<expiry>.<signature>/<key>`."""

    def __init__(self, secret: bytes, clock: Clock) -> None:
        self._secret = secret
        self._clock = clock

    def __call__(self, key: str) -> str:
        """The URL of an object, valid for one to two hours."""
        return f"{ROUTE}/{self.fresh_token(key)}/{key}"

    def fresh_token(self, key: str) -> str:
        """A token valid for one to two hours; the same one for an hour."""
        step = int(self._clock().timestamp()) // _STEP_SECONDS * _STEP_SECONDS
        return self.token(key, step + _VALID_SECONDS)

    def token(self, key: str, expires: int) -> str:
        """Expiry (seconds since 1970) and signature of one key."""
        return f"{expires}.{self._signature(key, expires)}"

    def accepts(self, token: str, key: str) -> bool:
        """Whether the token was made here, for this key, and has not expired."""
        expires, _, signature = token.partition(".")
        if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):
            return False
        if int(expires) < self._clock().timestamp():
            return False
        return hmac.compare_digest(signature.encode(), self._signature(key, int(expires)).encode())

    def _signature(self, key: str, expires: int) -> str:
        digest = hmac.new(self._secret, f"{expires}/{key}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class _SignedUrl(NamedTuple):
    signed_at: datetime
    url: str


class UrlPresigner:
    """Presigns S3 URLs, each once an hour; the threads of all sessions share it."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._lock = Lock()
        self._urls: dict[str, _SignedUrl] = {}
        """The oldest comes first, as a dict keeps the order of insertion."""

    def __call__(self, key: str) -> str:
        """The URL of an object, valid for one to two hours. Raises AwsError."""
        now = self._clock()
        with self._lock:
            self._drop_expired(now)
            if key not in self._urls:
                self._urls[key] = _SignedUrl(now, self._storage.presign(key, _VALID_SECONDS))
            return self._urls[key].url

    def _drop_expired(self, now: datetime) -> None:
        while self._urls:
            key, (signed_at, _) = next(iter(self._urls.items()))
            if (now - signed_at).total_seconds() < _STEP_SECONDS:
                return
            del self._urls[key]


class ImageUrls:
    """The URLs of a job's images."""

    def __init__(self, sign: Callable[[str], str]) -> None:
        self._sign = sign

    def output(self, job_id: str, index: int) -> str:
        """Image `index`, the original PNG."""
        return self._sign(output_key(job_id, index))

    def thumbnail(self, job_id: str, index: int) -> str:
        """Image `index` as a small WebP."""
        return self._sign(thumbnail_key(job_id, index))

    def map(self, job_id: str, unit: int) -> str:
        """The control map of a ControlNet unit."""
        return self._sign(map_key(job_id, unit))
