"""Checks pictures before they are decoded, and makes the PNGs that are stored."""

import hashlib
import io
import warnings

from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from core.errors import InvalidInput
from formats.frozen import Frozen
from formats.generation.infotext import MAX_INFOTEXT, PNG_KEY
from formats.image_files import BROKEN, FORMATS, lean
from formats.limits import MAX_PICTURE_BYTES, MAX_PICTURE_PIXELS


class InputPicture(Frozen):
    """A checked picture as PNG, named by the hash of its bytes."""

    data: bytes
    sha256: str
    width: int
    height: int


def check_picture(data: bytes, field: str) -> InputPicture:
    """Decode, turn upright (EXIF), drop transparency, encode as RGB PNG.

    Of the metadata only the infotext of a PNG is kept, so that an enlarged picture still says how
    it was made.

    Raises InvalidInput at `field` for what is no picture, damaged, or above the pixel limit;
    the limit is checked on the header, before any pixel is decoded.
    """
    if len(data) > MAX_PICTURE_BYTES:
        raise InvalidInput("The picture has more than 32 MB. Make it smaller.", field)
    with warnings.catch_warnings():
        # Pillow warns of large pictures before our own, stricter limit speaks.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        opened = _open(data, field)
        return _encode(_decode(opened, field), opened.info.get(PNG_KEY))


def _open(data: bytes, field: str) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(lean(data)), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise InvalidInput(_too_many("more than 170 million"), field) from error
    except BROKEN as error:
        raise InvalidInput("This is not a PNG, JPEG or WebP picture.", field) from error
    if image.width * image.height > MAX_PICTURE_PIXELS:
        raise InvalidInput(_too_many(f"{image.width:,} x {image.height:,}"), field)
    return image


def _too_many(size: str) -> str:
    side = int(MAX_PICTURE_PIXELS**0.5)
    return f"The picture has {size} pixels; {side:,} x {side:,} is the limit. Make it smaller."


def _decode(image: Image.Image, field: str) -> Image.Image:
    try:
        image.load()
        return _flat(ImageOps.exif_transpose(image))
    except BROKEN as error:
        raise InvalidInput("The picture is damaged or cut off. Save it again.", field) from error


def _flat(upright: Image.Image) -> Image.Image:
    if "A" not in upright.getbands() and "transparency" not in upright.info:
        return upright.convert("RGB")
    flat = Image.new("RGBA", upright.size, "white")
    flat.alpha_composite(upright.convert("RGBA"))
    return flat.convert("RGB")


def _encode(image: Image.Image, infotext: object = None) -> InputPicture:
    buffer, info = io.BytesIO(), PngInfo()
    if isinstance(infotext, str) and len(infotext) <= MAX_INFOTEXT:
        info.add_text(PNG_KEY, infotext)
    image.save(buffer, "PNG", compress_level=3, pnginfo=info)
    data = buffer.getvalue()
    return InputPicture(
        data=data, sha256=hashlib.sha256(data).hexdigest(), width=image.width, height=image.height
    )


def picture_of(image: Image.Image) -> InputPicture:
    """A picture that was drawn here, such as an OpenPose map."""
    return _encode(image)
