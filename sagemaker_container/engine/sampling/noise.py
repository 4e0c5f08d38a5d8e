"""Generates an image's noise from its seeds, on the CPU, so that it is the same on any device."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch

_PARALLEL: Final = 0.9995
"""Cosine above which two noises count as parallel."""


@dataclass(frozen=True)
class Seeds:
    """What an image's noise is generated from (A1111 modules/rng.py, ImageRNG)."""

    seed: int
    variation_seed: int = 0
    variation_strength: float = 0.0
    """0 is the seed's noise alone, 1 the variation seed's."""

    def generator(self) -> torch.Generator:
        """A new generator of the image's noise; the start noise comes first."""
        return _generator(self.seed)


def start_noise(
    seeds: Sequence[Seeds], generators: Sequence[torch.Generator], shape: Sequence[int]
) -> torch.Tensor:
    """The noise that each image starts from, len(seeds) x `shape`, float32 on the CPU.

    `generators` are the seeds' own; they also generate the noise of later steps.
    """
    noises = [torch.randn(shape, generator=generator) for generator in generators]
    pairs = zip(noises, seeds, strict=True)
    return torch.stack([_with_variation(noise, one) for noise, one in pairs])


def _generator(seed: int) -> torch.Generator:
    return torch.Generator("cpu").manual_seed(seed)


def _with_variation(noise: torch.Tensor, seeds: Seeds) -> torch.Tensor:
    if not seeds.variation_strength:
        return noise
    other = torch.randn(noise.shape, generator=_generator(seeds.variation_seed))
    return slerp(seeds.variation_strength, noise, other)


def slerp(share: float, low: torch.Tensor, high: torch.Tensor) -> torch.Tensor:
    """Spherical interpolation of two noises (channels x height x width), which keeps their norm.

    Source: AUTOMATIC1111/stable-diffusion-webui modules/rng.py, which treats each column as a
    vector, and mixes nearly equal noises linearly, with the shares exchanged.
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
