"""Owns the shapes of hands, and places one at the end of a forearm."""

import math
from enum import StrEnum
from typing import Final, NamedTuple

from formats.openpose.skeleton import Person, Point, Points, PoseError

HAND_LENGTH: Final = 0.74
"""A hand's length in forearms (Drillis and Contini 1966: 0.108 to 0.146 of the stature)."""


class Side(StrEnum):
    """Whose hand: the person's own left and right."""

    LEFT = "left"
    RIGHT = "right"


class HandShape(StrEnum):
    """The shapes; the value is the word a user reads."""

    RELAXED = "relaxed"
    OPEN = "open"
    FIST = "fist"
    POINT = "point"
    VICTORY = "victory"
    OK = "ok"
    THUMBS_UP = "thumbs up"


HandOffset = tuple[float, float]
"""Along the hand from the wrist, and across towards the thumb, in lengths of the hand."""


class _Finger(NamedTuple):
    knuckle: HandOffset
    length: float
    splay: float
    """Degrees towards the thumb."""


_FINGERS: Final = (
    _Finger((0.48, 0.12), 0.42, 9),
    _Finger((0.50, 0.02), 0.50, 1),
    _Finger((0.47, -0.08), 0.45, -6),
    _Finger((0.42, -0.17), 0.34, -15),
)
"""Index, middle, ring and little finger."""

_STRAIGHT: Final = (0.45, 0.75, 1.0)
_CURLED: Final = (0.32, 0.20, 0.04)
"""How far along the finger its three outer joints lie, seen from the back of the hand."""

_THUMB_OUT: Final = ((0.14, 0.12), (0.28, 0.24), (0.38, 0.33), (0.47, 0.39))
_THUMB_CLOSE: Final = ((0.14, 0.10), (0.28, 0.18), (0.38, 0.21), (0.47, 0.21))
_THUMB_OVER: Final = ((0.14, 0.12), (0.28, 0.20), (0.38, 0.12), (0.40, 0.00))
_THUMB_UP: Final = ((0.14, 0.14), (0.25, 0.27), (0.28, 0.41), (0.29, 0.54))
_THUMB_RING: Final = ((0.14, 0.12), (0.30, 0.25), (0.43, 0.33), (0.54, 0.37))
_INDEX_RING: Final = ((0.48, 0.12), (0.68, 0.17), (0.69, 0.29), (0.57, 0.37))


class _Shape(NamedTuple):
    curls: tuple[float, float, float, float]
    """Of the four fingers: 0 straight, 1 in the palm."""
    thumb: tuple[HandOffset, ...]
    spread: float = 1.0
    """Multiplies the splay."""


_SHAPES: Final = {
    HandShape.RELAXED: _Shape((0.25, 0.35, 0.4, 0.45), _THUMB_CLOSE, 0.5),
    HandShape.OPEN: _Shape((0, 0, 0, 0), _THUMB_OUT, 1.4),
    HandShape.FIST: _Shape((1, 1, 1, 1), _THUMB_OVER),
    HandShape.POINT: _Shape((0, 1, 1, 1), _THUMB_OVER, 0.3),
    HandShape.VICTORY: _Shape((0, 0, 1, 1), _THUMB_OVER, 1.8),
    HandShape.OK: _Shape((0, 0.1, 0.05, 0), _THUMB_RING),
    HandShape.THUMBS_UP: _Shape((1, 1, 1, 1), _THUMB_UP),
}


def with_hand(person: Person, side: Side, shape: HandShape, *, flip: bool = False) -> Person:
    """The person with a hand of that shape in line with the forearm; it replaces one there.

    A hanging hand shows its back and the thumb towards the body; `flip` turns the palm over.
    Raises PoseError where elbow or wrist is missing or hidden.
    """
    first = 3 if side is Side.RIGHT else 6
    elbow, wrist = person.visible()[first], person.visible()[first + 1]
    if elbow is None or wrist is None or (elbow.x, elbow.y) == (wrist.x, wrist.y):
        raise PoseError(f"A hand needs the {side} elbow and wrist. Show them first.")
    thumb = 1 if (side is Side.RIGHT) != flip else -1
    return person.model_copy(update={f"{side}_hand": _hand_points(shape, (elbow, wrist), thumb)})


def _hand_points(shape: HandShape, forearm: tuple[Point, Point], thumb: int) -> Points:
    """The 21 points; `thumb` is 1 for the side that lies right of a hand hanging down."""
    elbow, wrist = forearm
    dx, dy = (wrist.x - elbow.x) * HAND_LENGTH, (wrist.y - elbow.y) * HAND_LENGTH
    offsets = ((0.0, 0.0), *_offsets(_SHAPES[shape], ring=shape is HandShape.OK))
    return tuple(
        Point(
            x=round(wrist.x + along * dx + across * thumb * dy, 2),
            y=round(wrist.y + along * dy - across * thumb * dx, 2),
        )
        for along, across in offsets
    )


def _offsets(shape: _Shape, *, ring: bool) -> tuple[HandOffset, ...]:
    fingers = [
        _finger(finger, curl, shape.spread)
        for finger, curl in zip(_FINGERS, shape.curls, strict=True)
    ]
    if ring:
        fingers[0] = _INDEX_RING
    return (*shape.thumb, *(spot for finger in fingers for spot in finger))


def _finger(finger: _Finger, curl: float, spread: float) -> tuple[HandOffset, ...]:
    angle = math.radians(finger.splay * spread)
    reaches = (s + (c - s) * curl for s, c in zip(_STRAIGHT, _CURLED, strict=True))
    along, across = finger.knuckle
    outer = (
        (along + math.cos(angle) * finger.length * r, across + math.sin(angle) * finger.length * r)
        for r in reaches
    )
    return finger.knuckle, *outer
