"""Small images of unfinished latents, without the VAE: a linear map from latents to RGB."""

import io
from typing import Final

import numpy as np
import torch
from PIL import Image

MAX_SIDE: Final = 256
"""Pixels on the long side of a preview."""

_SD1: Final = (
    (0.298, 0.207, 0.208),
    (0.187, 0.286, 0.173),
    (-0.158, 0.189, 0.264),
    (-0.184, -0.271, -0.473),
    (0.0, 0.0, 0.0),
)
"""RGB of each of SD 1.x's four latent channels, and of a constant; colours are -1 to 1.
Source: keturn in Hugging Face's forum, 2022; A1111's "Approx cheap" has it too."""

_RIDGE: Final = 1.0
"""Regularization of the fit, worth a few pixels, so that an image of one colour can't break it."""


class LatentPreview:
    """The map for one VAE. It starts as SD 1.x's, and is fitted to each decoded image."""

    def __init__(self) -> None:
        self._map = torch.tensor(_SD1)
        self._squares = torch.eye(5) * _RIDGE
        self._products = self._map * _RIDGE

    def fit(self, latent: torch.Tensor, image: Image.Image) -> None:
        """Fit the map to one more latent (4 x h x w) and the image decoded from it."""
        values = _pixel_rows(latent.detach().float().cpu())
        small = image.resize((latent.shape[2], latent.shape[1]), Image.Resampling.BOX)
        colours = torch.from_numpy(np.array(small, dtype=np.float32)).reshape(-1, 3) / 127.5 - 1
        self._squares += values.T @ values
        self._products += values.T @ colours
        self._map = torch.linalg.solve(self._squares, self._products)

    def render(self, latents: torch.Tensor) -> bytes:
        """A WebP of the first latent of a batch (n x 4 x h x w, at any noise level)."""
        first = latents[0].detach().float().cpu()
        # With some samplers the noise has its full strength, 14 times the image's.
        first = first / first.std().clamp(min=1.0)
        rgb = (_pixel_rows(first) @ self._map).reshape(*first.shape[1:], 3)
        pixels = ((rgb + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
        image = Image.fromarray(pixels.numpy(), "RGB")
        scale = max(1, MAX_SIDE // max(image.size))
        image = image.resize((image.width * scale, image.height * scale), Image.Resampling.BICUBIC)
        data = io.BytesIO()
        image.save(data, "WEBP", quality=70, method=0)
        return data.getvalue()


def _pixel_rows(latent: torch.Tensor) -> torch.Tensor:
    """One row for each pixel: its four channels and a one."""
    channels = latent.flatten(1).T
    return torch.cat([channels, torch.ones(len(channels), 1)], dim=1)
