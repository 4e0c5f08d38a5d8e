"""Classifies the strokes of a sketch as head, torso, arms and legs."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from typing import Final

from formats.openpose.skeleton import PoseError
from poses.sketches.limbs import Axis, Limb, limb_options, to_axis
from poses.sketches.strokes import (
    PenPoint,
    Stroke,
    bounding_box,
    centroid,
    length,
    resample,
    roundness,
)

SAMPLES: Final = 41
"""Points to which each stroke is resampled."""

_MIN_LENGTH: Final = 0.05
"""Strokes shorter than this share of the sketch are ignored."""

_ROUND: Final = 0.5
_ROUNDISH: Final = 0.2
"""Least roundness of a head; the lower one where nothing is rounder."""

_ROUNDNESS_COST: Final = 3.0
_MAX_HEAD: Final = 0.4
"""The head's box, in sketches, at most."""

_ALONG: Final = 0.15
"""A stroke that stays so near the torso's line, in its lengths, is the torso."""

_MAX_STROKES: Final = 9
"""Of more strokes the longest are used."""

_LIMB_COST: Final = 3.0
"""Cost of a missing limb, in torso lengths of distance."""


@dataclass(frozen=True)
class _Disc:
    """A head, and how unlike one it is."""

    centre: PenPoint
    radius: float
    cost: float


@dataclass(frozen=True)
class FigureParts:
    """A figure's strokes."""

    head: PenPoint
    radius: float
    neck: PenPoint
    """The torso's upper end."""
    pelvis: PenPoint
    arms: tuple[Limb, ...]
    legs: tuple[Limb, ...]
    cost: float
    """How badly the parts fit together."""


def find_parts(strokes: tuple[Stroke, ...]) -> FigureParts:
    """The parts of one figure. Raises PoseError that says what can't be found.

    Every round stroke in turn is taken for the head and every other one for the torso, and the
    choice that fits best is kept: arms meet the upper half, legs the lower one, two of each, and
    the head is round and near the upper end.
    """
    kept = _without_short(strokes)
    choices = [
        parts
        for head in _heads(kept)
        for parts in _choices(head, [s for s in kept if s is not head])
    ]
    if not choices:
        raise PoseError("There is only a head. Draw a body line, two arms and two legs too.")
    best = min(choices, key=lambda parts: parts.cost)
    _check(best)
    return best


def _choices(head: Stroke, others: list[Stroke]) -> list[FigureParts]:
    """The figure for each torso there can be under that head."""
    left, top, right, bottom = bounding_box(head)
    disc = _Disc(
        PenPoint((left + right) / 2, (top + bottom) / 2),
        (right - left + bottom - top) / 4,
        _ROUNDNESS_COST * (1 - roundness(head)),
    )
    choices = [
        _parts(disc, _axis(stroke, disc.centre), [s for s in others if s is not stroke])
        for stroke in others
    ]
    bare = _implied_torso(others, disc.centre)
    return [*choices, _parts(disc, bare, others)] if bare else choices


def _without_short(strokes: tuple[Stroke, ...]) -> list[Stroke]:
    if not strokes:
        raise PoseError("The sketch is empty. Draw a head, a body line, two arms and two legs.")
    left, top, right, bottom = bounding_box(point for stroke in strokes for point in stroke)
    size = math.hypot(right - left, bottom - top)
    drawn = [s for s in strokes if length(s) > _MIN_LENGTH * size]
    longest = sorted(drawn, key=length, reverse=True)[:_MAX_STROKES]
    return [resample(s, SAMPLES) for s in longest]


def _heads(strokes: list[Stroke]) -> list[Stroke]:
    """The small, round, closed strokes, the topmost first."""
    if not strokes:
        raise PoseError("The strokes are too short. Draw larger.")
    left, top, right, bottom = bounding_box(point for stroke in strokes for point in stroke)
    size = max(right - left, bottom - top) if len(strokes) > 1 else math.inf
    small = [s for s in strokes if _extent(s) <= _MAX_HEAD * size]
    heads = [s for s in small if roundness(s) >= _ROUND] or [
        s for s in small if roundness(s) >= _ROUNDISH
    ]
    if not heads:
        raise PoseError("No head was found. Draw it as a circle.")
    return sorted(heads, key=lambda s: centroid(s).y)


