"""The images of an inpaint job: the region to generate, and how it is composited (A1111).

Source of the rules: AUTOMATIC1111/stable-diffusion-webui modules/processing.py (img2img with a
mask) and modules/masking.py.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from PIL import Image, ImageFilter, ImageOps

from formats.generation.fields import ResizeMode
from formats.generation.inpaint import (
    Box,
    Inpaint,
    InpaintArea,
    MaskedContent,
    blur_mask,
    crop_region,
)
from formats.generation.result import ErrorCode
from sagemaker_container.engine.control.resize import resize
from sagemaker_container.errors import JobError
from sagemaker_container.texts import images as texts

_FILL_RADII: Final = ((256, 1), (64, 1), (16, 2), (4, 4), (2, 2), (0, 1))
"""Blur radius, and how often its result is added, from far to near (masking.fill)."""


@dataclass(frozen=True)
class InpaintImage:
    """An image, and the region of it that is generated at the job's size."""

    image: Image.Image
    """RGB; the result has its size, and its pixels wherever `composite_mask` is black."""
    mask: Image.Image
    """L, blurred, of the image's size; white is inpainted."""
    composite_mask: Image.Image
    """L, of the image's size: how opaque the generated pixels are in the result."""
    region: Box
    size: tuple[int, int]
    """The job's width and height."""
    content: MaskedContent

    def start_image(self) -> Image.Image:
        """The image to start from, at the job's size."""
        image = self.crop(self.image)
        if self.content is MaskedContent.ORIGINAL:
            return image
        return _fill_masked(image, self.crop(self.mask))

    def crop(self, image: Image.Image) -> Image.Image:
        """The region of an image of this one's size, at the job's size."""
        return resize(image.crop(self.region), *self.size, ResizeMode.FILL)

    def masked_image(self) -> Image.Image:
        """The region with grey instead of the mask, which an inpainting UNet reads."""
        grey = Image.new("RGB", self.size, (127, 127, 127))
        sharp = self.crop(self.mask).point(lambda v: 255 * (v >= 128))
        return Image.composite(grey, self.crop(self.image), sharp)

    def latent_mask(self, height: int, width: int) -> torch.Tensor:
        """1 x 1 x height x width latents, 1 where they are inpainted, else 0."""
        small = self.crop(self.mask).resize((width, height), Image.Resampling.BICUBIC)
        return torch.from_numpy(np.array(small, dtype=np.float32) / 255).round()[None, None]

    def composite(self, generated: Image.Image) -> Image.Image:
        """The whole image with the generated region in it."""
        left, top, right, bottom = self.region
        layer = self.image.copy()
        layer.paste(resize(generated, right - left, bottom - top, ResizeMode.CROP), (left, top))
        return Image.composite(layer, self.image, self.composite_mask)


def prepare_inpaint(
    image: Image.Image,
    mask: Image.Image,
    options: Inpaint,
    size: tuple[int, int],
    mode: ResizeMode,
) -> InpaintImage:
    """Prepare an image for a job's size. Raises JobError(BAD_REQUEST) for an empty mask."""
    mask = mask.convert("L")
    if mask.size != image.size:
        mask = resize(mask, *image.size, ResizeMode.JUST_RESIZE)
    blurred = blur_mask(mask, options)
    if options.area is InpaintArea.WHOLE:
        image, blurred = resize(image, *size, mode), resize(blurred, *size, mode)
        whole = (0, 0, *size)
        _masked_box(blurred)
        return InpaintImage(image, blurred, _double_levels(blurred), whole, size, options.content)
    region = crop_region(_masked_box(blurred), options.padding, size, image.size)
    return InpaintImage(image, blurred, blurred, region, size, options.content)


def _masked_box(mask: Image.Image) -> Box:
    """The smallest box that holds all of the mask."""
    box = mask.getbbox()
    if box is None:
        raise JobError(ErrorCode.BAD_REQUEST, texts.MASK_EMPTY, "inpaint")
    return box


def _double_levels(mask: Image.Image) -> Image.Image:
    """Opaque wherever the latent mask is 1, with an edge that fades outside of it."""
    return mask.point(lambda v: min(255, v * 2))


def _fill_masked(image: Image.Image, mask: Image.Image) -> Image.Image:
    """Fill the masked area with the colours around it, far ones first."""
    around = Image.new("RGBa", image.size)
    around.paste(image.convert("RGBA").convert("RGBa"), mask=ImageOps.invert(mask))
    filled = Image.new("RGBA", image.size)
    for radius, times in _FILL_RADII:
        blurred = around.filter(ImageFilter.GaussianBlur(radius)).convert("RGBA")
        for _ in range(times):
            filled.alpha_composite(blurred)
    return filled.convert("RGB")
