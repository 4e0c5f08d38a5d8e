"""Writes any text as a value that S3 metadata and SageMaker tags take, and reads it back.

Metadata is ASCII (S3 user guide, "Working with object metadata"); a tag's value has letters,
digits, spaces and `_.:/=+-@` (SageMaker API reference, Tag).
"""

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

_PLAIN: Final = re.compile(r"[A-Za-z0-9_.:/+@-](?:[A-Za-z0-9_.:/=+@ -]*[A-Za-z0-9_.:/=+@-])?")
"""Values that both take as they are; none begins as an encoded one does."""
_MARK: Final = "=utf-8="


def encode_value(text: str) -> str:
    """The text itself where both take it, else a mark and the base64 of its UTF-8."""
    if _PLAIN.fullmatch(text):
        return text
    return _MARK + urlsafe_b64encode(text.encode()).decode()


def decode_value(value: str) -> str:
    """The text of an encoded value; any other value, such as an older version's, is the text."""
    if not value.startswith(_MARK):
        return value
    try:
        return urlsafe_b64decode(value.removeprefix(_MARK)).decode()
    except (binascii.Error, ValueError):  # somebody else's value
        return value
