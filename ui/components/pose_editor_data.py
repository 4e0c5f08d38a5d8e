"""Owns what the pose editor's script is told of figures, so that it draws as `pose_map` does."""

from functools import cache
from typing import Any, Final

from formats.limits import MAX_COORDINATE, MAX_PEOPLE
from formats.openpose import pose_map, skeleton
from formats.openpose.skeleton import BODY_POINTS, KEYPOINT_NAMES, Person, Point, Points, Skeleton
from poses import hands
from poses.hands import HandOffset, HandShape, Side
from ui.texts.pose import editor as texts

_FOREARM: Final = 4000
"""Pixels, so long that the rounding of points does not show in the presets."""


def figure_data(pose: Skeleton, new_person: Person) -> dict[str, Any]:
    """How the pose is drawn, what a person, a new one or a hand consists of, and all texts."""
    return {
        "drawing": _drawing(pose_map.limb_radius(pose.width, pose.height)),
        "skeleton": _skeleton(),
        "figure": new_person.model_dump(mode="json"),
        "max_people": MAX_PEOPLE,
        "presets": _hand_presets(),
        "texts": texts.TEXTS,
    }


def _drawing(radius: float) -> dict[str, Any]:
    """Sizes in pixels of the canvas, colours as the web writes them."""
    limbs = zip(pose_map.LIMBS, pose_map.COLOURS, strict=False)
    return {
        "radius": radius,
        "edge_width": max(1, round(radius / 2)),
        "limb_colours": [_rgb(c * pose_map.LIMB_BRIGHTNESS for c in colour) for _, colour in limbs],
        "joint_colours": [_rgb(colour) for colour in pose_map.COLOURS],
        "hand_colours": [_rgb(colour) for colour in pose_map.HAND_COLOURS],
        "hand_joint": _rgb(pose_map.HAND_JOINT),
    }


@cache
def _skeleton() -> dict[str, Any]:
    """The tables of `formats.openpose` by the names that pose/skeleton.js has for them."""
    return {
        "names": texts.joint_names(),
        "limbs": pose_map.LIMBS,
        "mirrored": skeleton.MIRRORED,
        "wrists": skeleton.WRISTS,
        "chain_ends": [
            joint for joint, name in enumerate(KEYPOINT_NAMES) if name.endswith(("wrist", "ankle"))
        ],
        "hand_points": skeleton.HAND_POINTS,
        "hand_edges": pose_map.HAND_EDGES,
        "hand_length": hands.HAND_LENGTH,
        "max_coordinate": MAX_COORDINATE,
    }


@cache
def _hand_presets() -> dict[str, list[HandOffset]]:
    """Every shape of a hand, read off one at the end of a level forearm."""
    elbow, wrist = Point(x=0, y=0), Point(x=_FOREARM, y=0)
    at = {skeleton.WRISTS["right_hand"] - 1: elbow, skeleton.WRISTS["right_hand"]: wrist}
    arm = Person(body=tuple(at.get(joint) for joint in range(BODY_POINTS)))
    placed = {s.value: hands.with_hand(arm, Side.RIGHT, s) for s in HandShape}
    return {name: _spots(person.right_hand or (), wrist) for name, person in placed.items()}


def _spots(hand: Points, wrist: Point) -> list[HandOffset]:
    """Along the hand from the wrist and across towards the thumb, in lengths of the hand."""
    size = _FOREARM * hands.HAND_LENGTH
    return [((p.x - wrist.x) / size, (wrist.y - p.y) / size) for p in hand if p]


def _rgb(colour: Any) -> str:
    return "#" + "".join(f"{int(channel):02x}" for channel in colour)
