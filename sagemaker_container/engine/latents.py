"""Goes between pictures and latents with a VAE, one picture at a time to keep the peak low."""

import numpy as np
import torch
from diffusers import AutoencoderKL
from PIL import Image

from formats.result import ErrorCode
from sagemaker_container.errors import JobError


def encode(vae: AutoencoderKL, image: Image.Image) -> torch.Tensor:
    """Latents of an RGB picture, 1 x 4 x height/8 x width/8, float32.

    They are the mean of the VAE's distribution.
    """
    pixels = torch.from_numpy(np.array(image, dtype=np.float32)).permute(2, 0, 1)[None]
    pixels = (pixels / 127.5 - 1).to(vae.device, vae.dtype)
    with torch.no_grad():
        latents: torch.Tensor = vae.encode(pixels).latent_dist.mode()
    return latents.float() * vae.config.scaling_factor


def decode(vae: AutoencoderKL, latents: torch.Tensor) -> Image.Image:
    """The picture of one latent, 4 x h x w. Raises JobError(INTERNAL) for one without values."""
    with torch.no_grad():
        scaled = latents[None].to(vae.dtype) / vae.config.scaling_factor
        drawn = vae.decode(scaled, return_dict=False)[0][0].float()
        is_whole = torch.isfinite(drawn).all()
        pixels = ((drawn + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).cpu()
    if not is_whole:
        # A1111 calls this "a tensor with NaNs": half precision overflowed, or weights are damaged.
        message = "The picture came out without values; choose another VAE or checkpoint."
        raise JobError(ErrorCode.INTERNAL, message)
    return Image.fromarray(pixels.numpy(), "RGB")
