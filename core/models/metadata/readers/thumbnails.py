"""Reads the image that stands in a file's metadata as a data URL (ModelSpec 1.0.1, `thumbnail`)."""

import re
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Mapping
from typing import Final

from core.errors import InvalidInput
from core.images.files import InputImage, check_image
from core.models.metadata.readers.modelspec import THUMBNAILS
from core.models.metadata.readers.untrusted import MAX_JSON

_FIELD: Final = "thumbnail"
_DATA_URL: Final = re.compile(r"data:image/[\w.+-]{1,32};base64,", re.ASCII)


def embedded_thumbnail(values: Mapping[str, object]) -> InputImage | None:
    """The first of the names' images that is one, checked and as PNG."""
    found = (_image(values.get(name)) for name in THUMBNAILS)
    return next((image for image in found if image), None)


def _image(value: object) -> InputImage | None:
    if not isinstance(value, str) or len(value) > MAX_JSON:
        return None
    start = _DATA_URL.match(value)
    if start is None:
        return None
    try:
        return check_image(b64decode(value[start.end() :]), _FIELD)
    except (Base64Error, ValueError, InvalidInput):
        return None
