"""Reads a stroke as one limb or two, and finds where it meets the torso."""

import math
from dataclasses import dataclass
from typing import Final

from poses.sketches.strokes import PenPoint, Stroke

_SPLIT: Final = 0.25
_TOUCH: Final = 0.3
"""A stroke is two limbs when it crosses or meets the torso (within this many torso lengths) with
at least a quarter of itself on each side."""

_AMBIGUOUS: Final = 0.6
"""A limb whose both ends are so near, in torso lengths, may begin at either."""

Axis = tuple[PenPoint, PenPoint]
"""A torso's line: the neck's end and the hips'."""


@dataclass(frozen=True)
class Limb:
    """An arm or a leg, from the torso outwards, `SAMPLES` points or so."""

    points: Stroke
    along: float
    """Where it meets the torso: 0 at the neck, 1 at the hips."""
    distance: float
    """From its first point to the torso, in torso lengths."""


def limb_options(stroke: Stroke, torso: Axis, size: float) -> list[list[Limb]]:
    """The ways to read a stroke: as two limbs where it crosses the torso's line or passes its end,
    else as one that starts at its nearer end, or at either."""
    nearest = min(range(len(stroke)), key=lambda i: to_axis(stroke[i], torso)[0])
    distance = to_axis(stroke[nearest], torso)[0]
    share = nearest / (len(stroke) - 1)
    if _SPLIT <= share <= 1 - _SPLIT and distance <= _TOUCH * size:
        halves = (stroke[: nearest + 1][::-1], stroke[nearest:])
        return [[_limb(half, torso, size) for half in halves]]
    ways = sorted(
        (_limb(way, torso, size) for way in (stroke, stroke[::-1])), key=lambda limb: limb.distance
    )
    return [[way] for way in ways[: 2 if ways[1].distance <= _AMBIGUOUS else 1]]


def _limb(points: Stroke, torso: Axis, size: float) -> Limb:
    distance, along = to_axis(points[0], torso)
    return Limb(points, along, distance / size)


def to_axis(point: PenPoint, axis: Axis) -> tuple[float, float]:
    """Distance to the torso's line, and where along it the nearest point lies, 0 to 1."""
    (ax, ay), (bx, by) = axis
    dx, dy = bx - ax, by - ay
    along = ((point.x - ax) * dx + (point.y - ay) * dy) / max(dx * dx + dy * dy, 1e-9)
    along = min(1.0, max(0.0, along))
    return math.hypot(point.x - ax - dx * along, point.y - ay - dy * along), along
