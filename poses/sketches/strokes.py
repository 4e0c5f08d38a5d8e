"""Reads freehand strokes: the drawing of a canvas as polylines, and what their shapes are like."""

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


class Spot(NamedTuple):
    """A place on the canvas, pixels."""

    x: float
    y: float


Stroke = tuple[Spot, ...]


def strokes_of(drawing: Mapping[str, Any] | None) -> tuple[Stroke, ...]:
    """The strokes of a fabric.js drawing (`json_data` of streamlit-drawable-canvas 0.13).

    Freehand paths, straight lines and circles are read, where they were moved to; the rest is
    passed over. Raises PoseError for what is no drawing, or too large.
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
        spots = _path(each["path"])
    elif kind == "line":
        spots = (Spot(each["x1"], each["y1"]), Spot(each["x2"], each["y2"]))
    elif kind == "circle":
        spots = _circle(float(each["radius"]))
    else:
        return ()
    return _placed(each, tuple(Spot(float(x), float(y)) for x, y in spots))


def _path(commands: Sequence[Sequence[Any]]) -> Stroke:
    """The points of a path of M, L and Q, curves as short lines."""
    spots: list[Spot] = []
    for name, *numbers in commands:
        ends = [Spot(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
        if name == "Q" and spots:
            spots += _curve(spots[-1], *ends)
        elif name in {"M", "L"}:
            spots += ends
    return tuple(spots)


def _curve(start: Spot, control: Spot, end: Spot) -> list[Spot]:
    shares = [step / _CURVE_STEPS for step in range(1, _CURVE_STEPS + 1)]
    return [
        Spot(_bezier(start.x, control.x, end.x, t), _bezier(start.y, control.y, end.y, t))
        for t in shares
    ]


def _bezier(start: float, control: float, end: float, t: float) -> float:
    """A quadratic curve's coordinate at `t`, 0 to 1."""
    return start * (1 - t) ** 2 + 2 * control * t * (1 - t) + end * t**2


def _circle(radius: float) -> Stroke:
    turns = (2 * math.pi * step / _CIRCLE_STEPS for step in range(_CIRCLE_STEPS + 1))
    return tuple(Spot(radius * math.cos(turn), radius * math.sin(turn)) for turn in turns)


def _placed(each: Mapping[str, Any], spots: Stroke) -> Stroke:
    """Points as they lie on the canvas: fabric keeps them about the middle of their box, and
    says apart where that lies and how it was scaled, turned and flipped."""
    if not spots:
        return ()
    left, top, right, bottom = box(spots)
    middle = Spot((left + right) / 2, (top + bottom) / 2)
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
    offsets = (((spot.x - middle.x) * fx, (spot.y - middle.y) * fy) for spot in spots)
    return tuple(Spot(x + dx * cos - dy * sin, y + dx * sin + dy * cos) for dx, dy in offsets)


def _centre(each: Mapping[str, Any], names: tuple[str, str], size: float) -> float:
    position, origin = names
    return float(each[position]) + (0.5 - _ORIGINS[each.get(origin, "left")]) * size


def box(spots: Iterable[Spot]) -> tuple[float, float, float, float]:
    """Left, top, right, bottom."""
    xs, ys = zip(*spots, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def length(stroke: Stroke) -> float:
    """Along the stroke, in pixels."""
    return sum(math.dist(a, b) for a, b in pairwise(stroke))


def resampled(stroke: Stroke, count: int) -> Stroke:
    """`count` points at equal distances along the stroke, its ends included."""
    total = length(stroke)
    step, walked, spots = total / (count - 1), 0.0, [stroke[0]]
    for a, b in pairwise(stroke):
        part = math.dist(a, b)
        while part and len(spots) < count - 1 and walked + part >= step * len(spots):
            share = (step * len(spots) - walked) / part
            spots.append(Spot(a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share))
        walked += part
    return (*spots, *[stroke[-1]] * (count - len(spots)))


def roundness(stroke: Stroke) -> float:
    """1 for a closed circle, less for what is long, bent or open: 4π area / perimeter² of the
    closed outline, less the gap between the ends."""
    around = length((*stroke, stroke[0]))
    twice = sum(a.x * b.y - b.x * a.y for a, b in pairwise((*stroke, stroke[0])))
    gap = math.dist(stroke[0], stroke[-1])
    return max(0.0, 2 * math.pi * abs(twice) / max(around, 1e-9) ** 2 - gap / max(around, 1e-9))


def middle(stroke: Stroke) -> Spot:
    """The mean of the stroke's points, equally spaced."""
    spots = resampled(stroke, 64)
    return Spot(sum(s.x for s in spots) / len(spots), sum(s.y for s in spots) / len(spots))
