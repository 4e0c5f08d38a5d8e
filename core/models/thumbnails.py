"""The images on the cards of model files: small WebPs, each named by the hash of its bytes."""

import hashlib
import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from core.aws.storage import Storage
from core.ids import Clock
from core.images.thumbnail import make_thumbnail
from core.models.metadata.records import ModelRecord
from formats.keys import MODEL_THUMBNAILS, model_thumbnail_key

log = logging.getLogger(__name__)

FIELD: Final = "thumbnail"
_SIDE: Final = 512
"""Pixels."""

_UNNAMED_FOR: Final = timedelta(days=1)
"""A thumbnail is stored before the record that names it."""


class Thumbnails:
    """Stored once each, whichever files show it."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock

    def keep(self, image: bytes) -> str:
        """Make one of any image and store it; its SHA-256. Raises InvalidInput, AwsError."""
        data = make_thumbnail(image, _SIDE, FIELD)
        sha256 = hashlib.sha256(data).hexdigest()
        self._storage.write(model_thumbnail_key(sha256), data, "image/webp")
        return sha256

    def sweep(self, records: Iterable[ModelRecord]) -> None:
        """Remove those that no record names. Raises AwsError."""
        before = self._clock() - _UNNAMED_FOR
        old = {each.key for each in self._storage.list(MODEL_THUMBNAILS) if each.modified < before}
        named = {model_thumbnail_key(one.thumbnail) for one in records if one.thumbnail}
        if unnamed := tuple(sorted(old - named)):
            self._storage.delete(unnamed)
            log.info("event=model_thumbnails_swept count=%d", len(unnamed))
