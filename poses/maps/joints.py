"""Finds the joints on an OpenPose map: bright discs in 18 hues, 20 degrees apart."""

import math
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from formats.openpose.skeleton import BODY_POINTS

HUE_STEP: Final = 360 / BODY_POINTS
_MIN_JOINT_BRIGHTNESS: Final = 0.8
"""Joints have full brightness, limbs 0.6 of it: the border lies half-way."""

_MIN_BRIGHTNESS: Final = 0.25
_MIN_SATURATION: Final = 0.55
"""Least saturation; a map as it is drawn has 1.0, JPEG blurs it."""

_MIN_AREA: Final = 0.12
"""Share of a whole disc: a blob with less is noise."""

_FULL_AREA: Final = 0.85
"""With this share of a disc its centre of mass is its centre."""

Grid: TypeAlias = NDArray[Any]
Floats: TypeAlias = NDArray[Any]
Pixel = tuple[int, int]


@dataclass(frozen=True)
class PixelLabels:
    """A map's pixels by kind, (H, W) each."""

    joints: Grid
    """Index of the joint whose colour a bright pixel has, -1 elsewhere."""
    limbs: Grid
    """Index of the limb whose colour a dimmer pixel has, -1 elsewhere."""
    not_black: NDArray[np.bool_]
    """Joints, limbs, and anything else on the black background."""


@dataclass(frozen=True)
class Joint:
    """A disc on the map."""

    index: int
    """Of the keypoint, 0-17."""
    x: float
    y: float
    visible_share: float
    """Share of the disc that no other covers, 0 to about 1."""


def classify_pixels(rgb: NDArray[np.uint8]) -> PixelLabels:
    """Label joints, limbs and background in an RGB image (H, W, 3)."""
    colours = rgb.astype(np.float32) / 255
    top, low = colours.max(-1), colours.min(-1)
    spread = top - low
    coloured = spread >= _MIN_SATURATION * top
    nearest = np.round(_hue(colours, top, spread) / HUE_STEP).astype(np.int8) % BODY_POINTS
    bright = coloured & (top >= _MIN_JOINT_BRIGHTNESS)
    dim = coloured & (top >= _MIN_BRIGHTNESS) & ~bright
    joints, limbs = (np.where(chosen, nearest, -1) for chosen in (bright, dim))
    return PixelLabels(joints, limbs, not_black=top >= _MIN_BRIGHTNESS)


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


def find_joints(pixels: PixelLabels) -> tuple[tuple[Joint, ...], float]:
    """All discs, and their radius in pixels; no discs give a radius of 0."""
    blobs = [(index, blob) for index in range(BODY_POINTS) for blob in _blobs(pixels, index)]
    if not blobs:
        return (), 0.0
    disc = float(np.quantile([len(blob) for _, blob in blobs if len(blob) > 2] or [1], 0.75))
    radius = math.sqrt(disc / math.pi)
    kept = [(i, blob) for i, blob in blobs if _is_disc(blob, disc, radius)]
    return tuple(_joint(pixels, index, blob, radius) for index, blob in kept), radius


def _blobs(pixels: PixelLabels, index: int) -> list[list[Pixel]]:
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
    return len(blob) >= max(3, _MIN_AREA * disc) and max(spans) <= 3 * radius + 1


def _joint(pixels: PixelLabels, index: int, blob: list[Pixel], radius: float) -> Joint:
    area = math.pi * radius**2
    visible_share = len(blob) / area
    x, y = (sum(values) / len(blob) for values in zip(*blob, strict=True))
    if visible_share < _FULL_AREA:
        x, y = _fit_disc(pixels, index, (x, y), radius)
    return Joint(index, x, y, visible_share)


def _fit_disc(
    pixels: PixelLabels, index: int, near: tuple[float, float], radius: float
) -> tuple[float, float]:
    """The centre of a disc that others cover in part.

    Searched in half pixels: a centre costs one for each pixel of the colour outside the disc, and
    for each pixel inside that neither has the colour nor can hide it.
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
