"""Turns a rough sketch of one figure into the 18 joints of a skeleton."""

import math
from typing import Final

from formats.openpose.skeleton import Person, Point, Skeleton
from poses.sketches.limbs import Limb
from poses.sketches.parts import FigureParts, find_parts
from poses.sketches.strokes import PenPoint, Stroke, length, resample

_SHOULDERS: Final = 0.34
_HIPS: Final = 0.19
"""Half a shoulder's and hip's width, in torso lengths (Drillis and Contini 1966, joint centres)."""

_WIDEST: Final = 0.6
"""Of the same: how far off the line limbs of a drawn outline may begin."""

_UPPER_ARM: Final = 0.54
_THIGH: Final = 0.5
"""Share of a straight limb above its elbow or knee (same source)."""

_BENT: Final = 0.12
"""A limb is bent when its line leaves the straight one by so much, in its lengths."""

_MIDDLE: Final = (0.25, 0.75)
"""Share of a limb in which its bend is looked for."""

_SAMPLES: Final = 41
_FACE: Final = {
    0: (0.0, 0.15),
    14: (-0.32, -0.15),
    15: (0.32, -0.15),
    16: (-0.8, 0.0),
    17: (0.8, 0.0),
}
"""Nose, eyes and ears in radii of the head, across and down; the figure looks at the viewer."""


def fit_sketch(strokes: tuple[Stroke, ...], width: int, height: int) -> Skeleton:
    """One figure with all its joints, on a canvas of width x height pixels.

    The head is a roundish closed stroke; arms and legs are a stroke each, or one through the
    torso for both; a torso is a line, an outline, or left out. The figure looks at the viewer: its
    right limbs are on the left. Raises PoseError that says what is missing.
    """
    parts = find_parts(strokes)
    frame = _Frame(parts)
    joints: dict[int, PenPoint] = {1: frame.neck}
    for limbs, first, half, share in (
        (parts.arms, (2, 5), _SHOULDERS, _UPPER_ARM),
        (parts.legs, (8, 11), _HIPS, _THIGH),
    ):
        for limb, start, side in zip(frame.right_first(limbs), first, (1, -1), strict=True):
            root = frame.root(limb, side * half, at_hips=start >= 8)
            joints |= dict(zip(range(start, start + 3), _joints(root, limb, share), strict=True))
    joints |= frame.face(parts.head, parts.radius)
    body = tuple(_point(joints[index]) for index in range(18))
    return Skeleton(width=width, height=height, people=(Person(body=body),))


def _point(point: PenPoint) -> Point:
    return Point(x=round(point.x, 2), y=round(point.y, 2))


class _Frame:
    """The figure's own directions: down its torso, and towards its right hand."""

    def __init__(self, parts: FigureParts) -> None:
        along = sum(arm.along for arm in parts.arms) / len(parts.arms)
        self.pelvis = parts.pelvis
        dx, dy = parts.pelvis.x - parts.neck.x, parts.pelvis.y - parts.neck.y
        self.neck = PenPoint(parts.neck.x + dx * along, parts.neck.y + dy * along)
        whole = math.hypot(dx, dy)
        self.size = max(whole * (1 - along), 1e-6)
        self.down = PenPoint(dx / whole, dy / whole)
        self.right = PenPoint(-self.down.y, self.down.x)

    def right_first(self, limbs: tuple[Limb, ...]) -> list[Limb]:
        """Two limbs, the figure's right one first."""
        return sorted(limbs, key=lambda limb: -self._to_right(_centre(limb.points)))

    def root(self, limb: Limb, half: float, *, at_hips: bool) -> PenPoint:
        """The shoulder or hip: beside the line, or where the limb begins if that is farther."""
        start = self.pelvis if at_hips else self.neck
        drawn = (self._to_right(limb.points[0]) - self._to_right(start)) / self.size
        side = math.copysign(1, half)
        reach = min(_WIDEST, max(abs(half), side * drawn)) * side * self.size
        return PenPoint(start.x + self.right.x * reach, start.y + self.right.y * reach)

    def _to_right(self, point: PenPoint) -> float:
        return point.x * self.right.x + point.y * self.right.y

    def face(self, head: PenPoint, radius: float) -> dict[int, PenPoint]:
        """Nose, eyes and ears, upright from the neck to the head's middle."""
        dx, dy = self.neck.x - head.x, self.neck.y - head.y
        far = math.hypot(dx, dy) or 1.0
        down = PenPoint(dx / far, dy / far) if far > radius / 2 else self.down
        left = PenPoint(down.y, -down.x)
        return {
            index: PenPoint(
                head.x + radius * (across * left.x + low * down.x),
                head.y + radius * (across * left.y + low * down.y),
            )
            for index, (across, low) in _FACE.items()
        }


def _centre(stroke: Stroke) -> PenPoint:
    return PenPoint(sum(s.x for s in stroke) / len(stroke), sum(s.y for s in stroke) / len(stroke))


def _joints(root: PenPoint, limb: Limb, share: float) -> tuple[PenPoint, PenPoint, PenPoint]:
    """Root, bend and end: the bend where the stroke leaves the straight line most, else where
    the bones' proportions put it."""
    line = resample((root, *limb.points[1:]), _SAMPLES)
    end = line[-1]
    first, last = (round(part * (_SAMPLES - 1)) for part in _MIDDLE)
    bend = max(range(first, last + 1), key=lambda i: _off_line(line[i], root, end))
    bent = _off_line(line[bend], root, end) >= _BENT * length(line)
    return root, line[bend if bent else round(share * (_SAMPLES - 1))], end


def _off_line(point: PenPoint, a: PenPoint, b: PenPoint) -> float:
    """Distance to the line through two points; to the first where they are one."""
    dx, dy = b.x - a.x, b.y - a.y
    far = math.hypot(dx, dy)
    if far < 1e-6:
        return math.dist(point, a)
    return abs((point.x - a.x) * dy - (point.y - a.y) * dx) / far
