"""Rasterizes shapes in batches: signed distances in PyTorch, compiled where there is a GPU.

Distances follow I. Quilez, "2D distance functions" (the ellipse's is a first-order estimate).
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

import torch
from torch import Tensor

from demo.painting.shapes import ALPHA, FIELDS, RED, SOFTNESS, Kind

STEP: Final = 8
"""Shapes painted in one fused pass over the image."""

_TINY: Final = 1e-6
_CAPSULE, _ELLIPSE, _TRIANGLE = (float(k) for k in (Kind.CAPSULE, Kind.ELLIPSE, Kind.TRIANGLE))


def paint(image: Tensor, shapes: Tensor, scale: float) -> Tensor:
    """Paint shapes (B, N, fields) in order on images (B, 3, H, W) of 0-255.

    `scale` is pixels per unit of the shapes. N must be a multiple of `STEP`.
    """
    step = _compiled() if image.is_cuda else _paint_step
    for start in range(0, shapes.shape[1], STEP):
        image = step(image, shapes[:, start : start + STEP].contiguous(), scale)
    return image


@lru_cache(maxsize=1)
def _compiled() -> Callable[[Tensor, Tensor, float], Tensor]:
    return torch.compile(_paint_step, dynamic=False)


def padded_count(count: int) -> int:
    """The next multiple of `STEP`."""
    return -(-count // STEP) * STEP


def sky(colours: Tensor, size: tuple[int, int]) -> Tensor:
    """Images (B, 3, H, W), a gradient from the top to the bottom colour; (B, 2, 3) of 0-255."""
    width, height = size
    rows = (torch.arange(height, device=colours.device) + 0.5) / height
    blend = torch.lerp(colours[:, 0, :, None], colours[:, 1, :, None], rows)
    return blend[..., None].expand(-1, -1, -1, width).contiguous()


def _paint_step(image: Tensor, shapes: Tensor, scale: float) -> Tensor:
    height, width = image.shape[-2:]
    y = ((torch.arange(height, device=image.device) + 0.5) / scale).view(1, height, 1)
    x = ((torch.arange(width, device=image.device) + 0.5) / scale).view(1, 1, width)
    for i in range(shapes.shape[1]):
        field = shapes[:, i, :, None, None]
        distance = _distance(field, x, y)
        cover = (0.5 - distance * scale / (2 * field[:, SOFTNESS])).clamp(0, 1)
        cover = cover * field[:, ALPHA] * (field[:, 0] > 0)
        colour = field[:, RED:ALPHA]
        image = image + (colour - image) * cover.unsqueeze(1)
    return image


def _distance(field: Tensor, x: Tensor, y: Tensor) -> Tensor:
    kind = field[:, 0]
    straight = torch.where(kind == _CAPSULE, _capsule(field, x, y), _triangle(field, x, y))
    turned = torch.where(kind == _ELLIPSE, _ellipse(field, x, y), _box(field, x, y))
    return torch.where((kind == _CAPSULE) | (kind == _TRIANGLE), straight, turned)


def _segment(
    x: Tensor, y: Tensor, start: tuple[Tensor, Tensor], end: tuple[Tensor, Tensor]
) -> tuple[Tensor, Tensor, Tensor]:
    """Squared distance to a segment, the share along it, and the side the point lies on."""
    dx, dy = end[0] - start[0], end[1] - start[1]
    px, py = x - start[0], y - start[1]
    along = ((px * dx + py * dy) / (dx * dx + dy * dy + _TINY)).clamp(0, 1)
    ex, ey = px - dx * along, py - dy * along
    return ex * ex + ey * ey, along, dx * py - dy * px


def _capsule(f: Tensor, x: Tensor, y: Tensor) -> Tensor:
    square, along, _ = _segment(x, y, (f[:, 1], f[:, 2]), (f[:, 3], f[:, 4]))
    return square.sqrt() - (f[:, 7] + (f[:, 8] - f[:, 7]) * along)


def _triangle(f: Tensor, x: Tensor, y: Tensor) -> Tensor:
    corners = [(f[:, 1], f[:, 2]), (f[:, 3], f[:, 4]), (f[:, 5], f[:, 6])]
    sides = [_segment(x, y, corners[i], corners[(i + 1) % 3]) for i in range(3)]
    (a, _, ca), (b, _, cb), (c, _, cc) = sides
    edge = torch.minimum(torch.minimum(a, b), c).sqrt()
    inside = ((ca >= 0) & (cb >= 0) & (cc >= 0)) | ((ca <= 0) & (cb <= 0) & (cc <= 0))
    return torch.where(inside, -edge, edge) - f[:, 7]


def _local(f: Tensor, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    px, py = x - f[:, 1], y - f[:, 2]
    return px * f[:, 5] + py * f[:, 6], py * f[:, 5] - px * f[:, 6]


def _ellipse(f: Tensor, x: Tensor, y: Tensor) -> Tensor:
    along, across = _local(f, x, y)
    u, v = along / (f[:, 3].abs() + _TINY), across / (f[:, 4].abs() + _TINY)
    near = (u * u + v * v + 1e-9).sqrt()
    u, v = u / (f[:, 3].abs() + _TINY), v / (f[:, 4].abs() + _TINY)
    return near * (near - 1) / (u * u + v * v + 1e-9).sqrt()


def _box(f: Tensor, x: Tensor, y: Tensor) -> Tensor:
    along, across = _local(f, x, y)
    u, v = along.abs() - f[:, 3] + f[:, 7], across.abs() - f[:, 4] + f[:, 7]
    outside = (u.clamp(min=0) ** 2 + v.clamp(min=0) ** 2 + 1e-12).sqrt()
    return outside + torch.maximum(u, v).clamp(max=0) - f[:, 7]


def stack_shapes(shapes: list[tuple[tuple[float, ...], ...]], count: int) -> Tensor:
    """Lists of shapes as one tensor (B, count, fields), empty records at the end."""
    out = torch.zeros(len(shapes), count, FIELDS)
    for row, listed in zip(out, shapes, strict=True):
        if listed:
            row[: len(listed)] = torch.tensor(listed[:count])
    return out
