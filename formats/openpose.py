"""Owns the OpenPose skeleton: 18 body keypoints a person, and its JSON in and out."""

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
CONFIDENCE_FLOOR: Final = 0.3
"""Imported points under this confidence are taken as missing (DWPose uses the same floor)."""

MAX_JSON_BYTES: Final = 1 << 20


class PoseError(ValueError):
    """A pose that can't be read; the message says what is wrong with it."""


class Point(Frozen):
    """A joint in pixels of its canvas, from the top left; it may lie outside the canvas."""

    x: Annotated[float, Field(ge=-8192, le=8192, allow_inf_nan=False)]
    y: Annotated[float, Field(ge=-8192, le=8192, allow_inf_nan=False)]
    hidden: bool = False
    """Set aside in the editor: kept with the pose, not drawn and not exported."""


class Person(Frozen):
    """One figure: 18 points in `KEYPOINT_NAMES`' order, None where the joint is unknown."""

    body: tuple[Point | None, ...] = Field(min_length=BODY_POINTS, max_length=BODY_POINTS)

    def visible(self) -> tuple[Point | None, ...]:
        """The 18 points as they are drawn: hidden ones are None too."""
        return tuple(None if p is None or p.hidden else p for p in self.body)


class Skeleton(Frozen):
    """All figures of one pose on a canvas of width x height pixels."""

    width: int = Field(ge=MIN_SIDE, le=MAX_SIDE)
    height: int = Field(ge=MIN_SIDE, le=MAX_SIDE)
    people: tuple[Person, ...] = Field(max_length=MAX_PEOPLE)

    @field_validator("people", mode="before")
    @classmethod
    def _accept_list(cls, value: Any) -> Any:
        return tuple(value) if isinstance(value, list) else value

    def scaled(self, width: int, height: int) -> "Skeleton":
        """The same pose stretched onto another canvas."""
        fx, fy = width / self.width, height / self.height
        people = tuple(
            Person(body=tuple(p and p.model_copy(update={"x": p.x * fx, "y": p.y * fy})
                              for p in person.body))
            for person in self.people
        )  # fmt: skip
        return Skeleton(width=width, height=height, people=people)


def to_json(skeleton: Skeleton) -> str:
    """The pose in the dialect of sd-webui-controlnet: pixels, confidence 1.0, 0,0,0 for missing.

    Hidden points have no place in that dialect and are written as missing.
    """
    people = [{"pose_keypoints_2d": _flat(person)} for person in skeleton.people]
    canvas = {"canvas_width": skeleton.width, "canvas_height": skeleton.height}
    return json.dumps({"people": people, **canvas})


def _flat(person: Person) -> list[float]:
    triples = ((p.x, p.y, 1.0) if p else (0.0, 0.0, 0.0) for p in person.visible())
    return [value for triple in triples for value in triple]


def from_json(text: str | bytes) -> Skeleton:
    """Read a pose: the people form (one object or a list with one), or fkunn1326's keypoints.

    Raises PoseError with what is wrong. Coordinates may be pixels or normalised to 0-1.
    """
    if len(text) > MAX_JSON_BYTES:
        raise PoseError("The pose file is larger than 1 MB; it can't be a pose.")
    data = _parse(text)
    width, height = _canvas(data)
    people = tuple(_person(points, width, height) for points in _people(data))
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


def _people(data: dict[str, Any]) -> list[list[tuple[float, float, float]]]:
    if isinstance(data.get("people"), list):
        found = [_triples(person) for person in data["people"][: MAX_PEOPLE + 1]]
    elif isinstance(data.get("keypoints"), list):
        found = _pairs(data["keypoints"])
    else:
        raise PoseError("No 'people' and no 'keypoints' in the file: it is not an OpenPose pose.")
    if len(found) > MAX_PEOPLE:
        raise PoseError(f"More than {MAX_PEOPLE} people in one pose.")
    return found


def _triples(person: Any) -> list[tuple[float, float, float]]:
    flat = person.get("pose_keypoints_2d") if isinstance(person, dict) else None
    if not isinstance(flat, list) or len(flat) < 3 * BODY_POINTS:
        raise PoseError(f"A person needs {BODY_POINTS} body points of x, y and confidence.")
    values = _numbers(flat[: 3 * BODY_POINTS])
    return [(values[i], values[i + 1], values[i + 2]) for i in range(0, len(values), 3)]


def _pairs(points: list[Any]) -> list[list[tuple[float, float, float]]]:
    if len(points) % BODY_POINTS or not all(isinstance(p, list) and len(p) == 2 for p in points):
        raise PoseError(f"'keypoints' must be pairs, a multiple of {BODY_POINTS}.")
    numbers = [_numbers(pair) for pair in points]
    triples = [(x, y, 1.0) for x, y in numbers]
    return [triples[i : i + BODY_POINTS] for i in range(0, len(triples), BODY_POINTS)]


def _numbers(values: Sequence[Any]) -> list[float]:
    good = all(isinstance(v, int | float) and math.isfinite(v) for v in values)
    if not good:
        raise PoseError("A keypoint is not a number.")
    return [float(v) for v in values]


def _person(points: list[tuple[float, float, float]], width: int, height: int) -> Person:
    kept = [(x, y) if c >= CONFIDENCE_FLOOR and (x > 0 or y > 0) else None for x, y, c in points]
    if all(0 <= x <= 1 and 0 <= y <= 1 for x, y in filter(None, kept)):
        kept = [p and (p[0] * width, p[1] * height) for p in kept]
    try:
        return Person(body=tuple(p and Point(x=p[0], y=p[1]) for p in kept))
    except ValidationError as error:
        raise PoseError(f"A keypoint is out of bounds: {_first_message(error)}") from error


def _first_message(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
