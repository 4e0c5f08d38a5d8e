"""Owns what an inpaint job needs beside its picture: the mask and how it is filled (A1111).

Source of the rules: AUTOMATIC1111/stable-diffusion-webui modules/processing.py (img2img with a
mask) and modules/masking.py.
"""

from enum import StrEnum
from typing import Annotated

from PIL import Image, ImageFilter, ImageOps
from pydantic import Field

from formats import limits
from formats.frozen import Frozen
from formats.generation.unchecked import unchecked
from formats.keys import Sha256

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels; the last two are outside."""


class MaskedContent(StrEnum):
    """What stands below the mask before the first step (A1111 inpainting_fill)."""

    FILL = "fill"
    """The colours around the mask, blurred into it."""
    ORIGINAL = "original"
    LATENT_NOISE = "latent noise"
    LATENT_NOTHING = "latent nothing"


class InpaintArea(StrEnum):
    """How much of the picture is drawn (A1111 inpaint_full_res)."""

    WHOLE = "Whole picture"
    MASKED = "Only masked"
    """The mask's surroundings are cut out, drawn at the full size and put back."""


class InpaintSettings(Frozen):
    """How the masked part is filled."""

    inverted: bool = False
    """A1111's mask mode "Inpaint not masked"."""
    blur: Annotated[int, Field(ge=0, le=limits.MAX_MASK_BLUR)] = 4
    """Radius, in pixels of the image, over which old and new blend."""
    content: MaskedContent = MaskedContent.ORIGINAL
    area: InpaintArea = InpaintArea.WHOLE
    padding: Annotated[int, Field(ge=0, le=limits.MAX_MASK_PADDING)] = 32
    """Pixels around the mask that are generated with it, for `InpaintArea.MASKED`."""


class Inpaint(InpaintSettings):
    """The masked part of the image is generated anew, the rest stays."""

    mask: Sha256
    """An image of the init image's shape; white is generated anew."""


@unchecked
class UncheckedInpaint(InpaintSettings):
    """The same as a form has them."""


def blur_mask(mask: Image.Image, options: InpaintSettings) -> Image.Image:
    """The mask, mode L, as a job applies it: made black and white, inverted if asked, blurred."""
    sharp = mask.point(lambda value: 255 * (value > 128))
    inverted = ImageOps.invert(sharp) if options.inverted else sharp
    return inverted.filter(ImageFilter.GaussianBlur(options.blur)) if options.blur else inverted


def crop_region(box: Box, padding: int, size: tuple[int, int], image: tuple[int, int]) -> Box:
    """What `InpaintArea.MASKED` cuts out of an image: the mask's box with padding, widened within
    the image to the proportions of the job's size."""
    left, top = max(0, box[0] - padding), max(0, box[1] - padding)
    right, bottom = min(image[0], box[2] + padding), min(image[1], box[3] + padding)
    ratio = size[0] / size[1]
    if (right - left) / (bottom - top) < ratio:
        left, right = _widen(left, right, round((bottom - top) * ratio), image[0])
    else:
        top, bottom = _widen(top, bottom, round((right - left) / ratio), image[1])
    return left, top, right, bottom


def _widen(low: int, high: int, length: int, limit: int) -> tuple[int, int]:
    """An interval of that length around this one, moved to be between 0 and `limit`."""
    length = min(max(length, high - low), limit)
    start = min(max(0, (low + high - length) // 2), limit - length)
    return start, start + length
