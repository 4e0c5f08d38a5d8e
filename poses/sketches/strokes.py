"""Freehand strokes: read from a canvas as polylines, and measured."""

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

from formats.openpose.skeleton import PoseError

MAX_STROKES: Final = 200
MAX_POINTS: Final = 20_000
_CURVE_STEPS: Final = 4
_CIRCLE_STEPS: Final = 32
_ORIGINS: Final = {"left": 0.0, "top": 0.0, "center": 0.5, "right": 1.0, "bottom": 1.0}


class PenPoint(NamedTuple):
    """A point of a stroke, in pixels of the canvas."""

    x: float
    y: float


Stroke = tuple[PenPoint, ...]


def read_strokes(drawing: Mapping[str, Any] | None) -> tuple[Stroke, ...]:
    """The strokes of a drawing, in the fields of fabric.js.

    Freehand paths, straight lines and circles are read, where they were moved to; the rest is
    ignored. Raises PoseError for what is no drawing, or too large.
    """
    objects = (drawing or {}).get("objects", [])
    if not isinstance(objects, list) or len(objects) > MAX_STROKES:
        raise PoseError(f"A sketch has up to {MAX_STROKES} strokes. Clear it and draw fewer.")
    try:
        strokes = [_stroke(each) for each in objects]
    except (TypeError, ValueError, KeyError, IndexError, AttributeError) as error:
        raise PoseError("The drawing can't be read. Clear it and draw again.") from error
    if sum(len(stroke) for stroke in strokes) > MAX_POINTS:
        raise PoseError("The sketch has too many points. Clear it and draw fewer strokes.")
    return tuple(stroke for stroke in strokes if len(stroke) > 1)


def _stroke(each: Mapping[str, Any]) -> Stroke:
    kind = str(each.get("type", "")).lower()
    if kind == "path":
        points = _path(each["path"])
    elif kind == "line":
        points = (PenPoint(each["x1"], each["y1"]), PenPoint(each["x2"], each["y2"]))
    elif kind == "circle":
        points = _circle(float(each["radius"]))
    else:
        return ()
    return _transform(each, tuple(PenPoint(float(x), float(y)) for x, y in points))


def _path(commands: Sequence[Sequence[Any]]) -> Stroke:
    """The points of a path of M, L and Q, curves as short lines."""
    points: list[PenPoint] = []
    for name, *numbers in commands:
        ends = [PenPoint(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
        if name == "Q" and points:
            points += _curve(points[-1], *ends)
        elif name in {"M", "L"}:
            points += ends
    return tuple(points)


def _curve(start: PenPoint, control: PenPoint, end: PenPoint) -> list[PenPoint]:
    shares = [step / _CURVE_STEPS for step in range(1, _CURVE_STEPS + 1)]
    return [
        PenPoint(_bezier(start.x, control.x, end.x, t), _bezier(start.y, control.y, end.y, t))
        for t in shares
    ]


def _bezier(start: float, control: float, end: float, t: float) -> float:
    """A quadratic curve's coordinate at `t`, 0 to 1."""
    return start * (1 - t) ** 2 + 2 * control * t * (1 - t) + end * t**2


def _circle(radius: float) -> Stroke:
    turns = (2 * math.pi * step / _CIRCLE_STEPS for step in range(_CIRCLE_STEPS + 1))
    return tuple(PenPoint(radius * math.cos(turn), radius * math.sin(turn)) for turn in turns)


def _transform(each: Mapping[str, Any], points: Stroke) -> Stroke:
    """Points in pixels of the canvas: fabric stores them relative to the centre of their box,
    beside the place, scale, rotation and flip of that box."""
    if not points:
        return ()
    left, top, right, bottom = bounding_box(points)
    centre = PenPoint((left + right) / 2, (top + bottom) / 2)
    scale_x, scale_y = float(each.get("scaleX", 1)), float(each.get("scaleY", 1))
    stroke = float(each.get("strokeWidth", 0))
    x = _centre(each, ("left", "originX"), (right - left + stroke) * scale_x)
    y = _centre(each, ("top", "originY"), (bottom - top + stroke) * scale_y)
    fx, fy = (
        (-scale_x if each.get("flipX") else scale_x),
        (-scale_y if each.get("flipY") else scale_y),
    )
    turn = math.radians(float(each.get("angle", 0)))
    cos, sin = math.cos(turn), math.sin(turn)
    offsets = (((point.x - centre.x) * fx, (point.y - centre.y) * fy) for point in points)
    return tuple(PenPoint(x + dx * cos - dy * sin, y + dx * sin + dy * cos) for dx, dy in offsets)


def _centre(each: Mapping[str, Any], names: tuple[str, str], size: float) -> float:
    position, origin = names
    return float(each[position]) + (0.5 - _ORIGINS[each.get(origin, "left")]) * size


def bounding_box(points: Iterable[PenPoint]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def length(stroke: Stroke) -> float:
    """The length of the stroke, in pixels."""
    return sum(math.dist(a, b) for a, b in pairwise(stroke))


def resample(stroke: Stroke, count: int) -> Stroke:
    """`count` points at equal distances along the stroke, its ends included."""
    total = length(stroke)
    step, walked, points = total / (count - 1), 0.0, [stroke[0]]
    for a, b in pairwise(stroke):
        part = math.dist(a, b)
        while part and len(points) < count - 1 and walked + part >= step * len(points):
            share = (step * len(points) - walked) / part
            points.append(PenPoint(a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share))
        walked += part
    return (*points, *[stroke[-1]] * (count - len(points)))


def roundness(stroke: Stroke) -> float:
    """1 for a closed circle, less for a stroke that is long, bent or open: 4π area / perimeter² of
    the closed outline, less the gap between the ends."""
    around = length((*stroke, stroke[0]))
    twice = sum(a.x * b.y - b.x * a.y for a, b in pairwise((*stroke, stroke[0])))
    gap = math.dist(stroke[0], stroke[-1])
    return max(0.0, 2 * math.pi * abs(twice) / max(around, 1e-9) ** 2 - gap / max(around, 1e-9))


def centroid(stroke: Stroke) -> PenPoint:
    """The mean of the stroke's points, equally spaced."""
    points = resample(stroke, 64)
    return PenPoint(sum(s.x for s in points) / len(points), sum(s.y for s in points) / len(points))
