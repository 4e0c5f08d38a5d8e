"""Measures how well a figure on a plain background covers the skeleton that it should follow.

A pixel belongs to a figure when it differs from the background, or is enclosed by such pixels. It
works for any creature, where a detector of people finds nobody.
"""

import math
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from formats.openpose.pose_map import LIMBS
from formats.openpose.skeleton import Person, Point, Skeleton
from poses.scores.mask_holes import Mask, fill_holes
from poses.scores.plain_background import foreground, is_plain

BODY_LIMBS: Final = LIMBS[:13]
"""Arms, legs, spine and neck; without the lines of the face."""

_SIDE: Final = 512
"""Larger images are measured in this size."""

CORE: Final = 0.012
BODY: Final = 0.055
NEAR: Final = 0.10
"""Distances to a bone, as shares of the figure's height."""

_HEIGHT: Final = 3.68
"""Figure heights a spine (neck to the middle of the hips)."""

_SPINE_OF_SHOULDERS: Final = 1.45
_SPINE_OF_NECK: Final = 2.5
"""Spines a shoulder width, and a neck-to-nose, for figures without hips."""

_HEAD: Final = 0.8
_AROUND_HEAD: Final = 1.6
"""The head's radius in neck-to-nose lengths, and what still lies near it in radii."""


@dataclass(frozen=True)
class MaskScores:
    """Shares of 0 to 1."""

    cover: float
    """Of the bones' core, the share in the mask."""
    inside: float
    """Of the mask, the share near the bones."""
    iou: float
    """Intersection over union of the mask and one drawn of limbs and heads."""

    @property
    def balance(self) -> float:
        """The harmonic mean of cover and inside: high only when both are."""
        return 2 * self.cover * self.inside / max(self.cover + self.inside, 1e-9)


def measure(image: Image.Image, requested: Skeleton) -> MaskScores | None:
    """Measure an image; None where its background is not plain, or a figure has no size."""
    small = image.convert("RGB")
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    mask = foreground(np.asarray(small, np.float32) / 255)
    if not is_plain(mask):
        return None
    fx, fy = small.width / requested.width, small.height / requested.height
    people = [person.scaled(fx, fy) for person in requested.people]
    heights = [figure_height(person) for person in people]
    if not people or any(height is None for height in heights):
        return None
    figures = [(p, height) for p, height in zip(people, heights, strict=True) if height]
    mask = fill_holes(mask)
    core, body, near = _masks(figures, mask.shape)
    return MaskScores(
        _share(core & mask, core), _share(near & mask, mask), _share(body & mask, body | mask)
    )


def _share(part: Mask, whole: Mask) -> float:
    return float(part.sum() / max(1, whole.sum()))


def figure_height(person: Person) -> float | None:
    """The stature that the trunk speaks of, in pixels; None where too little of it shows."""
    nose, neck, right, left = (person.visible()[i] for i in (0, 1, 2, 5))
    hips = [point for point in (person.visible()[8], person.visible()[11]) if point]
    if neck and hips:
        x, y = (sum(getattr(p, axis) for p in hips) / len(hips) for axis in "xy")
        return _HEIGHT * math.hypot(neck.x - x, neck.y - y) or None
    if right and left:
        return (
            _HEIGHT * _SPINE_OF_SHOULDERS * math.hypot(left.x - right.x, left.y - right.y) or None
        )
    if nose and neck:
        return _HEIGHT * _SPINE_OF_NECK * math.hypot(nose.x - neck.x, nose.y - neck.y) or None
    return None


def _masks(figures: list[tuple[Person, float]], size: tuple[int, ...]) -> tuple[Mask, Mask, Mask]:
    """The bones' core, limbs and heads, and what is near; of all figures together."""
    core, body, near = (np.zeros(size, np.bool_) for _ in range(3))
    for person, height in figures:
        bones, (head, radius) = _bone_distance(person, size), _head_distance(person, size)
        core |= bones < CORE * height
        body |= (bones < BODY * height) | (head < radius)
        near |= (bones < NEAR * height) | (head < _AROUND_HEAD * radius)
    return core, body, near


Distance: TypeAlias = NDArray[Any]


def _axes(size: tuple[int, ...]) -> tuple[Distance, Distance]:
    """Middles of the pixels, across (1, W) and down (H, 1)."""
    return np.arange(size[1])[None] + 0.5, np.arange(size[0])[:, None] + 0.5


def _bone_distance(person: Person, size: tuple[int, ...]) -> Distance:
    points = person.visible()
    nearest = np.full(size, np.inf)
    for start, end in BODY_LIMBS:
        a, b = points[start], points[end]
        if a and b:
            nearest = np.minimum(nearest, _segment_distance(a, b, size))
    return nearest


def _segment_distance(a: Point, b: Point, size: tuple[int, ...]) -> Distance:
    x, y = _axes(size)
    dx, dy = b.x - a.x, b.y - a.y
    along = np.clip(((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy + 1e-6), 0, 1)
    distance: Distance = np.hypot(x - a.x - dx * along, y - a.y - dy * along)
    return distance


def _head_distance(person: Person, size: tuple[int, ...]) -> tuple[Distance, float]:
    """Distance to the head's middle, and its radius; 0 without nose or neck."""
    nose, neck = person.visible()[:2]
    x, y = _axes(size)
    if nose is None or neck is None:
        return np.full(size, np.inf), 0.0
    return np.hypot(x - nose.x, y - nose.y), _HEAD * math.hypot(nose.x - neck.x, nose.y - neck.y)
