"""Tells which part of an image a figure covers: its head, its hands, or all of it.

Regions are wider than what they show: a mask needs a margin. Sizes are shares of the trunk, the
length from neck to hip, by the proportions of adults (Drillis and Contini 1966).
"""

import math
from collections.abc import Iterable
from typing import Final, NamedTuple

from formats.openpose.skeleton import KEYPOINT_NAMES, WRISTS, Person, Point, Points, visible_points


class Spot(NamedTuple):
    """A place in pixels of the pose's canvas."""

    x: float
    y: float


class Capsule(NamedTuple):
    """All within `radius` pixels of the line from `a` to `b`; a circle where they are one place."""

    a: Spot
    b: Spot
    radius: float

    def scaled(self, fx: float, fy: float) -> "Capsule":
        """The same on a canvas stretched by two factors."""
        a, b = (Spot(spot.x * fx, spot.y * fy) for spot in (self.a, self.b))
        return Capsule(a, b, self.radius * max(fx, fy))


Region = tuple[Capsule, ...]
"""The union of its capsules."""

_JOINT: Final = {name: index for index, name in enumerate(KEYPOINT_NAMES)}

_SHARES: Final = (
    ("neck", "right hip", 1.0),
    ("neck", "left hip", 1.0),
    ("right shoulder", "left shoulder", 0.75),
    ("right shoulder", "right elbow", 0.6),
    ("left shoulder", "left elbow", 0.6),
    ("right hip", "right knee", 0.85),
    ("left hip", "left knee", 0.85),
    ("nose", "neck", 0.45),
)
"""Lengths in trunks; the largest trunk that any of them makes counts: others are foreshortened."""

_LIMBS: Final = (
    ("neck", "nose", 0.17),
    ("neck", "right hip", 0.3),
    ("neck", "left hip", 0.3),
    ("right shoulder", "left shoulder", 0.2),
    ("right hip", "left hip", 0.28),
    ("right shoulder", "right hip", 0.22),
    ("left shoulder", "left hip", 0.22),
    ("right shoulder", "right elbow", 0.19),
    ("left shoulder", "left elbow", 0.19),
    ("right elbow", "right wrist", 0.16),
    ("left elbow", "left wrist", 0.16),
    ("right hip", "right knee", 0.25),
    ("left hip", "left knee", 0.25),
    ("right knee", "right ankle", 0.2),
    ("left knee", "left ankle", 0.2),
)
"""Lines of the figure, and how far it reaches beside them, in trunks."""

_HEAD_RADIUS: Final = 0.33
"""Of a head with its hair, in trunks."""
_EARS: Final = 1.1
_EYES: Final = 2.5
"""The same in distances between the ears, and between the eyes."""

_HAND_REACH: Final = 0.25
_HAND_RADIUS: Final = 0.22
"""How far from the wrist the fingers' middle is, and how far a hand reaches beside that line."""
_FOOT_REACH: Final = 0.2
_MARGIN: Final = 0.25
"""Around the points of a hand, in the distance of the farthest from their middle."""


def head(person: Person) -> Region:
    """A circle around the head; nothing where neither eyes, ears nor nose are known."""
    points = person.visible()
    eyes, ears = _middle(_named(points, "eye")), _middle(_named(points, "ear"))
    nose = points[_JOINT["nose"]]
    centre = _middle([spot for spot in (eyes, ears) if spot] or [nose])
    radius = _head_radius(points)
    return (Capsule(centre, centre, radius),) if centre and radius else ()


def hands(person: Person) -> Region:
    """Each hand that is known, by its points, else beyond its wrist."""
    found: list[Capsule] = []
    for name, wrist in WRISTS.items():
        points = getattr(person, name)
        known = [point for point in visible_points(points) if point] if points else []
        found += _around(known) if known else _beyond_wrist(person.visible(), wrist)
    return tuple(found)


def figure(person: Person) -> Region:
    """The whole figure, head, hands and feet included."""
    points, size = person.visible(), _trunk(person.visible())
    lines = [(points[_JOINT[a]], points[_JOINT[b]], share * size) for a, b, share in _LIMBS]
    limbs = [Capsule(_spot(a), _spot(b), radius) for a, b, radius in lines if a and b and radius]
    feet = [_foot(points, side, size) for side in ("right", "left")]
    return (*head(person), *limbs, *hands(person), *(foot for foot in feet if foot))


def _trunk(points: Points) -> float:
    """The trunk's length in pixels as if it was seen from the front; 0 where nothing tells it."""
    pairs = ((points[_JOINT[a]], points[_JOINT[b]], share) for a, b, share in _SHARES)
    return max((_distance(a, b) / share for a, b, share in pairs if a and b), default=0.0)


def _head_radius(points: Points) -> float:
    """By the ears where both are seen, as of a face from the front; else by body and eyes."""
    eyes, ears = _named(points, "eye"), _named(points, "ear")
    by_body = _trunk(points) * _HEAD_RADIUS
    by_eyes = _distance(*eyes) * _EYES if len(eyes) > 1 else 0.0
    return _distance(*ears) * _EARS if len(ears) > 1 else max(by_body, by_eyes)


def _named(points: Points, name: str) -> list[Point]:
    both = (points[_JOINT[f"{side} {name}"]] for side in ("right", "left"))
    return [point for point in both if point]


def _middle(points: Iterable[Point | Spot | None]) -> Spot | None:
    known = [point for point in points if point]
    if not known:
        return None
    return Spot(sum(p.x for p in known) / len(known), sum(p.y for p in known) / len(known))


def _around(points: list[Point]) -> list[Capsule]:
    centre = _middle(points) or Spot(0, 0)
    radius = max(math.dist(centre, _spot(point)) for point in points) * (1 + _MARGIN)
    return [Capsule(centre, centre, max(radius, 1.0))]


def _beyond_wrist(points: Points, wrist: int) -> list[Capsule]:
    at, elbow, size = points[wrist], points[wrist - 1], _trunk(points)
    if at is None or not size:
        return []
    end = _extended(elbow, at, _HAND_REACH * size)
    return [Capsule(_spot(at), end, _HAND_RADIUS * size)]


def _foot(points: Points, side: str, size: float) -> Capsule | None:
    knee, ankle = points[_JOINT[f"{side} knee"]], points[_JOINT[f"{side} ankle"]]
    if ankle is None or not size:
        return None
    return Capsule(_spot(ankle), _extended(knee, ankle, _FOOT_REACH * size), 0.24 * size)


def _extended(start: Point | None, end: Point, by: float) -> Spot:
    """The place so far beyond the line's end; the end itself where the line has no direction."""
    length = _distance(start, end) if start else 0.0
    if start is None or not length:
        return _spot(end)
    return Spot(end.x + (end.x - start.x) / length * by, end.y + (end.y - start.y) / length * by)


def _spot(point: Point) -> Spot:
    return Spot(point.x, point.y)


def _distance(a: Point, b: Point) -> float:
    return math.dist((a.x, a.y), (b.x, b.y))
