"""Signs the URLs of images: presigned S3 on AWS, the app's own route on the embedded AWS."""

import base64
import hashlib
import hmac
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, NamedTuple
from urllib.parse import quote

from core.aws.client import SigningCredentials
from core.aws.storage import Storage
from core.ids import Clock
from formats.keys import map_key, output_key, thumbnail_key

_VALID_SECONDS: Final = 7200
_STEP_SECONDS: Final = 3600
"""URLs stay the same for this long, so that a browser's cache is of use."""

ROUTE: Final = "/api/files"


BUCKET_FIELD: Final = "bucket"
"""The query's field that names the bucket; the token is signed with it."""


def object_subject(key: str, bucket: str) -> str:
    """What a token of the route of objects is signed for."""
    return f"files/{bucket}/{key}"


class TokenSigner:
    """Signs the app's own route: `/api/files/<expiry>.<signature>/<key>?bucket=<bucket>`."""

    def __init__(self, keys: Sequence[bytes], clock: Clock) -> None:
        """The first key signs; what another of them signed is accepted too."""
        self._keys = tuple(keys)
        self._clock = clock

    def __call__(self, key: str, bucket: str) -> str:
        """The URL of an object, valid for one to two hours; an empty bucket is this studio's."""
        token = self.fresh_token(object_subject(key, bucket))
        return f"{ROUTE}/{token}/{key}?{BUCKET_FIELD}={quote(bucket, safe='')}"

    def fresh_token(self, subject: str) -> str:
        """A token valid for one to two hours; the same one for an hour."""
        step = int(self._clock().timestamp()) // _STEP_SECONDS * _STEP_SECONDS
        return self.token(subject, step + _VALID_SECONDS)

    def token(self, subject: str, expires: int) -> str:
        """Expiry (seconds since 1970) and signature of one subject, such as an object's."""
        return f"{expires}.{_signature(self._keys[0], subject, expires)}"

    def accepts(self, token: str, subject: str) -> bool:
        """Whether the token was made here, for this subject, and is good for two hours at most."""
        expires, _, signature = token.partition(".")
        if not (expires.isascii() and expires.isdigit() and len(expires) <= 12):
            return False
        if not 0 <= int(expires) - self._clock().timestamp() <= _VALID_SECONDS:
            return False
        right = (_signature(key, subject, int(expires)) for key in self._keys)
        return any(hmac.compare_digest(signature.encode(), each.encode()) for each in right)


def _signature(key: bytes, subject: str, expires: int) -> str:
    digest = hmac.new(key, f"{expires}/{subject}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class _SignedUrl(NamedTuple):
    fresh_until: datetime
    url: str


class UrlPresigner:
    """Presigns S3 URLs and keeps each for half its life; the threads of all sessions share it.

    No URL outlives what it was signed with: it claims no longer life than the session has left,
    and when the credentials change, those of the old ones are forgotten.
    """

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._lock = Lock()
        self._credentials: SigningCredentials | None = None
        self._urls: dict[tuple[str, str], _SignedUrl] = {}
        """The oldest comes first, as a dict keeps the order of insertion."""

    def __call__(self, key: str, bucket: str) -> str:
        """The URL of an object, valid for one to two hours or to the session's end.

        An empty bucket is this studio's. Raises AwsError.
        """
        # AWS may be asked for new credentials: never while other sessions wait for the lock.
        credentials = self._storage.signing_credentials()
        now = self._clock()
        with self._lock:
            self._forget_those_of_others(credentials)
            self._drop_stale(now)
            if (bucket, key) in self._urls:
                return self._urls[bucket, key].url
        signed = self._sign(bucket, key, credentials, now)
        with self._lock:
            if credentials != self._credentials:
                return signed.url
            return self._urls.setdefault((bucket, key), signed).url

    def _sign(
        self, bucket: str, key: str, credentials: SigningCredentials | None, now: datetime
    ) -> _SignedUrl:
        life = _life_seconds(credentials, now)
        fresh_until = now + timedelta(seconds=life / 2)
        return _SignedUrl(fresh_until, self._storage.of_bucket(bucket).presign(key, life))

    def _forget_those_of_others(self, credentials: SigningCredentials | None) -> None:
        if credentials != self._credentials:
            self._urls.clear()
            self._credentials = credentials

    def _drop_stale(self, now: datetime) -> None:
        while self._urls:
            key, signed = next(iter(self._urls.items()))
            if now < signed.fresh_until:
                return
            del self._urls[key]


def _life_seconds(credentials: SigningCredentials | None, now: datetime) -> int:
    if credentials is None or credentials.expires_at is None:
        return _VALID_SECONDS
    left = int((credentials.expires_at - now).total_seconds())
    return max(1, min(_VALID_SECONDS, left))


class ImageUrls:
    """The URLs of a job's images, in the bucket that its record names; empty is this studio's."""

    def __init__(self, sign: Callable[[str, str], str]) -> None:
        self._sign = sign

    def output(self, job_id: str, index: int, bucket: str) -> str:
        """Image `index`, the original PNG."""
        return self._sign(output_key(job_id, index), bucket)

    def thumbnail(self, job_id: str, index: int, bucket: str) -> str:
        """Image `index` as a small WebP."""
        return self._sign(thumbnail_key(job_id, index), bucket)

    def map(self, job_id: str, unit: int, bucket: str) -> str:
        """The control map of a ControlNet unit."""
        return self._sign(map_key(job_id, unit), bucket)
