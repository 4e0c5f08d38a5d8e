"""The OpenPose skeleton: 18 body and 2 x 21 hand keypoints for each person."""

from typing import Annotated, Any, Final

from pydantic import Field, field_validator

from formats.frozen import Frozen
from formats.limits import MAX_COORDINATE, MAX_PEOPLE, MAX_SIDE, MIN_SIDE

KEYPOINT_NAMES: Final = (
    "nose",
    "neck",
    "right shoulder",
    "right elbow",
    "right wrist",
    "left shoulder",
    "left elbow",
    "left wrist",
    "right hip",
    "right knee",
    "right ankle",
    "left hip",
    "left knee",
    "left ankle",
    "right eye",
    "left eye",
    "right ear",
    "left ear",
)
"""OpenPose's COCO-18 order (CMU openpose, doc/02_output.md); right and left are the person's."""

BODY_POINTS: Final = len(KEYPOINT_NAMES)
HAND_POINTS: Final = 21
"""The wrist, then four joints of each finger from the thumb on (CMU openpose, same source)."""

FINGERS: Final = ("thumb", "index finger", "middle finger", "ring finger", "little finger")

WRISTS: Final = {
    "left_hand": KEYPOINT_NAMES.index("left wrist"),
    "right_hand": KEYPOINT_NAMES.index("right wrist"),
}
"""The body's joint that each hand of a `Person` hangs on; its elbow is the one before."""

MIRRORED: Final = tuple(
    (joint, KEYPOINT_NAMES.index(name.replace("right", "left")))
    for joint, name in enumerate(KEYPOINT_NAMES)
    if name.startswith("right")
)
"""Pairs of joints that change places in a mirror, the right one first."""


class PoseError(ValueError):
    """A pose that can't be read; the message says what is wrong with it."""


Coordinate = Annotated[float, Field(ge=-MAX_COORDINATE, le=MAX_COORDINATE, allow_inf_nan=False)]


def clamp(value: float) -> float:
    """The nearest coordinate that a point may have."""
    return float(min(MAX_COORDINATE, max(-MAX_COORDINATE, value)))


class Point(Frozen):
    """A joint in pixels of its canvas, from the top left; it may lie outside the canvas."""

    x: Coordinate
    y: Coordinate
    hidden: bool = False
    """Hidden in the editor: stored with the pose, not drawn."""


Points = tuple[Point | None, ...]
Hand = Annotated[Points, Field(min_length=HAND_POINTS, max_length=HAND_POINTS)]


class Person(Frozen):
    """One figure: 18 points in `KEYPOINT_NAMES`' order, None where the joint is unknown."""

    body: Points = Field(min_length=BODY_POINTS, max_length=BODY_POINTS)
    left_hand: Hand | None = None
    right_hand: Hand | None = None

    def visible(self) -> Points:
        """The 18 points as they are drawn: hidden ones are None too."""
        return visible_points(self.body)

    def hands(self) -> tuple[Points, ...]:
        """The hands there are, left first, as they are drawn."""
        return tuple(visible_points(hand) for hand in (self.left_hand, self.right_hand) if hand)

    def scaled(self, fx: float, fy: float) -> "Person":
        """The same figure stretched by two factors."""
        return Person(
            body=_scaled_points(self.body, fx, fy),
            left_hand=self.left_hand and _scaled_points(self.left_hand, fx, fy),
            right_hand=self.right_hand and _scaled_points(self.right_hand, fx, fy),
        )


def visible_points(points: Points) -> Points:
    """The points as they are drawn: hidden ones are None."""
    return tuple(None if p is None or p.hidden else p for p in points)


def _scaled_points(points: Points, fx: float, fy: float) -> Points:
    return tuple(p and p.model_copy(update={"x": p.x * fx, "y": p.y * fy}) for p in points)


class Skeleton(Frozen):
    """All figures of one pose on a canvas of width x height pixels."""

    width: int = Field(ge=MIN_SIDE, le=MAX_SIDE)
    height: int = Field(ge=MIN_SIDE, le=MAX_SIDE)
    people: tuple[Person, ...] = Field(max_length=MAX_PEOPLE)

    @field_validator("people", mode="before")
    @classmethod
    def _accept_list(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    @property
    def shows_nobody(self) -> bool:
        """Whether its map is black."""
        hands = (hand for person in self.people for hand in person.hands())
        return self.shows_no_body and not any(any(hand) for hand in hands)

    @property
    def shows_no_body(self) -> bool:
        """Whether its map has no joint of a body; there may be hands alone."""
        return not any(any(person.visible()) for person in self.people)

    def scaled(self, width: int, height: int) -> "Skeleton":
        """The same pose stretched onto another canvas."""
        fx, fy = width / self.width, height / self.height
        people = tuple(person.scaled(fx, fy) for person in self.people)
        return Skeleton(width=width, height=height, people=people)
