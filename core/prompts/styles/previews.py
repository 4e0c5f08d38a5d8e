"""The small image that shows what a style does, chosen by a person from a job's result."""

import hashlib
from base64 import b64decode, b64encode
from collections import OrderedDict
from threading import Lock
from typing import Final

from core.images.thumbnail import make_thumbnail
from core.records.edit import edit
from core.records.interface import RecordKind, RecordStore
from formats.frozen import Tolerant

FIELD: Final = "preview"
_SIDE: Final = 256
"""Pixels; so large a WebP takes 5 to 25 KB, which a record holds."""
_ID: Final = "preview"
_KEPT: Final = 200
"""In memory."""


class StylePreview(Tolerant):
    """A WebP in base64; the owner is the style's id."""

    image: str


STYLE_PREVIEWS: Final = RecordKind("style-preview", StylePreview)


class StylePreviews:
    """The previews of all styles; each is read once."""

    def __init__(self, records: RecordStore) -> None:
        self._records = records
        self._lock = Lock()
        self._known: OrderedDict[str, bytes] = OrderedDict()

    def keep(self, style_id: str, image: bytes) -> str:
        """Store a small one of any image; the SHA-256 of its bytes. Raises InvalidInput,
        AwsError, Conflict."""
        data = make_thumbnail(image, _SIDE, FIELD)
        kept = StylePreview(image=b64encode(data).decode())
        edit(self._records, STYLE_PREVIEWS, style_id, _ID, lambda _former: kept)
        return hashlib.sha256(data).hexdigest()

    def get(self, style_id: str, sha256: str) -> bytes | None:
        """The WebP of that hash, or None where it is not kept. Raises AwsError."""
        with self._lock:
            if known := self._known.get(sha256):
                return known
        record = self._records.get(STYLE_PREVIEWS, style_id, _ID)
        if record is None:
            return None
        data = b64decode(record.value.image)
        with self._lock:
            self._known[sha256] = data
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return data

    def remove(self, style_id: str) -> None:
        """Forget a style's. Raises AwsError, Conflict."""
        if record := self._records.get(STYLE_PREVIEWS, style_id, _ID):
            self._records.delete(record)
