"""Owns the OpenPose skeleton: 18 body and 2 x 21 hand keypoints a person, its JSON in and out."""

import json
import math
from collections.abc import Sequence
from typing import Annotated, Any, Final

from pydantic import Field, ValidationError, field_validator

from formats.frozen import Frozen
from formats.limits import MAX_PEOPLE, MAX_SIDE, MIN_SIDE

KEYPOINT_NAMES: Final = (
    "nose", "neck",
    "right shoulder", "right elbow", "right wrist",
    "left shoulder", "left elbow", "left wrist",
    "right hip", "right knee", "right ankle",
    "left hip", "left knee", "left ankle",
    "right eye", "left eye", "right ear", "left ear",
)  # fmt: skip
"""OpenPose's COCO-18 order (CMU openpose, doc/02_output.md); right and left are the person's."""

BODY_POINTS: Final = len(KEYPOINT_NAMES)
HAND_POINTS: Final = 21
"""The wrist, then four joints of each finger from the thumb on (CMU openpose, same source)."""

CONFIDENCE_FLOOR: Final = 0.3
"""Imported points under this confidence are taken as missing (DWPose uses the same floor)."""

MAX_JSON_BYTES: Final = 1 << 20
_BODY: Final = "pose_keypoints_2d"
_LEFT: Final = "hand_left_keypoints_2d"
_RIGHT: Final = "hand_right_keypoints_2d"


class PoseError(ValueError):
    """A pose that can't be read; the message says what is wrong with it."""


class Point(Frozen):
    """A joint in pixels of its canvas, from the top left; it may lie outside the canvas."""

    x: Annotated[float, Field(ge=-8192, le=8192, allow_inf_nan=False)]
    y: Annotated[float, Field(ge=-8192, le=8192, allow_inf_nan=False)]
    hidden: bool = False
    """Set aside in the editor: kept with the pose, not drawn and not exported."""


Points = tuple[Point | None, ...]
Hand = Annotated[Points, Field(min_length=HAND_POINTS, max_length=HAND_POINTS)]


class Person(Frozen):
    """One figure: 18 points in `KEYPOINT_NAMES`' order, None where the joint is unknown."""

    body: Points = Field(min_length=BODY_POINTS, max_length=BODY_POINTS)
    left_hand: Hand | None = None
    right_hand: Hand | None = None

    def visible(self) -> Points:
        """The 18 points as they are drawn: hidden ones are None too."""
        return _shown(self.body)

    def hands(self) -> tuple[Points, ...]:
        """The hands there are, left first, as they are drawn."""
        return tuple(_shown(hand) for hand in (self.left_hand, self.right_hand) if hand)

    def scaled(self, fx: float, fy: float) -> "Person":
        """The same figure stretched by two factors."""
        return Person(
            body=_stretched(self.body, fx, fy),
            left_hand=self.left_hand and _stretched(self.left_hand, fx, fy),
            right_hand=self.right_hand and _stretched(self.right_hand, fx, fy),
        )


def _shown(points: Points) -> Points:
    return tuple(None if p is None or p.hidden else p for p in points)


def _stretched(points: Points, fx: float, fy: float) -> Points:
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
        return not any(any(person.visible()) for person in self.people)

    def scaled(self, width: int, height: int) -> "Skeleton":
        """The same pose stretched onto another canvas."""
        fx, fy = width / self.width, height / self.height
        people = tuple(person.scaled(fx, fy) for person in self.people)
        return Skeleton(width=width, height=height, people=people)


def to_json(skeleton: Skeleton) -> str:
    """The pose in the dialect of sd-webui-controlnet: pixels, confidence 1.0, 0,0,0 for missing.

    Hidden points have no place in that dialect and are written as missing.
    """
    people = [_person_json(person) for person in skeleton.people]
    canvas = {"canvas_width": skeleton.width, "canvas_height": skeleton.height}
    return json.dumps({"people": people, **canvas})


def _person_json(person: Person) -> dict[str, list[float] | None]:
    hands = {_LEFT: person.left_hand, _RIGHT: person.right_hand}
    return {
        _BODY: _flat(person.body),
        **{k: _flat(hand) if hand else None for k, hand in hands.items()},
    }


def _flat(points: Points) -> list[float]:
    triples = ((p.x, p.y, 1.0) if p else (0.0, 0.0, 0.0) for p in _shown(points))
    return [value for triple in triples for value in triple]


