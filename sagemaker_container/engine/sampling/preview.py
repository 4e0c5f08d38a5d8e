"""Makes a small picture of unfinished latents, without the VAE: one linear map per pixel."""

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
"""Red, green, blue of each of SD 1.x's four latent channels and of a constant, for colours of
-1..1. Source: keturn in the forum of huggingface, 2022; A1111's "Approx cheap" has it too."""

_STIFFNESS: Final = 1.0
"""Ridge of the fit: a few pixels' worth, so that a picture of one colour can't break it."""


class LatentColours:
    """The map for one VAE. It starts as SD 1.x's and is fitted to the pictures that are decoded."""

    def __init__(self) -> None:
        self._map = torch.tensor(_SD1)
        self._squares = torch.eye(5) * _STIFFNESS
        self._products = self._map * _STIFFNESS

    def learn(self, latent: torch.Tensor, image: Image.Image) -> None:
        """Fit the map to one more picture and the finished latent (4 x h x w) it came from."""
        values = _rows(latent.detach().float().cpu())
        small = image.resize((latent.shape[2], latent.shape[1]), Image.Resampling.BOX)
        colours = torch.from_numpy(np.array(small, dtype=np.float32)).reshape(-1, 3) / 127.5 - 1
        self._squares += values.T @ values
        self._products += values.T @ colours
        self._map = torch.linalg.solve(self._squares, self._products)

    def preview(self, latents: torch.Tensor) -> bytes:
        """A WebP of the first picture of a batch (n x 4 x h x w, at any noise level)."""
        first = latents[0].detach().float().cpu()
        # Some samplers carry the noise at its full strength, 14 times the picture's.
        first = first / first.std().clamp(min=1.0)
        rgb = (_rows(first) @ self._map).reshape(*first.shape[1:], 3)
        pixels = ((rgb + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
        image = Image.fromarray(pixels.numpy(), "RGB")
        scale = max(1, MAX_SIDE // max(image.size))
        image = image.resize((image.width * scale, image.height * scale), Image.Resampling.BICUBIC)
        data = io.BytesIO()
        image.save(data, "WEBP", quality=70, method=0)
        return data.getvalue()


def _rows(latent: torch.Tensor) -> torch.Tensor:
    """One row for each pixel: its four channels and a one."""
    channels = latent.flatten(1).T
    return torch.cat([channels, torch.ones(len(channels), 1)], dim=1)
