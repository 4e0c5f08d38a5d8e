"""Computes the simple metrics of the evaluation: shares, edge strength, brightness."""

from typing import Any

from torch import Tensor
from torch.nn import functional


def share(predicted: list[Any], expected: list[Any]) -> float:
    """The share of right predictions, 0 to 1."""
    right = sum(p == e for p, e in zip(predicted, expected, strict=True))
    return round(right / len(expected), 4)


def edge_strength(images: Tensor) -> float:
    """The mean squared horizontal gradient of images (B, 3, H, W) of -1 to 1, in gray."""
    gray = images.mean(1, keepdim=True)
    return round(float((gray[..., 1:] - gray[..., :-1]).square().mean()), 5)


def brightness(images: Tensor) -> float:
    """The mean of images (B, 3, H, W) of -1 to 1, as 0 to 1."""
    return round(float(functional.relu((images + 1) / 2).mean()), 4)