def from_json(text: str | bytes) -> Skeleton:
    """Read a pose: the people form (one object or a list with one), or fkunn1326's keypoints.

    Raises PoseError with what is wrong. Coordinates may be pixels or normalised to 0-1.
    """
    if len(text) > MAX_JSON_BYTES:
        raise PoseError("The pose file is larger than 1 MB; it can't be a pose.")
    data = _parse(text)
    width, height = _canvas(data)
    people = tuple(_person(parts, width, height) for parts in _people(data))
    try:
        return Skeleton(width=width, height=height, people=people)
    except ValidationError as error:
        raise PoseError(f"The pose is out of bounds: {_first_message(error)}") from error


def _parse(text: str | bytes) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PoseError("This is not JSON. Export the pose again as OpenPose JSON.") from error
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    if not isinstance(data, dict):
        raise PoseError("The pose file must hold one object with 'people' or 'keypoints'.")
    return data


def _canvas(data: dict[str, Any]) -> tuple[int, int]:
    width = data.get("canvas_width", data.get("width", 512))
    height = data.get("canvas_height", data.get("height", 512))
    if not all(isinstance(v, int) and MIN_SIDE <= v <= MAX_SIDE for v in (width, height)):
        raise PoseError(f"The canvas must be {MIN_SIDE}-{MAX_SIDE} pixels on each side.")
    return width, height


_Triples = list[tuple[float, float, float]]


def _people(data: dict[str, Any]) -> list[dict[str, _Triples]]:
    if isinstance(data.get("people"), list):
        found = [_parts(person) for person in data["people"][: MAX_PEOPLE + 1]]
    elif isinstance(data.get("keypoints"), list):
        found = _pairs(data["keypoints"])
    else:
        raise PoseError("No 'people' and no 'keypoints' in the file: it is not an OpenPose pose.")
    if len(found) > MAX_PEOPLE:
        raise PoseError(f"More than {MAX_PEOPLE} people in one pose.")
    return found


def _parts(person: Any) -> dict[str, _Triples]:
    if not isinstance(person, dict):
        raise PoseError(f"A person needs {BODY_POINTS} body points of x, y and confidence.")
    hands = {key: _triples(person[key], HAND_POINTS) for key in (_LEFT, _RIGHT) if person.get(key)}
    return {_BODY: _triples(person.get(_BODY), BODY_POINTS), **hands}


def _triples(flat: Any, count: int) -> _Triples:
    if not isinstance(flat, list) or len(flat) < 3 * count:
        part = "body" if count == BODY_POINTS else "hand"
        raise PoseError(f"A person needs {count} {part} points of x, y and confidence.")
    values = _numbers(flat[: 3 * count])
    return [(values[i], values[i + 1], values[i + 2]) for i in range(0, len(values), 3)]


def _pairs(points: list[Any]) -> list[dict[str, _Triples]]:
    if len(points) % BODY_POINTS or not all(isinstance(p, list) and len(p) == 2 for p in points):
        raise PoseError(f"'keypoints' must be pairs, a multiple of {BODY_POINTS}.")
    numbers = [_numbers(pair) for pair in points]
    triples = [(x, y, 1.0) for x, y in numbers]
    starts = range(0, len(triples), BODY_POINTS)
    return [{_BODY: triples[i : i + BODY_POINTS]} for i in starts]


def _numbers(values: Sequence[Any]) -> list[float]:
    good = all(isinstance(v, int | float) and math.isfinite(v) for v in values)
    if not good:
        raise PoseError("A keypoint is not a number.")
    return [float(v) for v in values]


def _person(parts: dict[str, _Triples], width: int, height: int) -> Person:
    try:
        return Person(
            body=_points(parts[_BODY], width, height),
            left_hand=_points(parts[_LEFT], width, height) if _LEFT in parts else None,
            right_hand=_points(parts[_RIGHT], width, height) if _RIGHT in parts else None,
        )
    except ValidationError as error:
        raise PoseError(f"A keypoint is out of bounds: {_first_message(error)}") from error


def _points(triples: _Triples, width: int, height: int) -> Points:
    """Pixels; a part whose points all lie within 0-1 is taken as normalised."""
    kept = [(x, y) if c >= CONFIDENCE_FLOOR and (x > 0 or y > 0) else None for x, y, c in triples]
    if all(0 <= x <= 1 and 0 <= y <= 1 for x, y in filter(None, kept)):
        kept = [p and (p[0] * width, p[1] * height) for p in kept]
    return tuple(p and Point(x=p[0], y=p[1]) for p in kept)


def _first_message(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
