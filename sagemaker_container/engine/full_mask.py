"""Lets an inpainting UNet draw a whole picture: the mask covers everything, nothing is kept."""

from typing import Any

import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from diffusers.configuration_utils import FrozenDict


class FullyMasked:
    """Stands for an inpainting UNet where a pipeline wants one that reads latents alone.

    It adds the other five channels: a mask of ones, and the latents of a picture that is grey all
    over since all of it is masked. Source: AUTOMATIC1111/stable-diffusion-webui
    modules/processing.py, txt2img_image_conditioning.
    """

    def __init__(self, unet: UNet2DConditionModel, vae: AutoencoderKL) -> None:
        self._unet = unet
        self._vae = vae
        self.config = FrozenDict({**unet.config, "in_channels": unet.config.out_channels})
        self._known: dict[torch.Size, torch.Tensor] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unet, name)

    def __call__(self, sample: torch.Tensor, *others: Any, **named: Any) -> Any:
        """As the UNet's forward; `sample` is batch x 4 x h x w."""
        more = self._others(sample).expand(len(sample), -1, -1, -1)
        return self._unet(torch.cat([sample, more], dim=1), *others, **named)

    def _others(self, sample: torch.Tensor) -> torch.Tensor:
        """Mask and masked picture, 1 x 5 x h x w; they are the same at each step."""
        size = sample.shape[-2:]
        if size not in self._known:
            vae = self._vae
            scale = 2 ** (len(vae.config.block_out_channels) - 1)
            grey = torch.zeros(
                1, 3, size[0] * scale, size[1] * scale, device=vae.device, dtype=vae.dtype
            )
            with torch.no_grad():
                masked = vae.encode(grey).latent_dist.mode() * vae.config.scaling_factor
            mask = torch.ones_like(masked[:, :1])
            self._known[size] = torch.cat([mask, masked], dim=1).to(sample)
        return self._known[size]
