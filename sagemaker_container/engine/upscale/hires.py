"""Upscales a first pass's image for the second pass of a hires fix: as latents, or as pixels."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import torch
from diffusers import AutoencoderKL

from formats.generation.upscaling import LatentUpscaler, PixelUpscaler, Upscaler
from formats.limits import SIDE_STEP
from sagemaker_container.engine.models import latents
from sagemaker_container.engine.models.latents import AddNote
from sagemaker_container.engine.upscale.file import UpscalerNet
from sagemaker_container.engine.upscale.upscalers import (
    FilterUpscaler,
    ImageUpscaler,
    NetworkUpscaler,
)

_INTERPOLATION: Final[dict[LatentUpscaler, dict[str, Any]]] = {
    LatentUpscaler.LATENT: {"mode": "bilinear"},
    LatentUpscaler.ANTIALIASED: {"mode": "bilinear", "antialias": True},
    LatentUpscaler.BICUBIC: {"mode": "bicubic"},
    LatentUpscaler.BICUBIC_ANTIALIASED: {"mode": "bicubic", "antialias": True},
    LatentUpscaler.NEAREST: {"mode": "nearest"},
    LatentUpscaler.NEAREST_EXACT: {"mode": "nearest-exact"},
}
"""A1111 modules/shared_items.py, latent_upscale_modes."""


@dataclass(frozen=True)
class HiresUpscaler:
    """Upscales latents to a size in pixels, width and height."""

    vae: AutoencoderKL
    upscaler: Upscaler
    net: UpscalerNet | None
    size: tuple[int, int]
    add_note: AddNote = latents.no_note

    def upscale(self, latent: torch.Tensor, check: Callable[[], None]) -> torch.Tensor:
        """From 4 x h x w to 1 x 4 x larger h x larger w. Raises JobError, and what `check` does."""
        if isinstance(self.upscaler, LatentUpscaler):
            size = self.size[1] // SIDE_STEP, self.size[0] // SIDE_STEP
            mode = _INTERPOLATION[self.upscaler]
            larger: torch.Tensor = torch.nn.functional.interpolate(latent[None], size=size, **mode)
            return larger
        image = latents.decode(self.vae, latent, self.add_note)
        chosen = image_upscaler(self.upscaler, self.net, self.add_note)
        return latents.encode(self.vae, chosen.upscale(image, *self.size, check), self.add_note)


def image_upscaler(
    upscaler: Upscaler,
    net: UpscalerNet | None,
    add_note: AddNote = latents.no_note,
    release: Callable[[], None] = lambda: None,
) -> ImageUpscaler:
    """The upscaler that a request names; `net` is its file's network, if it has one.

    `release` is called when memory is used up, to free some.
    """
    if net is not None:
        return NetworkUpscaler(net, add_note=add_note, release=release)
    return FilterUpscaler(PixelUpscaler(upscaler))
