"""Enlarges the pictures of a first pass for the second one: as latents, or as pictures."""

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
from sagemaker_container.engine.upscale.upscalers import Enlarger, FilterEnlarger, NetEnlarger

_WAYS: Final[dict[LatentUpscaler, dict[str, Any]]] = {
    LatentUpscaler.LATENT: {"mode": "bilinear"},
    LatentUpscaler.ANTIALIASED: {"mode": "bilinear", "antialias": True},
    LatentUpscaler.BICUBIC: {"mode": "bicubic"},
    LatentUpscaler.BICUBIC_ANTIALIASED: {"mode": "bicubic", "antialias": True},
    LatentUpscaler.NEAREST: {"mode": "nearest"},
    LatentUpscaler.NEAREST_EXACT: {"mode": "nearest-exact"},
}
"""A1111 modules/shared_items.py, latent_upscale_modes."""


@dataclass(frozen=True)
class HiresEnlarger:
    """Brings one picture's latents to a larger size."""

    vae: AutoencoderKL
    upscaler: Upscaler
    net: UpscalerNet | None
    size: tuple[int, int]
    note: AddNote = latents.no_note

    def enlarged(self, latent: torch.Tensor, check: Callable[[], None]) -> torch.Tensor:
        """Latents 4 x h x w as 1 x 4 x larger h x larger w. Raises JobError, as `check` does."""
        if isinstance(self.upscaler, LatentUpscaler):
            size = self.size[1] // SIDE_STEP, self.size[0] // SIDE_STEP
            way = _WAYS[self.upscaler]
            larger: torch.Tensor = torch.nn.functional.interpolate(latent[None], size=size, **way)
            return larger
        picture = latents.decode(self.vae, latent, self.note)
        chosen = enlarger(self.upscaler, self.net, self.note)
        return latents.encode(self.vae, chosen.enlarged(picture, *self.size, check), self.note)


def enlarger(
    upscaler: Upscaler,
    net: UpscalerNet | None,
    note: AddNote = latents.no_note,
    release: Callable[[], None] = lambda: None,
) -> Enlarger:
    """What enlarges pictures as an upscaler does; `net` is its file's, where it has one.

    Where memory is full, `release` is to give some back.
    """
    if net is not None:
        return NetEnlarger(net, note=note, release=release)
    return FilterEnlarger(PixelUpscaler(upscaler))
