"""Extends an image for outpainting: a larger image to start from, and the mask of what is new.

Source of the geometry: AUTOMATIC1111/stable-diffusion-webui scripts/poor_mans_outpainting.py. There
the new area begins black; here it goes on with the image, so that the model does too.
"""

import io
import math
from functools import lru_cache
from typing import Annotated, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from pydantic import Field

from core.errors import InvalidInput
from core.images.files import encode_image
from core.texts import images as texts
from formats.frozen import Frozen
from formats.generation.unchecked import unchecked
from formats.limits import MAX_IMAGE_PIXELS, MAX_SIDE, SIDE_STEP

Size = tuple[int, int]
"""Width and height, pixels."""

_Pixels = NDArray[np.float32]

_LEAST_OVERLAP: Final = 8
"""Pixels of the image that are generated anew at each seam: one latent."""

_REACH: Final = 0.5
"""How far the mirrored image goes on before its blurred edge has taken over, in margins."""

_NOISE: Final = 24.0
"""Standard deviation of the noise at the outer edge, in levels of 255."""

_Margin = Annotated[int, Field(ge=0, le=MAX_SIDE)]


class OutpaintMargins(Frozen):
    """By how many pixels an image is extended on each side."""

    left: _Margin = 128
    right: _Margin = 128
    up: _Margin = 0
    down: _Margin = 0


@unchecked
class UncheckedOutpaint(OutpaintMargins):
    """The same as a form has them."""


class Outpainted(NamedTuple):
    """An extended image, and the mask of what is new in it: PNGs of one size."""

    image: bytes
    mask: bytes
    size: Size


def whole_steps(size: Size, margins: OutpaintMargins) -> OutpaintMargins:
    """The margins enlarged until both sides of the extended image divide by 8 (A1111's rule: what
    is missing is shared out among the sides that grow; right and down get it where none does).
    """
    left, right = _enlarged(size[0], margins.left, margins.right)
    up, down = _enlarged(size[1], margins.up, margins.down)
    return OutpaintMargins(left=left, right=right, up=up, down=down)


def extended_size(size: Size, margins: OutpaintMargins) -> Size:
    """Width and height of the extended image."""
    grown = whole_steps(size, margins)
    return size[0] + grown.left + grown.right, size[1] + grown.up + grown.down


def margins_for_aspect(size: Size, ratio: float) -> OutpaintMargins:
    """What extends an image to a ratio of width to height, the same on both sides."""
    width, height = size
    wanted = max(width, round(height * ratio)), max(height, round(width / ratio))
    x, y = (
        math.ceil(new / SIDE_STEP) * SIDE_STEP - old for new, old in zip(wanted, size, strict=True)
    )
    x, y = (x if wanted[0] > width else 0), (y if wanted[1] > height else 0)
    return OutpaintMargins(left=x // 2, right=x - x // 2, up=y // 2, down=y - y // 2)


@lru_cache(maxsize=4)
def outpaint(image: bytes, margins: OutpaintMargins, blur: int) -> Outpainted:
    """The extended image and its mask, which overlaps the image by twice the mask `blur`.

    The image's own pixels stay as they are. Raises InvalidInput at `outpaint` where nothing is
    added, and where more pixels come out than an image may have.
    """
    with Image.open(io.BytesIO(image)) as opened:
        start = opened.convert("RGB")
    if margins == OutpaintMargins(left=0, right=0, up=0, down=0):
        raise InvalidInput(texts.NO_MARGINS, "outpaint")
    grown, size = whole_steps(start.size, margins), extended_size(start.size, margins)
    if size[0] * size[1] > MAX_IMAGE_PIXELS:
        raise InvalidInput(texts.too_far_extended(*size), "outpaint")
    extended = _extended(start, grown)
    mask = _mask(size, grown, max(_LEAST_OVERLAP, 2 * blur))
    return Outpainted(encode_image(extended).data, encode_image(mask).data, size)


def _enlarged(side: int, before: int, after: int) -> tuple[int, int]:
    total = before + after
    grown = math.ceil((side + total) / SIDE_STEP) * SIDE_STEP - side
    first = (before * grown // total if after else grown) if before else 0
    return first, grown - first


def _mask(size: Size, margins: OutpaintMargins, overlap: int) -> Image.Image:
    """White where it is new and at the seams, mode L."""
    mask = Image.new("L", size, 255)
    left, up = (edge + overlap if edge else 0 for edge in (margins.left, margins.up))
    right, down = (edge + overlap if edge else 0 for edge in (margins.right, margins.down))
    kept = (left, up, size[0] - right, size[1] - down)
    if kept[0] < kept[2] and kept[1] < kept[3]:
        mask.paste(0, kept)
    return mask


def _extended(image: Image.Image, margins: OutpaintMargins) -> Image.Image:
    """The image goes on as its mirror image, which fades into its blurred edge, and noise."""
    pixels = np.asarray(image, dtype=np.float32)
    around = ((margins.up, margins.down), (margins.left, margins.right), (0, 0))
    distance = _distances(image.size, margins)[..., None]
    mirrored, edge = np.pad(pixels, around, "symmetric"), _blurred_edge(pixels, around)
    share = np.clip(1 - distance / _REACH, 0, 1)
    noise = np.random.default_rng(0).normal(0, _NOISE, mirrored.shape).astype(np.float32)
    filled = mirrored * share + edge * (1 - share) + noise * distance
    return Image.fromarray(np.where(distance > 0, filled, mirrored).clip(0, 255).astype(np.uint8))


def _distances(size: Size, margins: OutpaintMargins) -> _Pixels:
    """How far each pixel lies outside the image, 0 inside to 1 at the outer edge."""

    def along(length: int, before: int, after: int) -> _Pixels:
        outside = np.zeros(before + length + after, dtype=np.float32)
        outside[:before] = np.arange(before, 0, -1) / max(before, 1)
        outside[before + length :] = np.arange(1, after + 1) / max(after, 1)
        return outside

    x = along(size[0], margins.left, margins.right)
    y = along(size[1], margins.up, margins.down)
    return np.maximum(x[None, :], y[:, None])


def _blurred_edge(pixels: _Pixels, around: tuple[tuple[int, int], ...]) -> _Pixels:
    """The outermost pixels drawn outward, each blurred along the edge."""
    stretched = np.pad(pixels, around, "edge").astype(np.uint8)
    radius = max(4, max(max(pair) for pair in around) // 8)
    blurred = Image.fromarray(stretched).filter(ImageFilter.BoxBlur(radius))
    return np.asarray(blurred, dtype=np.float32)
