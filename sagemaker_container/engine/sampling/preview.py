"""Small images of unfinished latents, by a cheap stand-in for the end of a VAE's decoder."""

import io
from typing import Any, Final

import numpy as np
import torch
from PIL import Image, ImageDraw
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own abbreviation

MAX_SIDE: Final = 256
"""Pixels on the long side of a preview."""

_MAX_LATENT_SIDE: Final = 64
"""A larger latent is scaled down before: the decoder's middle attends over all of its pixels."""

_BLOCK: Final = 4
"""Each pixel of a latent becomes so many pixels of the preview in both directions."""

_RIDGE: Final = 3.0
"""Regularization of the fit, worth a few pixels, so that an image of one colour can't break it."""

_IMAGES: Final = 4
_IMAGE_SIDE: Final = 128
"""The images that a VAE is first tried with; six of them raised the correlation by 0.01."""

_FITTED_IMAGES: Final = 8
"""Finished images that the fit learns from; then it changes no more."""


class PreviewFit:
    """What is known of one VAE: from the middle of its decoder to pixels, by least squares.

    The middle of the decoder costs a hundredth of the whole; a linear map from what it gives, and
    from the latent's neighbourhood, to blocks of pixels correlates with the decoded image by 0.92
    to 0.99 at 64 x 64 pixels (the demo's two VAEs; a map of the latent alone by 0.82 to 0.97).
    """

    def __init__(self) -> None:
        self.images = 0
        """How many finished images it learned from."""
        self._squares = torch.zeros(0, 0)
        self._products = torch.zeros(0, 0)
        self._map: Tensor | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was learned yet."""
        return not len(self._squares)

    def learn(self, features: Tensor, blocks: Tensor) -> None:
        """Take in rows of features and the blocks of pixels (-1 to 1) that they became."""
        if self.is_empty:
            self._squares = torch.eye(features.shape[1]) * _RIDGE
            self._products = torch.zeros(features.shape[1], blocks.shape[1])
        self._squares += features.T @ features
        self._products += features.T @ blocks
        self._map = None

    def blocks_of(self, features: Tensor) -> Tensor:
        """The blocks of pixels of these rows."""
        if self._map is None:
            self._map = torch.linalg.solve(self._squares, self._products)
        return features @ self._map


class LatentPreview:
    """Previews of one job's images with its VAE; what is learned stays with the fit."""

    def __init__(self, vae: Any, fit: PreviewFit) -> None:
        self._vae = getattr(vae, "network", vae)
        """diffusers' own, also on the fast path, whose graphs are for whole decodes."""
        self._fit = fit

    def fit(self, latent: Tensor, image: Image.Image) -> None:
        """Learn from a latent (4 x h x w) and the image decoded from it.

        Only where previews are shown: a quick job has none, and pays for none.
        """
        if not self._fit.is_empty and self._fit.images < _FITTED_IMAGES:
            self._learn(latent[None], _pixels([image]))
            self._fit.images += 1

    def render(self, latents: Tensor) -> bytes:
        """A WebP of the first latent of a batch (n x 4 x h x w, at any noise level)."""
        self._learn_at_first()
        first = latents[:1].detach().float()
        # With some samplers the noise has its full strength, 14 times the image's.
        small = _scaled_down(first / first.std().clamp(min=1.0))
        blocks = self._fit.blocks_of(self._features(small))
        rgb = F.fold(blocks.T[None], _times(small, _BLOCK), _BLOCK, stride=_BLOCK)
        values = ((rgb[0] + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)
        image = Image.fromarray(values.permute(1, 2, 0).numpy(), "RGB")
        scale = max(1, MAX_SIDE // max(image.size))
        image = image.resize((image.width * scale, image.height * scale), Image.Resampling.BICUBIC)
        data = io.BytesIO()
        image.save(data, "WEBP", quality=70, method=0)
        return data.getvalue()

    def _learn_at_first(self) -> None:
        """Try the VAE with images of shapes and lines, where nothing is known of it."""
        if not self._fit.is_empty:
            return
        vae = self._vae
        pixels = _pixels(_drawn_images()).to(vae.device, vae.dtype)
        with torch.no_grad():
            encoded = vae.encode(pixels).latent_dist.mode()
            decoded = vae.decode(encoded, return_dict=False)[0]
        self._learn(encoded.float() * vae.config.scaling_factor, decoded.float().cpu())

    def _learn(self, latents: Tensor, pixels: Tensor) -> None:
        small = _scaled_down(latents.detach().float())
        pixels = F.interpolate(pixels.clamp(-1, 1), size=_times(small, _BLOCK), mode="area")
        blocks = F.unfold(pixels, _BLOCK, stride=_BLOCK).permute(0, 2, 1).flatten(0, 1)
        self._fit.learn(self._features(small), blocks)

    def _features(self, latents: Tensor) -> Tensor:
        """One row for each pixel of the latents: the decoder's middle, its neighbours, a one."""
        vae, decoder = self._vae, self._vae.decoder
        scaled = latents.to(vae.device, vae.dtype) / vae.config.scaling_factor
        with torch.no_grad():
            if vae.post_quant_conv is not None:
                scaled = vae.post_quant_conv(scaled)
            middle = decoder.mid_block(decoder.conv_in(scaled)).float().cpu()
        padded = F.pad(latents.cpu(), (1, 1, 1, 1), mode="replicate")
        rows = torch.cat([F.unfold(padded, 3), middle.flatten(2)], dim=1)
        rows = rows.permute(0, 2, 1).flatten(0, 1)
        return torch.cat([rows, torch.ones(len(rows), 1)], dim=1)


def _scaled_down(latents: Tensor) -> Tensor:
    """The latents, at most `_MAX_LATENT_SIDE` on their long side."""
    height, width = latents.shape[-2:]
    scale = min(1.0, _MAX_LATENT_SIDE / max(height, width))
    if scale == 1.0:
        return latents
    size = (max(1, round(height * scale)), max(1, round(width * scale)))
    return F.interpolate(latents, size=size, mode="area")


def _times(latents: Tensor, factor: int) -> tuple[int, int]:
    height, width = latents.shape[-2:]
    return height * factor, width * factor


def _pixels(images: list[Image.Image]) -> Tensor:
    """RGB images of one size as n x 3 x h x w, -1 to 1."""
    values = np.stack([np.array(image, dtype=np.float32) for image in images])
    return torch.from_numpy(values).permute(0, 3, 1, 2) / 127.5 - 1


def _drawn_images() -> list[Image.Image]:
    """Images of smooth colours with shapes and lines on them, always the same."""
    random = np.random.default_rng(0)
    return [_drawn_image(random, has_paper=n % 2 == 1) for n in range(_IMAGES)]


def _drawn_image(random: np.random.Generator, *, has_paper: bool) -> Image.Image:
    """One of them; with black lines on white paper, or with coloured ones."""
    side = _IMAGE_SIDE
    colours = random.integers(0, 256, (3, 3, 3), dtype=np.uint8)
    image = Image.fromarray(colours, "RGB").resize((side, side), Image.Resampling.BICUBIC)
    if has_paper:
        image = Image.new("RGB", (side, side), "white")
    canvas = ImageDraw.Draw(image)
    for _ in range(5):
        x, y, width, height = (int(value) for value in random.integers(0, side, 4))
        fill, line = (tuple(map(int, random.integers(0, 256, 3))) for _ in range(2))
        line = (0, 0, 0) if has_paper else line
        thickness = int(random.integers(1, 6))
        canvas.ellipse((x - 20, y - 20, x + width // 2, y + height // 2), fill, line, thickness)
        canvas.line((x, y, width, height), line, thickness)
    return image
