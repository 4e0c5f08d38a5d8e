"""Tells by the first bytes of a file what else than a model file it is."""

import re
from typing import Final

from core.texts import remote as texts

_HTML: Final = re.compile(rb"[\s\xef\xbb\xbf]*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)
_ARCHIVES: Final = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
)
"""ZIP, 7z, RAR, gzip, bzip2, xz, Zstandard."""
_PICKLE: Final = re.compile(rb"\x80[\x02-\x05]")
_LFS: Final = b"version https://git-lfs.github.com/spec/"


def foreign_content(start: bytes, name: str) -> str:
    """Why a file that begins like this is no model file of its name; empty where it may be one.

    PyTorch's own files are archives or pickles, and are looked into once they are there whole.
    """
    if _HTML.match(start):
        return texts.IS_HTML
    if start.startswith(_LFS):
        return texts.IS_LFS_POINTER
    if not name.lower().endswith(".safetensors"):
        return ""
    if start.startswith(b"GGUF"):
        return texts.IS_GGUF
    # As the length of a header, which safetensors files begin with, these would be gigabytes.
    is_no_length = any(start[4:8])
    if start.startswith(_ARCHIVES) and is_no_length:
        return texts.IS_ARCHIVE
    return texts.IS_PICKLE if _PICKLE.match(start) and is_no_length else ""
