"""Owns what an image file may be: opens it, a PNG with large extras too, which Pillow refuses."""

import io
import struct
import zlib
from collections.abc import Iterator
from typing import Final

from PIL import Image

from formats import texts
from formats.limits import MAX_IMAGE_CHUNKS, MAX_IMAGE_TEXT_BYTES

IMAGE_FORMATS: Final = ("PNG", "JPEG", "WEBP", "AVIF", "GIF", "BMP", "TIFF")
FILE_ENDINGS: Final = (
    "png",
    "jpg",
    "jpeg",
    "jfif",
    "webp",
    "avif",
    "gif",
    "bmp",
    "tif",
    "tiff",
)
"""What files of these formats are called; upload fields take no other."""
DECODE_ERRORS: Final = (
    OSError,
    EOFError,
    SyntaxError,
    ValueError,
    TypeError,
    LookupError,
    ArithmeticError,
    AssertionError,
    RuntimeError,  # of AVIF
    struct.error,
    zlib.error,
)
"""What Pillow raises for damaged data, depending on the format and on the damage."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_JPEG: Final = b"\xff\xd8"
_JPEG_PIXELS: Final = 0xDA
"""The marker SOS, after which Pillow reads no segments (ITU-T T.81, B.1.1.3)."""
_JPEG_LONE: Final = (0x00, 0x01, *range(0xD0, 0xDA), 0xFF)
"""Markers without a length, fill bytes among them (the same section)."""
_END: Final = b"IEND"
_PROFILE: Final = b"iCCP"
_COMPRESSED: Final = (b"zTXt", b"iTXt")
"""Texts that may be compressed."""
_PIXELS: Final = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", _END, b"tRNS", b"cHRM", b"gAMA", _PROFILE, b"sBIT", b"sRGB"}
)
"""What an image looks like: critical chunks, transparency and colour space (PNG 3, 11.2, 11.3)."""
_TEXTS: Final = (b"tEXt", *_COMPRESSED)
_KEYWORDS: Final = (b"parameters", b"XML:com.adobe.xmp", b"Raw profile type exif")
"""Texts that are read: the infotext, and those that may hold the EXIF orientation."""
_MAX_TEXT: Final = 1 << 20
"""Bytes of a compressed text that Pillow reads; it refuses the whole image for more."""
_CHUNK_OVERHEAD: Final = 12
"""Bytes of a chunk's length, kind and checksum."""


class TooManyChunks(Exception):
    """An image file of so many parts, or so much text, that opening it takes seconds or minutes.

    The message is for the user.
    """


def open_image(data: bytes) -> Image.Image:
    """Open an image that may come from anybody; its pixels are not decoded yet.

    Raises TooManyChunks; one of DECODE_ERRORS or Pillow's DecompressionBombError for anything else
    that is no image.
    """
    _check_chunks(data)
    return Image.open(io.BytesIO(strip_chunks(data)), formats=IMAGE_FORMATS)


def _check_chunks(data: bytes) -> None:
    """Raises TooManyChunks."""
    text = 0
    parts = _chunks(data) if data.startswith(_PNG) else _segments(data)
    for count, (kind, part) in enumerate(parts, 1):
        if kind == _END:
            return
        text += len(part) if kind in _TEXTS else 0
        if count > MAX_IMAGE_CHUNKS:
            raise TooManyChunks(texts.TOO_MANY_CHUNKS)
        if text > MAX_IMAGE_TEXT_BYTES:
            raise TooManyChunks(texts.TOO_MUCH_TEXT)


def strip_chunks(data: bytes) -> bytes:
    """The same image, a PNG without what nothing here reads but Pillow limits.

    That is a colour profile of more than 1 MiB, of which scanners write several, or a second one,
    and compressed texts. One that is read stays, cut where it is too long: whoever wants it sees
    that, and the pixels are sound.
    """
    if not data.startswith(_PNG) or not any(kind in data for kind in (_PROFILE, *_COMPRESSED)):
        return data
    return b"".join((_PNG, *_kept_chunks(data)))


def without_metadata(data: bytes) -> bytes:
    """The same PNG without anything beside its pixels and their colours: no infotext, no EXIF.

    Raises ValueError for what is no PNG.
    """
    if not data.startswith(_PNG):
        raise ValueError(texts.NO_PNG)
    kept = (chunk for kind, chunk in _chunks(data) if kind in _PIXELS)
    return b"".join((_PNG, *kept))


def _kept_chunks(data: bytes) -> Iterator[bytes | memoryview]:
    unread = {_PROFILE, *_KEYWORDS}  # the first of each, as unpacking costs milliseconds
    for kind, chunk in _chunks(data):
        if kind in _COMPRESSED:
            name, _, rest = bytes(chunk[8:-4]).partition(b"\0")
            if name in unread:
                unread.remove(name)
                cut = _cut_text(kind, rest)
                yield chunk if cut is None else _chunk(b"tEXt", name + b"\0" + cut)
        elif kind != _PROFILE:
            yield chunk
        elif kind in unread:
            unread.remove(kind)
            if _is_small(bytes(chunk[8:-4])):
                yield chunk


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Kind and bytes of each chunk; the last one may be cut off."""
    view, at = memoryview(data), len(_PNG)
    while at < len(data):
        size = int.from_bytes(view[at : at + 4]) + _CHUNK_OVERHEAD
        yield bytes(view[at + 4 : at + 8]), view[at : at + size]
        at += size


def _segments(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Marker and bytes of each segment of a JPEG up to its pixels; none of another file."""
    view, at = memoryview(data), len(_JPEG) if data.startswith(_JPEG) else len(data)
    while 0 <= (at := data.find(b"\xff", at)) < len(data) - 1:
        marker = data[at + 1]
        if marker == _JPEG_PIXELS:
            return
        size = 1 if marker in _JPEG_LONE else 2 + int.from_bytes(view[at + 2 : at + 4])
        yield bytes(view[at : at + 2]), view[at : at + size]
        at += size


def _is_small(profile: bytes) -> bool:
    """Whether Pillow reads the colour profile of an iCCP chunk: name, 0, method, zlib data."""
    unpacking = zlib.decompressobj()
    try:
        unpacking.decompress(profile.partition(b"\0")[2][1:], _MAX_TEXT)
    except zlib.error:
        return False
    return unpacking.eof


def _cut_text(kind: bytes, rest: bytes) -> bytes | None:
    """The start of a compressed text that is too long; None for any other text."""
    if kind == b"iTXt":
        if rest[:1] == b"\0":
            return None
        rest = b"\0" + rest[2:].split(b"\0", 2)[-1]
    unpacking = zlib.decompressobj()
    try:
        text = unpacking.decompress(rest[1:], _MAX_TEXT)
    except zlib.error:
        return None
    return text if unpacking.unconsumed_tail else None


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def is_animated(image: Image.Image) -> bool:
    """Whether the file has more frames than the first, which one can read."""
    try:
        return bool(getattr(image, "is_animated", False))
    except DECODE_ERRORS:  # a GIF's next frame is read for it, and may be damaged
        return False


def is_heic(data: bytes) -> bool:
    """Whether it is HEIC, what telephones save: Pillow doesn't read it (ISO 23008-12 brands)."""
    return data[4:8] == b"ftyp" and data[8:12] in {b"heic", b"heix", b"heim", b"hevc", b"mif1"}
