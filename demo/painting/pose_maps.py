"""Draws OpenPose maps in batches, as `formats.openpose.pose_map` does, and training variations."""

from typing import Final

import torch
from torch import Tensor

from demo.painting.rasterizer import padded_count, paint
from demo.painting.shapes import ALPHA, FIELDS, RED, SOFTNESS, Kind
from formats.openpose.pose_map import COLOURS, LIMB_BRIGHTNESS, LIMBS, limb_radius

_FACE: Final = slice(14, 18)
_EARS: Final = slice(16, 18)
_BORDER: Final = 0.5
"""Pillow paints the pixels on a shape's border too: half a pixel more each way."""
_SHARP: Final = 0.1
"""Softness of its edges, which it does not smooth."""


def draw_maps(points: Tensor, size: tuple[int, int], scale: float = 1.0) -> Tensor:
    """The product's drawing of skeletons (B, figures, 18, 2), as (B, 3, H, W) of 0-1.

    Points are in canvas units, `scale` pixels each; NaN where a joint is missing.
    """
    count = len(points)
    half = torch.full((count,), limb_radius(*size), device=points.device)
    bright = torch.full((count,), LIMB_BRIGHTNESS, device=points.device)
    return _rasterize(points * scale, size, half, bright)


def draw_varied_maps(points: Tensor, size: tuple[int, int], scale: float = 1.0) -> Tensor:
    """Maps as other programs draw them: thinner, brighter, with keypoints missing."""
    count, device = len(points), points.device
    half = limb_radius(*size) * torch.where(
        _random_mask(count, 0.5, device), 1.0, 0.5 + 0.75 * torch.rand(count, device=device)
    )
    bright = torch.where(_random_mask(count, 0.75, device), LIMB_BRIGHTNESS, 1.0)
    return _rasterize(_drop_keypoints(points) * scale, size, half, bright)


def _random_mask(count: int, share: float, device: torch.device) -> Tensor:
    return torch.rand(count, device=device) < share


def _drop_keypoints(points: Tensor) -> Tensor:
    """Some faces, some ears and one keypoint in a hundred removed."""
    count, device = len(points), points.device
    kept = torch.rand(points.shape[:3], device=device) > 0.012
    kept[:, :, _FACE] &= ~_random_mask(count, 0.15, device)[:, None, None]
    kept[:, :, _EARS] &= ~_random_mask(count, 0.2, device)[:, None, None]
    return points.where(kept[..., None], torch.nan)


def _rasterize(points: Tensor, size: tuple[int, int], half: Tensor, bright: Tensor) -> Tensor:
    """Later figures lie over earlier ones, all limbs of one under all its joints."""
    parts = []
    for figure in range(points.shape[1]):
        person = points[:, figure]
        parts += [_limbs(person, half, bright), _joints(person, half)]
    shapes = torch.cat(parts, 1)
    filler = shapes.new_zeros(len(shapes), padded_count(shapes.shape[1]) - shapes.shape[1], FIELDS)
    black = torch.zeros(len(points), 3, size[1], size[0], device=points.device)
    return paint(black, torch.cat((shapes, filler), 1), 1.0).clamp(0, 255) / 255


def _limbs(person: Tensor, half: Tensor, bright: Tensor) -> Tensor:
    ends = torch.tensor(LIMBS, device=person.device)
    start, end = person[:, ends[:, 0]], person[:, ends[:, 1]]
    known = ~(start + end).isnan().any(-1)
    start, end = start.nan_to_num(), end.nan_to_num()
    along, middle = end - start, (start + end) / 2
    length = along.norm(dim=-1).clamp(min=1e-3)
    shapes = _blank(person, len(LIMBS))
    shapes[..., 0] = Kind.ELLIPSE * known
    shapes[..., 1:3] = middle
    shapes[..., 3], shapes[..., 4] = length / 2 + _BORDER, half[:, None] + _BORDER
    shapes[..., 5:7] = along / length[..., None]
    colours = torch.tensor(COLOURS[: len(LIMBS)], device=person.device).float()
    shapes[..., RED:ALPHA] = colours * bright[:, None, None]
    return shapes


def _joints(person: Tensor, half: Tensor) -> Tensor:
    known = ~person.isnan().any(-1)
    shapes = _blank(person, len(COLOURS))
    shapes[..., 0] = Kind.ELLIPSE * known
    shapes[..., 1:3] = person.nan_to_num()
    shapes[..., 3] = shapes[..., 4] = half[:, None] + _BORDER
    shapes[..., 5] = 1.0
    shapes[..., RED:ALPHA] = torch.tensor(COLOURS, device=person.device).float()
    return shapes


def _blank(person: Tensor, count: int) -> Tensor:
    shapes = torch.zeros(len(person), count, FIELDS, device=person.device)
    shapes[..., ALPHA], shapes[..., SOFTNESS] = 1.0, _SHARP
    return shapes
