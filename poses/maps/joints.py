"""Finds the joints on an OpenPose map: bright discs in 18 hues, 20 degrees apart."""

import math
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from formats.openpose.skeleton import BODY_POINTS

HUE_STEP: Final = 360 / BODY_POINTS
_BRIGHT: Final = 0.8
"""Joints have full brightness, limbs 0.6 of it: the border lies half-way."""

_DARK: Final = 0.25
_COLOURED: Final = 0.55
"""Least saturation; the drawing has 1.0, JPEG blurs it."""

_LEAST_AREA: Final = 0.12
"""Of a whole disc: less of a joint showing is noise."""

_WHOLE_AREA: Final = 0.85
"""From this much of a disc its centre of mass is its centre."""

Grid: TypeAlias = NDArray[Any]
Floats: TypeAlias = NDArray[Any]
Pixel = tuple[int, int]


@dataclass(frozen=True)
class Pixels:
    """A map's pixels by kind, (H, W) each."""

    joints: Grid
    """Index of the joint whose colour a bright pixel has, -1 elsewhere."""
    limbs: Grid
    """Index of the limb whose colour a dimmer pixel has, -1 elsewhere."""
    painted: NDArray[np.bool_]
    """What is not black."""


@dataclass(frozen=True)
class Joint:
    """A disc on the map."""

    index: int
    """Of the keypoint, 0-17."""
    x: float
    y: float
    whole: float
    """How much of the disc shows, 0 to about 1."""


def sort_pixels(rgb: NDArray[np.uint8]) -> Pixels:
    """Tell joints, limbs and ground apart in an image (H, W, 3)."""
    colours = rgb.astype(np.float32) / 255
    top, low = colours.max(-1), colours.min(-1)
    spread = top - low
    coloured = spread >= _COLOURED * top
    nearest = np.round(_hue(colours, top, spread) / HUE_STEP).astype(np.int8) % BODY_POINTS
    bright = coloured & (top >= _BRIGHT)
    dim = coloured & (top >= _DARK) & ~bright
    return Pixels(np.where(bright, nearest, -1), np.where(dim, nearest, -1), top >= _DARK)


def _hue(colours: Floats, top: Floats, spread: Floats) -> Floats:
    """Hue in degrees (the usual HSV hexagon)."""
    red, green, blue = (colours[..., i] for i in range(3))
    safe = np.maximum(spread, 1e-6)
    hue = np.where(
        top == red,
        (green - blue) / safe % 6,
        np.where(top == green, (blue - red) / safe + 2, (red - green) / safe + 4),
    )
    degrees: Floats = hue * 60
    return degrees


def find_joints(pixels: Pixels) -> tuple[tuple[Joint, ...], float]:
    """All discs, and their radius in pixels; no discs give a radius of 0."""
    blobs = [(index, blob) for index in range(BODY_POINTS) for blob in _blobs(pixels, index)]
    if not blobs:
        return (), 0.0
    disc = float(np.quantile([len(blob) for _, blob in blobs if len(blob) > 2] or [1], 0.75))
    radius = math.sqrt(disc / math.pi)
    kept = [(i, blob) for i, blob in blobs if _is_disc(blob, disc, radius)]
    return tuple(_joint(pixels, index, blob, radius) for index, blob in kept), radius


def _blobs(pixels: Pixels, index: int) -> list[list[Pixel]]:
    """The connected pixels (8 neighbours) of one joint's colour, as (x, y)."""
    rows, columns = np.nonzero(pixels.joints == index)
    left = set(zip(columns.tolist(), rows.tolist(), strict=True))
    blobs = []
    while left:
        blob, edge = [], [left.pop()]
        while edge:
            x, y = edge.pop()
            blob.append((x, y))
            near = {(x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= near
            edge.extend(near)
        blobs.append(sorted(blob))
    return sorted(blobs)


def _is_disc(blob: list[Pixel], disc: float, radius: float) -> bool:
    """Large enough for a joint, and no longer than one: edges of hands are thin and long."""
    spans = [max(values) - min(values) + 1 for values in zip(*blob, strict=True)]
    return len(blob) >= max(3, _LEAST_AREA * disc) and max(spans) <= 3 * radius + 1


def _joint(pixels: Pixels, index: int, blob: list[Pixel], radius: float) -> Joint:
    area = math.pi * radius**2
    whole = len(blob) / area
    x, y = (sum(values) / len(blob) for values in zip(*blob, strict=True))
    if whole < _WHOLE_AREA:
        x, y = _fitted(pixels, index, (x, y), radius)
    return Joint(index, x, y, whole)


def _fitted(
    pixels: Pixels, index: int, near: tuple[float, float], radius: float
) -> tuple[float, float]:
    """The centre of a disc that others cover in part.

    Tried in half pixels: each pixel of the colour outside the disc speaks against a centre, and
    so does each pixel inside that neither has the colour nor can hide it.
    """
    columns, rows, values = _window(pixels.joints, near, 3 * radius)
    own = values == index
    hidden = (values >= 0) & ~own
    reach = math.ceil(2 * radius)
    steps = np.arange(-reach, reach + 1) / 2
    x, y = (near[i] + grid.reshape(-1, 1, 1) for i, grid in enumerate(np.meshgrid(steps, steps)))
    inside = (columns - x) ** 2 + (rows - y) ** 2 <= radius**2
    costs = (own & ~inside).sum((1, 2)) + (inside & ~own & ~hidden).sum((1, 2))
    best = costs == costs.min()
    return float(x[best].mean()), float(y[best].mean())


def _window(grid: Grid, near: tuple[float, float], reach: float) -> tuple[Grid, Grid, Grid]:
    """Columns, rows and values of a square about a point, cut at the image's edge."""
    left, top = (max(0, math.floor(value - reach)) for value in near)
    part = grid[top : math.ceil(near[1] + reach) + 1, left : math.ceil(near[0] + reach) + 1]
    places: Grid = np.indices(part.shape)
    return places[1] + left, places[0] + top, part
