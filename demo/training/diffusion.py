"""Owns the diffusion: SD1's noise schedule, the loss, and batches of latents from buckets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from demo.painting.scenes import MAX_FIGURES
from demo.training.scene_arrays import SceneArrays
from demo.training.settings import LATENT, ResolutionBucket, TrainingRun
from demo.training.tokens import LENGTH
from demo.training.training_loop import DEVICE

STEPS: Final = 1000
BETAS: Final = (0.00085, 0.012)
"""SD1's scaled-linear schedule (CompVis v1-inference.yaml: linear_start, linear_end)."""
_OFFSET: Final = 0.05
"""A little noise that is constant over a channel, for flat dark and light grounds."""


@dataclass(frozen=True)
class NoiseSchedule:
    """Shares of image and noise at each step, and the loss's weight there."""

    signal: Tensor
    noise: Tensor
    weight: Tensor

    @staticmethod
    def sd1() -> "NoiseSchedule":
        """Weights are min(1 + 1/SNR, 15), scaled to a mean of one.

        1 + 1/SNR is the weight that a velocity loss gives (Salimans and Ho, 2022, appendix D).
        """
        betas = torch.linspace(BETAS[0] ** 0.5, BETAS[1] ** 0.5, STEPS, dtype=torch.float64) ** 2
        alphas_cumprod = torch.cumprod(1 - betas, 0).float().to(DEVICE)
        weight = (1 + (1 - alphas_cumprod) / alphas_cumprod).clamp(max=15)
        return NoiseSchedule(
            alphas_cumprod.sqrt(), (1 - alphas_cumprod).sqrt(), weight / weight.mean()
        )


@dataclass
class LatentBatch:
    """Some latents with their words, joints and size."""

    latents: Tensor
    words: Tensor
    """Rows (B, 2, 77): the caption, and the one that seldom names the pose."""
    points: Tensor
    bucket: ResolutionBucket


class LatentDataset:
    """Latents of one bucket with their words and joints, held on the device."""

    def __init__(
        self, bucket: ResolutionBucket, latents: Tensor, words: Tensor, points: Tensor
    ) -> None:
        self.bucket, self.latents, self.words, self.points = bucket, latents, words, points

    @staticmethod
    def open(run: TrainingRun, name: str) -> "LatentDataset":
        """Wait for the bucket's latents and load them."""
        run.wait(f"latents-{name}")
        bucket = run.settings.bucket(name)
        latents = torch.load(run.folder / f"latents-{name}.pt", map_location=DEVICE)
        scenes, count = SceneArrays.open(run, bucket.scenes), len(latents)
        return LatentDataset(
            bucket, latents, scenes.tensor("words", count), scenes.tensor("points", count)
        )

    @staticmethod
    def blank(run: TrainingRun, name: str, batch: int) -> "LatentDataset":
        """Random latents of the bucket's shape, to compile with before the real ones exist."""
        bucket = run.settings.bucket(name)
        width, height = bucket.size
        count = bucket.batch(batch)
        latents = torch.randn(count, 4, height // LATENT, width // LATENT, device=DEVICE)
        words = torch.zeros(count, 2, LENGTH, dtype=torch.int16, device=DEVICE)
        points = torch.rand(count, MAX_FIGURES, 18, 2, device=DEVICE) * min(bucket.canvas)
        return LatentDataset(bucket, latents.half(), words, points)

    def sample(self, count: int) -> LatentBatch:
        """A random batch."""
        rows = torch.randint(len(self.words), (count,), device=DEVICE)
        latents = self.latents[rows].float()
        return LatentBatch(latents, self.words[rows].long(), self.points[rows], self.bucket)


Predict = Callable[[Tensor, Tensor], Tensor]
"""From noisy latents and steps to the noise."""


def noise_loss(schedule: NoiseSchedule, latents: Tensor, predict: Predict) -> Tensor:
    """The weighted square error of the predicted noise."""
    count = len(latents)
    steps = torch.randint(0, STEPS, (count,), device=DEVICE)
    noise = torch.randn_like(latents) + _OFFSET * torch.randn(count, 4, 1, 1, device=DEVICE)
    shares = schedule.signal[steps], schedule.noise[steps]
    signal, spread = (share.view(-1, 1, 1, 1) for share in shares)
    noisy = (signal * latents + spread * noise).contiguous(memory_format=torch.channels_last)
    error = (predict(noisy, steps).float() - noise).square().mean((1, 2, 3))
    return (schedule.weight[steps] * error).mean()


def choose_captions(words: Tensor, shares: tuple[float, float], empty: Tensor) -> Tensor:
    """One caption each: the full one, the one without pose, or none, by the first two shares."""
    random = torch.rand(len(words), 1, device=words.device)
    full, poseless = shares
    caption = torch.where(random < full, words[:, 0], words[:, 1])
    return torch.where(random < full + poseless, caption, empty)
