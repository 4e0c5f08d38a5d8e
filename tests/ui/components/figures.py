"""Figures as the browser has them, and what tests ask of them."""

import math
from typing import Any, Final

from formats.openpose.pose_map import LIMBS
from formats.openpose.skeleton import BODY_POINTS, HAND_POINTS, KEYPOINT_NAMES

Point = dict[str, Any]
Person = dict[str, Any]
JOINTS: Final = {name: joint for joint, name in enumerate(KEYPOINT_NAMES)}


def at(x: float, y: float, *, hidden: bool = False) -> Point:
    """A joint."""
    return {"x": x, "y": y, "hidden": hidden}


def person(**joints: Point) -> Person:
    """Somebody of whom only these joints are known, named with _ for the space."""
    body: list[Point | None] = [None] * BODY_POINTS
    for name, point in joints.items():
        body[JOINTS[name.replace("_", " ")]] = point
    return {"body": body, "left_hand": None, "right_hand": None}


def hand(x: float, y: float) -> list[Point]:
    """21 joints in a row to the right."""
    return [at(x + joint, y) for joint in range(HAND_POINTS)]


def box(one: Person) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of all joints."""
    points = [p for part in one.values() for p in part or () if p]
    xs, ys = [p["x"] for p in points], [p["y"] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


def place(one: Person, joint: int | str) -> tuple[float, float]:
    """Where a joint of the body is."""
    point = one["body"][JOINTS[joint] if isinstance(joint, str) else joint]
    return point["x"], point["y"]


def bones(one: Person) -> list[float]:
    """The lengths of all limbs, pixels."""
    return [math.dist(place(one, a), place(one, b)) for a, b in LIMBS]


def moved(before: Person, after: Person) -> set[str]:
    """The names of the body's joints that are elsewhere."""
    pairs = zip(KEYPOINT_NAMES, before["body"], after["body"], strict=True)
    return {name for name, a, b in pairs if a != b}
