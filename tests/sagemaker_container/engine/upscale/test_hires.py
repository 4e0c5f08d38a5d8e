"""The hires fix's upscale, of latents and of images."""

import pytest
import torch

from formats.generation.upscaling import LatentUpscaler, PixelUpscaler
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.upscale.hires import HiresUpscaler


@pytest.mark.parametrize("upscaler", [*LatentUpscaler, *PixelUpscaler])
def test_a_hires_upscale_has_the_second_passes_size(
    checkpoint: Checkpoint, upscaler: LatentUpscaler | PixelUpscaler
) -> None:
    latent = torch.rand(4, 8, 8)
    hires = HiresUpscaler(checkpoint.vae, upscaler, None, (96, 128))
    larger = hires.upscale(latent, lambda: None)
    assert larger.shape == (1, 4, 16, 12)
    assert torch.isfinite(larger).all()
