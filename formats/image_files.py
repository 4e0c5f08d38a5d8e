"""Owns what an image file may be, and makes PNGs with large extras readable for Pillow."""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

FORMATS: Final = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
BROKEN: Final = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AssertionError,
    struct.error,
    zlib.error,
)
"""What Pillow raises for damaged data, by format and by the place of the damage."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PROFILE: Final = b"iCCP"
_PACKED: Final = (b"zTXt", b"iTXt")
"""Texts that may be compressed."""
_TEXTS_READ: Final = (b"parameters", b"XML:com.adobe.xmp", b"Raw profile type exif")
"""The infotext, and where the orientation may stand."""
_MOST_UNPACKED: Final = 1 << 20
"""Bytes of a compressed text that Pillow reads; it refuses the whole picture for more."""
_AROUND: Final = 12
"""Bytes of a chunk's length, kind and checksum."""


def lean(data: bytes) -> bytes:
    """The same image, a PNG without what nothing here reads but Pillow limits.

    That is a colour profile of more than 1 MiB, of which scanners write several, and compressed
    texts. One that is read stays, cut where it is too long: whoever wants it sees that, and the
    pixels are sound.
    """
    if not data.startswith(_PNG) or not any(kind in data for kind in (_PROFILE, *_PACKED)):
        return data
    return b"".join((_PNG, *_kept(data)))


def _kept(data: bytes) -> Iterator[bytes | memoryview]:
    unread = set(_TEXTS_READ)  # the first of each, since unpacking one costs a millisecond
    for kind, chunk in _chunks(data):
        if kind in _PACKED:
            name, _, rest = bytes(chunk[8:-4]).partition(b"\0")
            if name in unread:
                unread.remove(name)
                cut = _too_long(kind, rest)
                yield chunk if cut is None else _chunk(b"tEXt", name + b"\0" + cut)
        elif kind != _PROFILE or _is_small(bytes(chunk[8:-4])):
            yield chunk


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Kind and bytes of each chunk; the last one may be cut off."""
    view, at = memoryview(data), len(_PNG)
    while at < len(data):
        size = int.from_bytes(view[at : at + 4]) + _AROUND
        yield bytes(view[at + 4 : at + 8]), view[at : at + size]
        at += size


def _is_small(profile: bytes) -> bool:
    """Whether Pillow reads the colour profile of an iCCP chunk: name, 0, method, zlib data."""
    unpacking = zlib.decompressobj()
    try:
        unpacking.decompress(profile.partition(b"\0")[2][1:], _MOST_UNPACKED)
    except zlib.error:
        return False
    return unpacking.eof


def _too_long(kind: bytes, rest: bytes) -> bytes | None:
    """The start of a compressed text that is too long; None for any other text."""
    if kind == b"iTXt":
        if rest[:1] == b"\0":
            return None
        rest = b"\0" + rest[2:].split(b"\0", 2)[-1]
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(rest[1:], _MOST_UNPACKED)
    except zlib.error:
        return None
    return text if unpacking.unconsumed_tail else None


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def is_heic(data: bytes) -> bool:
    """Whether it is HEIC, what telephones save: Pillow doesn't read it (ISO 23008-12 brands)."""
    return data[4:8] == b"ftyp" and data[8:12] in {b"heic", b"heix", b"heim", b"hevc", b"mif1"}
