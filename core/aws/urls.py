"""Signs the URLs of images: the app's own route, each for one object and one person."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from core.ids import Clock
from formats.keys import map_key, model_thumbnail_key, output_key, thumbnail_key

_VALID_SECONDS: Final = 7200
_STEP_SECONDS: Final = 3600
"""URLs stay the same for this long, so that a browser's cache is of use."""

ROUTE: Final = "/api/files"


BUCKET_FIELD: Final = "bucket"
"""The query's field that names the bucket; the token is signed with it."""


def object_subject(user: str, key: str, bucket: str) -> str:
    """What a token of the route of objects is signed for: one person's look at one object."""
    return "files/" + "/".join(quote(part, safe="") for part in (user, bucket, key))


class TokenSigner:
    """Signs the app's own route: `/api/files/<expiry>.<signature>/<key>?bucket=<bucket>`."""

    def __init__(self, keys: Sequence[bytes], clock: Clock) -> None:
        """The first key signs; what another of them signed is accepted too."""
        self._keys = tuple(keys)
        self._clock = clock

    def url(self, user: str, key: str, bucket: str) -> str:
        """The URL of an object for that person, valid for one to two hours; an empty bucket is
        this studio's."""
        token = self.fresh_token(object_subject(user, key, bucket))
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


class ImageUrls:
    """The URLs of images for one person: a job's, in the bucket that the job's record names; an
    empty bucket is this studio's."""

    def __init__(self, tokens: TokenSigner, user: str) -> None:
        self._tokens = tokens
        self._user = user

    def output(self, job_id: str, index: int, bucket: str) -> str:
        """Image `index`, the original PNG."""
        return self._tokens.url(self._user, output_key(job_id, index), bucket)

    def thumbnail(self, job_id: str, index: int, bucket: str) -> str:
        """Image `index` as a small WebP."""
        return self._tokens.url(self._user, thumbnail_key(job_id, index), bucket)

    def map(self, job_id: str, unit: int, bucket: str) -> str:
        """The control map of a ControlNet unit."""
        return self._tokens.url(self._user, map_key(job_id, unit), bucket)

    def model_thumbnail(self, sha256: str) -> str:
        """The image on a model file's card, in this studio's bucket."""
        return self._tokens.url(self._user, model_thumbnail_key(sha256), "")
