"""Checks uploaded images before they are decoded, and encodes the PNGs that are stored."""

import hashlib
import io
import warnings
from collections.abc import Callable
from typing import Final

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from core.errors import InvalidInput
from core.texts import images as texts
from formats.frozen import Frozen
from formats.generation.infotext import MAX_INFOTEXT, PNG_KEY
from formats.image_files import (
    DECODE_ERRORS,
    TooManyChunks,
    is_animated,
    is_heic,
    open_image,
)
from formats.image_infotext import infotext_of
from formats.image_pixels import to_mask, to_rgb
from formats.limits import MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS

_SQUARE_SIDE: Final = int(MAX_IMAGE_PIXELS**0.5)
"""Side of the square with as many pixels as an image may have."""


class InputImage(Frozen):
    """A checked image as PNG, named by the hash of its bytes."""

    data: bytes
    sha256: str
    width: int
    height: int
    is_animated: bool = False
    """Whether the file had more frames than the first, which is the one that is kept."""


def check_image(data: bytes, field: str) -> InputImage:
    """Decode and encode as an upright RGB PNG in sRGB, over white where it is transparent.

    Of the metadata only the infotext is kept, so that an upscaled image still says how
    it was made. Raises InvalidInput at `field` for what is no image, damaged, or above the pixel
    limit; the limit is checked on the header, before any pixel is decoded.
    """
    return _checked(data, field, to_rgb)


def check_mask(data: bytes, field: str) -> InputImage:
    """The same for a mask: what is white and opaque is masked. Raises as `check_image`."""
    return _checked(data, field, to_mask)


def read_infotext(data: bytes, field: str) -> str | None:
    """The infotext of an image file, whose pixels are not decoded; None where there is none.

    Raises InvalidInput at `field` as `check_image` does, for what the header shows.
    """
    if len(data) > MAX_IMAGE_BYTES:
        raise InvalidInput(texts.TOO_MANY_BYTES, field)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # as in `_checked`
        return infotext_of(_open(data, field))


def _checked(
    data: bytes, field: str, pixels_of: Callable[[Image.Image], Image.Image]
) -> InputImage:
    if len(data) > MAX_IMAGE_BYTES:
        raise InvalidInput(texts.TOO_MANY_BYTES, field)
    with warnings.catch_warnings():
        # Pillow warns of large images before our own, stricter limit speaks.
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        opened = _open(data, field)
        try:
            opened.load()
            pixels = pixels_of(opened)
        except DECODE_ERRORS as error:
            raise InvalidInput(texts.DAMAGED, field) from error
        image = _encode(pixels, infotext_of(opened))
        return image.model_copy(update={"is_animated": is_animated(opened)})


def _open(data: bytes, field: str) -> Image.Image:
    try:
        image = open_image(data)
    except TooManyChunks as error:
        raise InvalidInput(str(error), field) from error
    except Image.DecompressionBombError as error:
        raise InvalidInput(texts.far_too_many_pixels(_SQUARE_SIDE), field) from error
    except DECODE_ERRORS as error:
        raise InvalidInput(texts.IS_HEIC if is_heic(data) else texts.NO_IMAGE, field) from error
    if image.width * image.height > MAX_IMAGE_PIXELS:
        text = texts.too_many_pixels(image.width, image.height, _SQUARE_SIDE)
        raise InvalidInput(text, field)
    return image


def _encode(image: Image.Image, infotext: str | None = None) -> InputImage:
    buffer, info = io.BytesIO(), PngInfo()
    if infotext is not None and len(infotext) <= MAX_INFOTEXT:
        info.add_text(PNG_KEY, infotext)
    image.save(buffer, "PNG", compress_level=3, pnginfo=info)
    data = buffer.getvalue()
    return InputImage(
        data=data, sha256=hashlib.sha256(data).hexdigest(), width=image.width, height=image.height
    )


def encode_image(image: Image.Image) -> InputImage:
    """The PNG of an image of our own, such as an OpenPose map."""
    return _encode(image)
