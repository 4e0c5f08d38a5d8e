"""Gives an inpainting UNet a mask that covers everything, so that it draws whole pictures."""

import torch
from diffusers import AutoencoderKL


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
