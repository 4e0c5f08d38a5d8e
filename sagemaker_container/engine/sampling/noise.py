"""Draws the noise of a picture from its seeds; on the CPU, so that every device has the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch

_PARALLEL: Final = 0.9995
"""Cosine above which two noises count as one direction."""


@dataclass(frozen=True)
class Seeds:
    """What one picture's noise comes from (A1111 modules/rng.py, ImageRNG)."""

    seed: int
    variation_seed: int = 0
    variation_strength: float = 0.0
    """0 is the seed's noise alone, 1 the variation seed's."""

    def generator(self) -> torch.Generator:
        """A fresh source of the picture's noise; the first that it gives is the start's."""
        return _source(self.seed)


def first_noise(
    seeds: Sequence[Seeds], sources: Sequence[torch.Generator], shape: Sequence[int]
) -> torch.Tensor:
    """The noise that each picture starts from, len(seeds) x `shape`, float32 on the CPU.

    `sources` are the seeds' generators, which give the noise of later steps too.
    """
    drawn = [torch.randn(shape, generator=source) for source in sources]
    return torch.stack([_varied(noise, one) for noise, one in zip(drawn, seeds, strict=True)])


def _source(seed: int) -> torch.Generator:
    return torch.Generator("cpu").manual_seed(seed)


def _varied(noise: torch.Tensor, seeds: Seeds) -> torch.Tensor:
    if not seeds.variation_strength:
        return noise
    other = torch.randn(noise.shape, generator=_source(seeds.variation_seed))
    return slerp(seeds.variation_strength, noise, other)


def slerp(share: float, low: torch.Tensor, high: torch.Tensor) -> torch.Tensor:
    """Between two noises (channels x height x width) on the arc, so that it stays as strong.

    Source: AUTOMATIC1111/stable-diffusion-webui modules/rng.py, which takes each column for a
    vector; nearly equal noises are mixed on the straight line, the shares the other way round.
    """
    cosine = (_unit(low) * _unit(high)).sum(1)
    if cosine.mean() > _PARALLEL:
        return low * share + high * (1 - share)
    angle = torch.acos(cosine).unsqueeze(1)
    mixed: torch.Tensor = (
        torch.sin((1 - share) * angle) * low + torch.sin(share * angle) * high
    ) / torch.sin(angle)
    return mixed


def _unit(noise: torch.Tensor) -> torch.Tensor:
    return noise / noise.norm(dim=1, keepdim=True)
