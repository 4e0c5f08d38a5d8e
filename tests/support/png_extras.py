"""PNGs with chunks beside the pixels, as scanners, editors and attackers write them."""

import io
import struct
import zlib
from typing import Final

from PIL import Image

MIB: Final = 1 << 20
_HEADER: Final = 33
"""Bytes before the second chunk."""


def png_with(*chunks: tuple[bytes, bytes]) -> bytes:
    """A sound picture of 8 x 8 pixels with these chunks after its header."""
    data = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(data, "PNG")
    plain = data.getvalue()
    return plain[:_HEADER] + b"".join(chunk(*each) for each in chunks) + plain[_HEADER:]


def chunk(kind: bytes, body: bytes) -> bytes:
    """With its length and checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def ztxt(key: bytes, text: bytes) -> tuple[bytes, bytes]:
    """A compressed text."""
    return b"zTXt", key + b"\0\0" + zlib.compress(text)


def itxt(key: bytes, text: bytes) -> tuple[bytes, bytes]:
    """A compressed text in any script."""
    return b"iTXt", key + b"\0\1\0\0\0" + zlib.compress(text)


PROFILE: Final = b"iCCP", b"scanner\0\0" + zlib.compress(b"p" * 3 * MIB)
SOUND: Final = {
    "a large colour profile": png_with(PROFILE),
    "a large zTXt": png_with(ztxt(b"notes", b"a" * 2 * MIB)),
    "a large iTXt": png_with(itxt(b"notes", b"a" * 2 * MIB)),
    "large parameters": png_with(ztxt(b"parameters", b"a" * 2 * MIB)),
    "large parameters in any script": png_with(itxt(b"parameters", b"a" * 2 * MIB)),
    "a thousand colour profiles": png_with(PROFILE, *[(b"iCCP", b"p\0\0x")] * 1000),
    "a thousand texts": png_with(*[ztxt(b"parameters", b"a" * MIB)] * 1000),
}
"""Pillow refuses each of them."""
COSTLY: Final = {
    "chunks without a meaning": png_with(*[(b"prVt", b"")] * 40_000),
    "short texts": png_with(*[(b"tEXt", b"a\0b")] * 40_000),
    "long texts": png_with(*[(b"tEXt", b"a\0" + b"b" * MIB)] * 9),
    "compressed texts": png_with((b"zTXt", b"a\0\0" + b"b" * 9 * MIB)),
    "segments of a JPEG": b"\xff\xd8" + b"\xff\xef\0\2" * 40_000,
    "fill bytes of a JPEG": b"\xff\xd8" + b"\xff" * 40_000,
}
"""Pillow would be busy with each for a second, and with 32 MB of its kind for a minute."""
BROKEN: Final = {
    "a cut header": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"abc"),
    "a cut chunk": png_with((b"pHYs", b"\0")),
    "a cut exif": png_with((b"eXIf", b"garbage")),
    "a cut file": png_with(PROFILE)[:60],
}
