"""Keeps the latents outside of an inpainting mask those of the image, at each step.

This is how an ordinary checkpoint inpaints, in A1111 and in diffusers: after a step, the latents
outside of the mask are replaced by the image's, with the noise of the next step. Source: diffusers
pipeline_stable_diffusion_inpaint.py, the branch for a UNet of 4 channels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from formats.generation.inpaint import MaskedContent


@dataclass(frozen=True)
class MaskedLatents:
    """The latents of an image to inpaint, and its mask; all on the device."""

    mask: torch.Tensor
    """1 x 1 x h x w; 1 is inpainted, 0 is kept."""
    image_latents: torch.Tensor
    """1 x 4 x h x w."""
    unet_channels: torch.Tensor
    """1 x 5 x h x w: mask and masked image, which an inpainting UNet reads beside the latents."""
    content: MaskedContent

    def start_latents(self, noise: torch.Tensor) -> torch.Tensor:
        """The latents to start from, 1 x 4 x h x w, before `noise` is added to them."""
        if self.content is MaskedContent.LATENT_NOTHING:
            return self.image_latents * (1 - self.mask)
        if self.content is MaskedContent.LATENT_NOISE:
            return self.image_latents * (1 - self.mask) + noise * self.mask
        return self.image_latents


class MaskBlending:
    """The masks of a batch whose images are all inpainted."""

    def __init__(self, masked: Sequence[MaskedLatents], noise: torch.Tensor) -> None:
        """`noise` is the batch's start noise, images x 4 x h x w."""
        self._mask = torch.cat([one.mask for one in masked])
        self._image_latents = torch.cat([one.image_latents for one in masked])
        self._noise = noise

    def blend(self, scheduler: Any, latents: torch.Tensor, next_timestep: Any) -> torch.Tensor:
        """Replace the latents outside of the mask by the image's, noised for the next timestep.

        After the last step there is none (None), and the image's latents are taken as they are.
        """
        outside = self._image_latents
        if next_timestep is not None:
            timesteps = next_timestep.expand(len(latents))
            outside = scheduler.add_noise(outside, self._noise, timesteps)
        return outside * (1 - self._mask) + latents * self._mask
