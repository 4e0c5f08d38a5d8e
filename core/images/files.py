"""Checks uploaded images before they are decoded, and encodes the PNGs that are stored."""

import hashlib
import io
import warnings

from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from core.errors import InvalidInput
from formats.frozen import Frozen
from formats.generation.infotext import MAX_INFOTEXT, PNG_KEY
from formats.image_files import DECODE_ERRORS, IMAGE_FORMATS, strip_chunks
from formats.limits import MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS


class InputImage(Frozen):
    """A checked image as PNG, named by the hash of its bytes."""

    data: bytes
    sha256: str
    width: int
    height: int


def check_image(data: bytes, field: str) -> InputImage:
    """Decode, turn upright (EXIF), drop transparency, encode as RGB PNG.

    Of the metadata only the infotext of a PNG is kept, so that an upscaled image still says how
    it was made. Raises InvalidInput at `field` for what is no image, damaged, or above the pixel
    limit; the limit is checked on the header, before any pixel is decoded.
    """
    if len(data) > MAX_IMAGE_BYTES:
        raise InvalidInput("The picture has more than 32 MB. Make it smaller.", field)
    with warnings.catch_warnings():
        # Pillow warns of large images before our own, stricter limit speaks.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        opened = _open(data, field)
        return _encode(_decode(opened, field), opened.info.get(PNG_KEY))


def _open(data: bytes, field: str) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(strip_chunks(data)), formats=IMAGE_FORMATS)
    except Image.DecompressionBombError as error:
        raise InvalidInput(_too_many("more than 170 million"), field) from error
    except DECODE_ERRORS as error:
        raise InvalidInput("This is not a PNG, JPEG or WebP picture.", field) from error
    if image.width * image.height > MAX_IMAGE_PIXELS:
        raise InvalidInput(_too_many(f"{image.width:,} x {image.height:,}"), field)
    return image


def _too_many(size: str) -> str:
    side = int(MAX_IMAGE_PIXELS**0.5)
    return f"The picture has {size} pixels; {side:,} x {side:,} is the limit. Make it smaller."


def _decode(image: Image.Image, field: str) -> Image.Image:
    try:
        image.load()
        return _flatten(ImageOps.exif_transpose(image))
    except DECODE_ERRORS as error:
        raise InvalidInput("The picture is damaged or cut off. Save it again.", field) from error


def _flatten(upright: Image.Image) -> Image.Image:
    if "A" not in upright.getbands() and "transparency" not in upright.info:
        return upright.convert("RGB")
    flat = Image.new("RGBA", upright.size, "white")
    flat.alpha_composite(upright.convert("RGBA"))
    return flat.convert("RGB")


def _encode(image: Image.Image, infotext: object = None) -> InputImage:
    buffer, info = io.BytesIO(), PngInfo()
    if isinstance(infotext, str) and len(infotext) <= MAX_INFOTEXT:
        info.add_text(PNG_KEY, infotext)
    image.save(buffer, "PNG", compress_level=3, pnginfo=info)
    data = buffer.getvalue()
    return InputImage(
        data=data, sha256=hashlib.sha256(data).hexdigest(), width=image.width, height=image.height
    )


def encode_image(image: Image.Image) -> InputImage:
    """The PNG of an image of our own, such as an OpenPose map."""
    return _encode(image)
