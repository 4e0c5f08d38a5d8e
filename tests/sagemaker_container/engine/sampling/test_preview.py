"""Previews of latents: a small WebP that correlates with what the VAE decodes."""

import io
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from sagemaker_container.engine.models import latents
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.sampling.preview import LatentPreview, PreviewFit


def read(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def correlation(one: Image.Image, other: Image.Image) -> float:
    values = (
        np.array(image.convert("RGB").resize((16, 16)), dtype=float) for image in (one, other)
    )
    first, second = (value.ravel() for value in values)
    return float(np.corrcoef(first, second)[0, 1])


@pytest.fixture
def latent(plain: Checkpoint) -> torch.Tensor:
    """Of an image of colours that go into each other."""
    colours = np.random.default_rng(1).integers(0, 256, (4, 4, 3), dtype=np.uint8)
    image = Image.fromarray(colours, "RGB").resize((64, 64), Image.Resampling.BICUBIC)
    return latents.encode(plain.vae, image)


@pytest.mark.parametrize(
    ("size", "wanted"),
    [((16, 32), (256, 128)), ((8, 8), (256, 256)), ((64, 64), (256, 256)), ((160, 80), (128, 256))],
)
@pytest.mark.parametrize("noise", [0.1, 14.0])
def test_a_preview_is_a_small_webp(
    plain: Checkpoint, size: tuple[int, int], wanted: tuple[int, int], noise: float
) -> None:
    preview = LatentPreview(plain.vae, PreviewFit())
    image = read(preview.render(torch.randn(2, 4, *size) * noise))
    assert (image.format, image.size) == ("WEBP", wanted)


def test_a_new_vae_is_tried_before_its_first_preview(
    plain: Checkpoint, latent: torch.Tensor
) -> None:
    preview = LatentPreview(plain.vae, PreviewFit())
    decoded = latents.decode(plain.vae, latent[0])
    assert (
        correlation(read(preview.render(latent)), decoded) > 0.6
    )  # its weights are random; see tests/demo for trained ones


def test_finished_images_make_it_better_and_then_it_stays(
    plain: Checkpoint, latent: torch.Tensor
) -> None:
    fit = PreviewFit()
    preview = LatentPreview(plain.vae, fit)
    decoded = latents.decode(plain.vae, latent[0])
    before = correlation(read(preview.render(latent)), decoded)
    for _ in range(10):
        preview.fit(latent[0], decoded)
    after = read(preview.render(latent))
    assert correlation(after, decoded) > before
    assert fit.images == 8
    again: Any = LatentPreview(plain.vae, fit)
    assert read(again.render(latent)).tobytes() == after.tobytes()
