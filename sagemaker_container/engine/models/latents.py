"""Encodes images to latents and decodes latents with a VAE, one at a time to keep the peak low.

If memory is used up, the VAE works in overlapping tiles.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL
from PIL import Image

from formats.generation.result import ErrorCode
from sagemaker_container.engine.memory import retry_out_of_memory
from sagemaker_container.errors import JobError
from sagemaker_container.texts import models as texts

AddNote = Callable[[str], None]
"""Adds a note to the job's result: something was done otherwise than requested."""


def no_note(_: str) -> None:
    """An `AddNote` that drops the note."""


def encode(vae: AutoencoderKL, image: Image.Image, add_note: AddNote = no_note) -> torch.Tensor:
    """Latents of an RGB image, 1 x 4 x height/8 x width/8, float32.

    They are the mean of the VAE's distribution.
    """
    pixels = torch.from_numpy(np.array(image, dtype=np.float32)).permute(2, 0, 1)[None]
    pixels = (pixels / 127.5 - 1).to(vae.device, vae.dtype)
    encoded = _tiled_if_needed(vae, lambda: vae.encode(pixels), add_note)
    latents: torch.Tensor = encoded.latent_dist.mode()
    return latents.float() * vae.config.scaling_factor


def decode(vae: AutoencoderKL, latents: torch.Tensor, add_note: AddNote = no_note) -> Image.Image:
    """The image of one latent, 4 x h x w. Raises JobError(INTERNAL) if it has NaNs."""
    scaled = latents[None].to(vae.dtype) / vae.config.scaling_factor
    decoded = _tiled_if_needed(vae, lambda: vae.decode(scaled, return_dict=False)[0], add_note)
    values = decoded[0].float()
    is_finite = torch.isfinite(values).all()
    pixels = ((values + 1) * 127.5).round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).cpu()
    if not is_finite:
        # A1111 calls this "a tensor with NaNs": half precision overflowed, or weights are damaged.
        raise JobError(ErrorCode.INTERNAL, texts.NO_VALUES)
    return Image.fromarray(pixels.numpy(), "RGB")


def full_mask(vae: AutoencoderKL, height: int, width: int) -> torch.Tensor:
    """What lets an inpainting UNet generate a whole image, 1 x 5 x height x width, float32.

    A mask of ones, and the latents of an image that is grey all over because all of it is masked.
    Source: AUTOMATIC1111/stable-diffusion-webui modules/processing.py,
    txt2img_image_conditioning.
    """
    scale = 2 ** (len(vae.config.block_out_channels) - 1)
    grey = torch.zeros(1, 3, height * scale, width * scale, device=vae.device, dtype=vae.dtype)
    with torch.no_grad():
        masked = vae.encode(grey).latent_dist.mode() * vae.config.scaling_factor
    return torch.cat([torch.ones_like(masked[:, :1]), masked], dim=1).float()


def _tiled_if_needed(vae: AutoencoderKL, work: Callable[[], Any], add_note: AddNote) -> Any:
    def enable_tiling() -> None:
        add_note(texts.TILED_VAE)
        vae.enable_tiling()

    try:
        with torch.no_grad():
            return retry_out_of_memory(work, enable_tiling)
    finally:
        vae.disable_tiling()
