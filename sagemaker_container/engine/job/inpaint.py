"""Owns the pictures of an inpaint job: what is drawn of it, and how that is put back (A1111).

Source of the rules: AUTOMATIC1111/stable-diffusion-webui modules/processing.py (img2img with a
mask) and modules/masking.py.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from PIL import Image, ImageFilter, ImageOps

from formats.generation.fields import ResizeMode
from formats.generation.inpaint import Inpaint, InpaintArea, MaskedContent
from formats.generation.result import ErrorCode
from sagemaker_container.engine.control.resize import resize
from sagemaker_container.errors import JobError

Box = tuple[int, int, int, int]
"""Left, top, right, bottom in pixels."""

_FILL_RADII: Final = ((256, 1), (64, 1), (16, 2), (4, 4), (2, 2), (0, 1))
"""Blur radius and how often its result is laid below, from far to near (masking.fill)."""


@dataclass(frozen=True)
class Inpainting:
    """A picture, and the region of it that is drawn anew at the job's size."""

    picture: Image.Image
    """RGB; the result has its size, and its pixels wherever the veil is black."""
    mask: Image.Image
    """L, blurred, of the picture's size; white is drawn anew."""
    veil: Image.Image
    """L, of the picture's size: how much of what was drawn is seen."""
    region: Box
    size: tuple[int, int]
    content: MaskedContent

    def start(self) -> Image.Image:
        """What the drawing starts from, at the job's size."""
        picture = self.cropped(self.picture)
        if self.content is MaskedContent.ORIGINAL:
            return picture
        return _filled(picture, self.cropped(self.mask))

    def cropped(self, picture: Image.Image) -> Image.Image:
        """The region of a picture of this one's size, at the job's size."""
        return resize(picture.crop(self.region), *self.size, ResizeMode.FILL)

    def kept(self) -> Image.Image:
        """The region with grey where the mask is: what an inpainting UNet is shown."""
        grey = Image.new("RGB", self.size, (127, 127, 127))
        sharp = self.cropped(self.mask).point(lambda v: 255 * (v >= 128))
        return Image.composite(grey, self.cropped(self.picture), sharp)

    def latent_mask(self, height: int, width: int) -> torch.Tensor:
        """1 x 1 x height x width latents, 1 where they are drawn anew, else 0."""
        small = self.cropped(self.mask).resize((width, height), Image.Resampling.BICUBIC)
        return torch.from_numpy(np.array(small, dtype=np.float32) / 255).round()[None, None]

    def finished(self, drawn: Image.Image) -> Image.Image:
        """The whole picture with what was drawn put into its region, through the veil."""
        left, top, right, bottom = self.region
        layer = self.picture.copy()
        layer.paste(resize(drawn, right - left, bottom - top, ResizeMode.CROP), (left, top))
        return Image.composite(layer, self.picture, self.veil)


def inpainting(
    picture: Image.Image,
    mask: Image.Image,
    asked: Inpaint,
    size: tuple[int, int],
    mode: ResizeMode,
) -> Inpainting:
    """Lay out a job at its size. Raises JobError(BAD_REQUEST) for a mask that covers nothing."""
    mask = mask.convert("L")
    if mask.size != picture.size:
        mask = resize(mask, *picture.size, ResizeMode.JUST_RESIZE)
    soft = _soft(mask, asked)
    if asked.area is InpaintArea.WHOLE:
        picture, soft = resize(picture, *size, mode), resize(soft, *size, mode)
        whole = (0, 0, *size)
        _box(soft)
        return Inpainting(picture, soft, _doubled(soft), whole, size, asked.content)
    region = _region(_box(soft), asked.padding, size, picture.size)
    return Inpainting(picture, soft, soft, region, size, asked.content)


def _box(mask: Image.Image) -> Box:
    """Where the mask is white at all."""
    box = mask.getbbox()
    if box is None:
        message = "The mask covers nothing; paint white what shall be drawn anew."
        raise JobError(ErrorCode.BAD_REQUEST, message, "inpaint")
    return box


def _soft(mask: Image.Image, asked: Inpaint) -> Image.Image:
    sharp = mask.point(lambda v: 255 * (v > 128))
    turned = ImageOps.invert(sharp) if asked.inverted else sharp
    return turned.filter(ImageFilter.GaussianBlur(asked.blur)) if asked.blur else turned


def _doubled(mask: Image.Image) -> Image.Image:
    """All that the latent mask covers is seen in full, and the edge fades beyond it."""
    return mask.point(lambda v: min(255, v * 2))


def _region(box: Box, padding: int, size: tuple[int, int], whole: tuple[int, int]) -> Box:
    """The mask's box with its padding, widened to the job's proportions within the picture."""
    left, top = max(0, box[0] - padding), max(0, box[1] - padding)
    right, bottom = min(whole[0], box[2] + padding), min(whole[1], box[3] + padding)
    ratio = size[0] / size[1]
    if (right - left) / (bottom - top) < ratio:
        left, right = _widened(left, right, round((bottom - top) * ratio), whole[0])
    else:
        top, bottom = _widened(top, bottom, round((right - left) / ratio), whole[1])
    return left, top, right, bottom


def _widened(low: int, high: int, wanted: int, limit: int) -> tuple[int, int]:
    """A stretch of `wanted` pixels about this one, moved to lie between 0 and `limit`."""
    wanted = min(max(wanted, high - low), limit)
    start = min(max(0, (low + high - wanted) // 2), limit - wanted)
    return start, start + wanted


def _filled(picture: Image.Image, mask: Image.Image) -> Image.Image:
    """The masked area painted with the colours around it, far ones first."""
    around = Image.new("RGBa", picture.size)
    around.paste(picture.convert("RGBA").convert("RGBa"), mask=ImageOps.invert(mask))
    ground = Image.new("RGBA", picture.size)
    for radius, times in _FILL_RADII:
        blurred = around.filter(ImageFilter.GaussianBlur(radius)).convert("RGBA")
        for _ in range(times):
            ground.alpha_composite(blurred)
    return ground.convert("RGB")
