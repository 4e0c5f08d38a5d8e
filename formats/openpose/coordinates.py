"""Brings the points of a pose file onto a canvas in pixels, whatever units the file has.

OpenPose writes pixels, shares of the canvas, or shares from -1 to 1 (its flag `--keypoint_scale`;
CMU openpose, doc/02_output.md), and no tool says which. A part of somebody is in shares where the
median of its points lies within two canvases, since in pixels it would be as good as one dot; some
points outside of the canvas decide nothing (comfyui_controlnet_aux, dwpose/util.py `is_normalized`,
asks that all points lie within it). A part of fewer than three points follows the whole file. The
shares go from -1 where at least half of all points have a negative coordinate, and neither axis is
without: somebody who stands half off the canvas is so on one side.
"""

import math
from collections.abc import Iterable, Sequence
from statistics import median_low
from typing import Any, Final

from formats.frozen import Frozen
from formats.limits import MAX_COORDINATE, MAX_SIDE, MIN_SIDE
from formats.openpose import texts
from formats.openpose.point_layouts import CONFIDENCE_FLOOR, RawPerson, RawPoint, is_known
from formats.openpose.skeleton import (
    BODY_POINTS,
    FINGERS,
    KEYPOINT_NAMES,
    Person,
    Point,
    Points,
    PoseError,
    Skeleton,
)

_DEFAULT_SIDE: Final = 512
_MARGIN: Final = 1.05
"""A canvas that figures make: its sides, in the farthest coordinates."""

_MAX_SHARE: Final = 2.0
_MIN_POINTS: Final = 3
_MARK: Final = 0.01
"""Pixels: so near to -1,-1 a point is missing. sd-webui-controlnet writes -1 / width for it
(annotator/openpose/__init__.py, `detect_hands`)."""

Size = tuple[int, int]


class PoseFile(Frozen):
    """The pose that a file holds, and what was left out or changed in reading it."""

    skeleton: Skeleton
    notices: tuple[str, ...] = ()


def place_people(people: Sequence[RawPerson], width: Any, height: Any) -> PoseFile:
    """The people in pixels of their canvas, which is made smaller where it is too large.

    Raises PoseError where nobody is left, or for a canvas that can't be.
    """
    notices: dict[str, None] = {}
    scale = _Scale(people, notices)
    canvas = _canvas(width, height, scale, notices)
    placed = [_Placing(person, canvas, scale, notices).person() for person in people]
    found = [person for person in placed if person]
    scale.tell_outside()
    if not found:
        raise PoseError(texts.nobody_left(list(notices)))
    skeleton = _reduced(canvas, found, notices)
    return PoseFile(skeleton=skeleton, notices=tuple(notices))


class _Scale:
    """The units of the file's points, which are decided part by part."""

    def __init__(self, people: Sequence[RawPerson], notices: dict[str, None]) -> None:
        self._points = [
            point
            for person in people
            for part in person.parts.values()
            for point in part
            if _is_sure(point)
        ]
        self._is_shares = _are_shares(self._points)
        self._is_signed = self._is_shares and _are_signed(self._points)
        self._notices = notices
        self._outside = 0
        if self._is_signed:
            notices[texts.IS_SIGNED] = None

    def is_shares(self, part: Sequence[RawPoint]) -> bool:
        """Whether a part is in shares of the canvas."""
        sure = [point for point in part if _is_sure(point)]
        return _are_shares(sure) if len(sure) >= _MIN_POINTS else self._is_shares

    def to_pixels(self, point: RawPoint, canvas: Size) -> tuple[float, float]:
        """A share of the canvas in pixels."""
        x, y = ((v + 1) / 2 for v in point[:2]) if self._is_signed else point[:2]
        self._outside += not (0 <= x <= 1 and 0 <= y <= 1)
        return x * canvas[0], y * canvas[1]

    def tell_outside(self) -> None:
        """That some shares are none, since then the units were guessed."""
        if self._outside:
            self._notices[texts.shares_outside(self._outside)] = None

    def extent(self) -> Size:
        """A canvas that holds the points: OpenPose itself writes none."""
        if self._is_shares or not self._points:
            return _DEFAULT_SIDE, _DEFAULT_SIDE
        near = [p for p in self._points if max(p[0], p[1]) <= MAX_COORDINATE]
        farthest = (max((p[axis] for p in near), default=0.0) for axis in range(2))
        width, height = (min(MAX_COORDINATE, math.ceil(max(0, f) * _MARGIN)) for f in farthest)
        fits = max(width, height) <= _DEFAULT_SIDE * _MARGIN
        small = (_DEFAULT_SIDE, _DEFAULT_SIDE)
        return small if fits else (max(MIN_SIDE, width), max(MIN_SIDE, height))