def _extent(stroke: Stroke) -> float:
    left, top, right, bottom = bounding_box(stroke)
    return max(right - left, bottom - top)


def _axis(stroke: Stroke, head: PenPoint) -> Axis:
    """A torso's ends, the one at the head first: of a line its ends, of an outline its length."""
    ends = (stroke[0], stroke[-1])
    if roundness(stroke) > 0.3 or math.dist(*ends) < 0.5 * _extent(stroke):
        pairs = ((a, b) for a in stroke for b in stroke)
        a, b = max(pairs, key=lambda pair: math.dist(*pair))
        ends = _main_axis(stroke, a, b)
    return ends if math.dist(ends[0], head) <= math.dist(ends[1], head) else (ends[1], ends[0])


def _main_axis(stroke: Stroke, a: PenPoint, b: PenPoint) -> Axis:
    """The axis of an outline, as long as its diagonal: a box has two diagonals, and one axis."""
    centre = centroid(stroke)
    across = [(s.x - centre.x, s.y - centre.y) for s in stroke]
    xx, yy = sum(x * x for x, _ in across), sum(y * y for _, y in across)
    xy = sum(x * y for x, y in across)
    angle = 0.5 * math.atan2(2 * xy, xx - yy)
    half = math.dist(a, b) / 2 * 0.9
    dx, dy = half * math.cos(angle), half * math.sin(angle)
    return PenPoint(centre.x - dx, centre.y - dy), PenPoint(centre.x + dx, centre.y + dy)


def _implied_torso(strokes: list[Stroke], head: PenPoint) -> Axis | None:
    """The torso of a figure drawn without one: of four limbs the two nearest the head are arms.

    None where a stroke lies along that torso: it is one.
    """
    if len(strokes) != 4:
        return None
    ends = [min(s[0], s[-1], key=lambda end: math.dist(end, head)) for s in strokes]
    near = sorted(ends, key=lambda end: math.dist(end, head))
    axis = _between(near[0], near[1]), _between(near[2], near[3])
    close = _ALONG * math.dist(*axis)
    along = [all(to_axis(point, axis)[0] < close for point in stroke) for stroke in strokes]
    return None if any(along) else axis


def _between(a: PenPoint, b: PenPoint) -> PenPoint:
    return PenPoint((a.x + b.x) / 2, (a.y + b.y) / 2)


def _parts(head: _Disc, torso: Axis, strokes: list[Stroke]) -> FigureParts:
    """The cheapest figure upon that torso; a limb with both ends at it may begin at either."""
    size = max(math.dist(*torso), 1e-6)
    ways = [limb_options(stroke, torso, size) for stroke in strokes]
    figures = (
        _figure(head, torso, [limb for option in choice for limb in option])
        for choice in product(*ways)
    )
    return min(figures, key=lambda parts: parts.cost)


def _figure(head: _Disc, torso: Axis, limbs: list[Limb]) -> FigureParts:
    neck, pelvis = torso
    arms = _longest(limb for limb in limbs if limb.along < 0.5)
    legs = _longest(limb for limb in limbs if limb.along >= 0.5)
    gap = max(0.0, math.dist(neck, head.centre) - head.radius) / max(math.dist(*torso), 1e-6)
    attached = sum(limb.distance for limb in (*arms, *legs))
    low = sum(abs(1 - leg.along) for leg in legs) + sum(arm.along for arm in arms)
    missing = abs(2 - len(arms)) + abs(2 - len(legs)) + max(0, len(limbs) - 4)
    cost = head.cost + gap + attached + low + _LIMB_COST * missing
    return FigureParts(head.centre, head.radius, neck, pelvis, arms, legs, cost)


def _longest(limbs: Iterable[Limb]) -> tuple[Limb, ...]:
    return tuple(sorted(limbs, key=lambda limb: -length(limb.points))[:2])


def _check(parts: FigureParts) -> None:
    missing = [
        f"{'two' if not limbs else 'one more'} {name if limbs else name + 's'}"
        for name, limbs in (("arm", parts.arms), ("leg", parts.legs))
        if len(limbs) < 2
    ]
    if missing:
        raise PoseError(
            f"The figure lacks {' and '.join(missing)}. Let arms begin at the upper half of the "
            "body line and legs at its lower end, one stroke each."
        )
