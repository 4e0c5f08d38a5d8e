"""Reads the infotext out of an image: from a PNG's text, or from EXIF as in JPEG and WebP.

A1111 writes the second as `UserComment` (modules/images.py, save_image_with_geninfo). Its first
eight bytes name the character code (Exif 2.32, 4.6.5, table 9); what programs write after them is
wider than the standard, and read here as far as it is unambiguous.
"""

import warnings
from typing import Final

from PIL import ExifTags, Image

from formats.generation.infotext import PNG_KEY
from formats.image_files import DECODE_ERRORS

_CODE_BYTES: Final = 8
_UNICODE: Final = b"UNICODE\0"
_JIS: Final = b"JIS\0\0\0\0\0"
_UTF_8_CODES: Final = (b"ASCII\0\0\0", bytes(_CODE_BYTES))
_ESCAPE: Final = b"\x1b$"
"""Switches to two bytes a letter in ISO-2022-JP."""


def infotext_of(image: Image.Image) -> str | None:
    """The text as it stands in the image, of any length; None where there is none."""
    text = image.info.get(PNG_KEY)
    if isinstance(text, str):
        return str(text)
    try:
        comment = _user_comment(image)
        return _decoded(comment) if isinstance(comment, bytes) else None
    except DECODE_ERRORS:
        return None


def _user_comment(image: Image.Image) -> object:
    """Raises one of DECODE_ERRORS for some damage, and is None for other."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # Pillow's, of cut EXIF data
        return image.getexif().get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment)


def _decoded(comment: bytes) -> str | None:
    """Raises UnicodeDecodeError, a ValueError."""
    code, text = comment[:_CODE_BYTES], comment[_CODE_BYTES:]
    if code == _UNICODE:
        decoded = text.decode(_utf_16_of(text))
    elif code == _JIS:
        decoded = text.decode("iso2022_jp" if _ESCAPE in text else "utf-8")
    else:
        decoded = (text if code in _UTF_8_CODES else comment).decode("utf-8")
    return decoded.strip("\0") or None


def _utf_16_of(text: bytes) -> str:
    """The byte order: by its mark, else by the zeros beside the ASCII that each infotext has.

    The standard leaves the order open. A1111 writes big-endian (piexif), others the order of the
    EXIF block they make, mostly little-endian.
    """
    if text[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    is_little = text[1::2].count(0) > text[::2].count(0)
    return "utf-16-le" if is_little else "utf-16-be"
