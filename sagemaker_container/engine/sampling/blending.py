"""Keeps, at each step, the latents outside the mask those of the picture (A1111, diffusers).

So an ordinary checkpoint inpaints: after a step, what the mask doesn't cover is replaced by the
picture's latents with the noise of the next step. Source: diffusers pipeline_stable_diffusion_
inpaint.py, the branch for a UNet of 4 channels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from formats.generation.inpaint import MaskedContent


@dataclass(frozen=True)
class Masked:
    """The latents of one picture that is inpainted; all on the device."""

    mask: torch.Tensor
    """1 x 1 x h x w; 1 is drawn anew."""
    picture: torch.Tensor
    """1 x 4 x h x w."""
    shown: torch.Tensor
    """1 x 5 x h x w: what an inpainting UNet reads besides, mask and masked picture."""
    content: MaskedContent

    def start(self, noise: torch.Tensor) -> torch.Tensor:
        """What is drawn over, 1 x 4 x h x w; `noise` is what will be added to it."""
        if self.content is MaskedContent.LATENT_NOTHING:
            return self.picture * (1 - self.mask)
        if self.content is MaskedContent.LATENT_NOISE:
            return self.picture * (1 - self.mask) + noise * self.mask
        return self.picture


class Blending:
    """The masks of a batch, whose pictures are all inpainted."""

    def __init__(self, masked: Sequence[Masked], noise: torch.Tensor) -> None:
        """`noise` is what the batch started with, pictures x 4 x h x w."""
        self._mask = torch.cat([one.mask for one in masked])
        self._kept = torch.cat([one.picture for one in masked])
        self._noise = noise

    def blended(self, scheduler: Any, latents: torch.Tensor, following: Any) -> torch.Tensor:
        """The latents after a step with the outside as it must be at the `following` timestep.

        After the last step that is None, and the outside is the picture's own.
        """
        kept = self._kept
        if following is not None:
            kept = scheduler.add_noise(kept, self._noise, following.expand(len(latents)))
        return kept * (1 - self._mask) + latents * self._mask