def _is_sure(point: RawPoint) -> bool:
    return is_known(point) and point[2] >= CONFIDENCE_FLOOR


def _are_shares(points: Sequence[RawPoint]) -> bool:
    return bool(points) and median_low(max(abs(x), abs(y)) for x, y, _ in points) <= _MAX_SHARE


def _are_signed(points: Sequence[RawPoint]) -> bool:
    left, above = ([point[axis] < 0 for point in points] for axis in range(2))
    outside = sum(map(max, left, above))
    return 2 * outside >= len(points) and 4 * min(sum(left), sum(above)) >= len(points)


def _canvas(width: Any, height: Any, scale: _Scale, notices: dict[str, None]) -> Size:
    if width is None and height is None:
        canvas = scale.extent()
        notices[texts.canvas_taken(*canvas)] = None
        return canvas
    return _side(width), _side(height)


def _side(value: Any) -> int:
    """A side in pixels; tools write 512, 512.0 and "512"."""
    try:
        side = round(float(value)) if not isinstance(value, bool) else 0
    except (TypeError, ValueError, OverflowError) as error:
        raise PoseError(texts.BAD_CANVAS) from error
    if not MIN_SIDE <= side <= MAX_COORDINATE:
        raise PoseError(texts.BAD_CANVAS)
    return side


class _Placing:
    """One person of the file on its way onto the canvas."""

    def __init__(
        self, person: RawPerson, canvas: Size, scale: _Scale, notices: dict[str, None]
    ) -> None:
        self._raw, self._canvas, self._scale, self._notices = person, canvas, scale, notices
        self._unsure: list[str] = []
        self._far: list[str] = []

    def person(self) -> Person | None:
        """The person; None where the file knows none of its points but a face."""
        for notice in self._raw.notices:
            self._notices[notice] = None
        parts = {part: self._points(part) for part in ("body", "left_hand", "right_hand")}
        self._tell()
        if not any(any(points) for points in parts.values()):
            number, has_face = self._raw.number, self._raw.has_face
            self._notices[texts.person_left_out(number, has_face=has_face)] = None
            return None
        if self._raw.has_face:
            self._notices[texts.FACES_LEFT_OUT] = None
        hands = {part: points or None for part, points in parts.items() if part != "body"}
        return Person(body=parts["body"] or (None,) * BODY_POINTS, **hands)

    def _points(self, part: str) -> Points:
        """The part's points; nothing where it has none."""
        raw, hidden = self._raw.parts.get(part, []), self._raw.hidden.get(part, [])
        is_shares = self._scale.is_shares(raw)
        placed = [self._place(p, _name(part, i), is_shares=is_shares) for i, p in enumerate(raw)]
        points = placed or [None] * len(hidden)
        if hidden:
            there = (_hidden_point(point) for point in hidden)
            points = [point or other for point, other in zip(points, there, strict=True)]
        return tuple(points) if any(points) else ()

    def _place(self, point: RawPoint, name: str, *, is_shares: bool) -> Point | None:
        if not is_known(point):
            return None
        if point[2] < CONFIDENCE_FLOOR:
            self._unsure.append(name)
            return None
        x, y = self._scale.to_pixels(point, self._canvas) if is_shares else point[:2]
        if abs(x + 1) < _MARK and abs(y + 1) < _MARK:
            return None
        if max(abs(x), abs(y)) > MAX_COORDINATE:
            self._far.append(name)
            return None
        return Point(x=x, y=y)

    def _tell(self) -> None:
        who = f" of person {self._raw.number}"
        if self._unsure:
            names = [name + who for name in self._unsure]
            self._notices[texts.unsure_left_out(names, CONFIDENCE_FLOOR)] = None
        if self._far:
            self._notices[texts.far_left_out([name + who for name in self._far])] = None


def _hidden_point(point: RawPoint) -> Point | None:
    x, y, confidence = point
    is_near = all(math.isfinite(v) and abs(v) <= MAX_COORDINATE for v in (x, y))
    return Point(x=x, y=y, hidden=True) if is_near and confidence > 0 else None


def _name(part: str, index: int) -> str:
    if part == "body":
        return KEYPOINT_NAMES[index]
    side = part.removesuffix("_hand")
    return f"{side} hand's {FINGERS[(index - 1) // 4] if index else 'wrist'}"


def _reduced(canvas: Size, people: Iterable[Person], notices: dict[str, None]) -> Skeleton:
    factor = min(1.0, MAX_SIDE / max(canvas))
    if factor == 1:
        return Skeleton(width=canvas[0], height=canvas[1], people=tuple(people))
    width, height = (max(MIN_SIDE, round(side * factor)) for side in canvas)
    notices[texts.canvas_reduced(*canvas, width, height)] = None
    scaled = tuple(person.scaled(factor, factor) for person in people)
    return Skeleton(width=width, height=height, people=scaled)
