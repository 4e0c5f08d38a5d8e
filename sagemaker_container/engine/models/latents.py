"""Goes between pictures and latents with a VAE, one picture at a time to keep the peak low.

Where memory is too small for a picture, the VAE works in overlapping tiles.
"""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch
from diffusers import AutoencoderKL
from PIL import Image

from formats.generation.result import ErrorCode
from sagemaker_container.engine.memory import retry_out_of_memory
from sagemaker_container.errors import JobError

IN_TILES: Final = "For want of memory the VAE worked in tiles."

Note = Callable[[str], None]
"""Takes what went otherwise than asked."""


def no_note(_: str) -> None:
    """For whom nothing need be noted."""


def encode(vae: AutoencoderKL, image: Image.Image, note: Note = no_note) -> torch.Tensor:
    """Latents of an RGB picture, 1 x 4 x height/8 x width/8, float32.

    They are the mean of the VAE's distribution.
    """
    pixels = torch.from_numpy(np.array(image, dtype=np.float32)).permute(2, 0, 1)[None]
    pixels = (pixels / 127.5 - 1).to(vae.device, vae.dtype)
    encoded = _within_memory(vae, lambda: vae.encode(pixels), note)
    latents: torch.Tensor = encoded.latent_dist.mode()
    return latents.float() * vae.config.scaling_factor


def decode(vae: AutoencoderKL, latents: torch.Tensor, note: Note = no_note) -> Image.Image:
    """The picture of one latent, 4 x h x w. Raises JobError(INTERNAL) for one without values."""
    scaled = latents[None].to(vae.dtype) / vae.config.scaling_factor
    drawn = _within_memory(vae, lambda: vae.decode(scaled, return_dict=False)[0], note)[0].float()
    is_whole = torch.isfinite(drawn).all()
    pixels = ((drawn + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).cpu()
    if not is_whole:
        # A1111 calls this "a tensor with NaNs": half precision overflowed, or weights are damaged.
        message = "The picture came out without values; choose another VAE or checkpoint."
        raise JobError(ErrorCode.INTERNAL, message)
    return Image.fromarray(pixels.numpy(), "RGB")


def full_mask(vae: AutoencoderKL, height: int, width: int) -> torch.Tensor:
    """The five channels that it reads besides the latents, 1 x 5 x height x width, float32.

    A mask of ones, and the latents of a picture that is grey all over since all of it is masked.
    Source: AUTOMATIC1111/stable-diffusion-webui modules/processing.py,
    txt2img_image_conditioning.
    """
    scale = 2 ** (len(vae.config.block_out_channels) - 1)
    grey = torch.zeros(1, 3, height * scale, width * scale, device=vae.device, dtype=vae.dtype)
    with torch.no_grad():
        masked = vae.encode(grey).latent_dist.mode() * vae.config.scaling_factor
    return torch.cat([torch.ones_like(masked[:, :1]), masked], dim=1).float()


def _within_memory(vae: AutoencoderKL, work: Callable[[], Any], note: Note) -> Any:
    def tile() -> None:
        note(IN_TILES)
        vae.enable_tiling()

    try:
        with torch.no_grad():
            return retry_out_of_memory(work, tile)
    finally:
        vae.disable_tiling()
