"""Measures how well a painted figure covers the skeleton it was asked to follow.

The ground must be plain; what belongs to a figure, `poses.plain_background` says.
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from poses.scores import plain_background
from poses.scores.figure_mask import BODY, BODY_LIMBS, CORE, NEAR
from poses.scores.mask_holes import fill_holes

_HEIGHT: Final = 3.68
"""Figure heights a spine (neck to pelvis)."""


@dataclass(frozen=True)
class PoseScores:
    """Shares of 0 to 1 for each image, tensors of (B,)."""

    cover: Tensor
    """Of the bones' core, how much is painted."""
    inside: Tensor
    """Of the paint, how much lies near the bones."""
    overlap: Tensor
    """Intersection over union of the paint and a mask of limbs and heads."""

    def means(self) -> dict[str, float]:
        """The three means."""
        values = {"cover": self.cover, "inside": self.inside, "iou": self.overlap}
        return {name: round(float(value.mean()), 4) for name, value in values.items()}


def foreground(images: Tensor) -> Tensor:
    """Where figures are painted: (B, H, W) of bool, from (B, 3, H, W) of -1 to 1."""
    colours = ((images + 1) / 2).movedim(1, -1).cpu().numpy()
    masks = [torch.from_numpy(plain_background.foreground(one)) for one in colours]
    return torch.stack(masks).to(images.device)


def measure(images: Tensor, points: Tensor) -> PoseScores:
    """Score images (B, 3, H, W) against skeletons (B, figures, 18, 2) in their pixels.

    Absent figures are NaN. Every figure present needs its body's joints.
    """
    core, body, near = _masks(points, (images.shape[-2], images.shape[-1]))
    paint = _without_holes(foreground(images))

    def share(part: Tensor, whole: Tensor) -> Tensor:
        return part.float().sum((1, 2)) / whole.float().sum((1, 2)).clamp(min=1)

    return PoseScores(
        share(core & paint, core), share(near & paint, paint), share(body & paint, body | paint)
    )


def _without_holes(paint: Tensor) -> Tensor:
    filled = [torch.from_numpy(fill_holes(one)) for one in paint.cpu().numpy()]
    return torch.stack(filled).to(paint.device)


def _masks(points: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
    shape = (len(points), *size)
    masks = [torch.zeros(shape, dtype=torch.bool, device=points.device) for _ in range(3)]
    for figure in range(points.shape[1]):
        person = points[:, figure]
        bones, height = _bone_distance(person, size), _height(person)
        head, radius = _head_distance(person, size)
        masks[0] |= bones < CORE * height
        masks[1] |= (bones < BODY * height) | (head < radius)
        masks[2] |= (bones < NEAR * height) | (head < 1.6 * radius)
    return masks[0], masks[1], masks[2]


def _height(person: Tensor) -> Tensor:
    pelvis = (person[:, 8] + person[:, 11]) / 2
    return _HEIGHT * (pelvis - person[:, 1]).norm(dim=-1).view(-1, 1, 1)


def _axes(size: tuple[int, int], device: torch.device) -> tuple[Tensor, Tensor]:
    y = torch.arange(size[0], device=device).view(1, -1, 1) + 0.5
    return torch.arange(size[1], device=device).view(1, 1, -1) + 0.5, y


def _bone_distance(person: Tensor, size: tuple[int, int]) -> Tensor:
    x, y = _axes(size, person.device)
    nearest = torch.full((len(person), *size), torch.inf, device=person.device)
    for start, end in BODY_LIMBS:
        ax, ay = (person[:, start, i].view(-1, 1, 1) for i in range(2))
        dx, dy = (person[:, end, i].view(-1, 1, 1) - a for i, a in enumerate((ax, ay)))
        along = (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy + 1e-6)).clamp(0, 1)
        distance = ((x - ax - dx * along) ** 2 + (y - ay - dy * along) ** 2).sqrt()
        nearest = torch.minimum(nearest, distance.nan_to_num(torch.inf))
    return nearest


def _head_distance(person: Tensor, size: tuple[int, int]) -> tuple[Tensor, Tensor]:
    x, y = _axes(size, person.device)
    nose, neck = person[:, 0], person[:, 1]
    radius = 0.8 * (nose - neck).norm(dim=-1).view(-1, 1, 1)
    dx, dy = x - nose[:, 0].view(-1, 1, 1), y - nose[:, 1].view(-1, 1, 1)
    return (dx**2 + dy**2).sqrt().nan_to_num(torch.inf), radius
