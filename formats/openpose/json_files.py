"""Writes poses as OpenPose JSON, and reads its dialects."""

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pydantic import ValidationError

from formats.limits import MAX_COORDINATE, MAX_PEOPLE, MAX_SIDE, MIN_SIDE
from formats.openpose.skeleton import (
    BODY_POINTS,
    HAND_POINTS,
    Person,
    Point,
    Points,
    PoseError,
    Skeleton,
    visible_points,
)

CONFIDENCE_FLOOR: Final = 0.3
"""Imported points of less confidence are missing (DWPose has the same floor)."""

MAX_JSON_BYTES: Final = 1 << 20
_FIELDS: Final = {
    "body": "pose_keypoints_2d",
    "left_hand": "hand_left_keypoints_2d",
    "right_hand": "hand_right_keypoints_2d",
}
_HIDDEN: Final = {part: name.replace("keypoints", "hidden") for part, name in _FIELDS.items()}
"""Fields of our own, which other readers ignore: the same for hidden joints."""

_BODY_25: Final = (0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)
"""Indices of COCO's 18 points among OpenPose's own 25 (CMU openpose, doc/02_output.md)."""

_DEFAULT_SIDE: Final = 512
_MARGIN: Final = 1.05


def to_json(skeleton: Skeleton) -> str:
    """The pose in the dialect of sd-webui-controlnet: pixels, confidence 1.0, 0,0,0 for missing.

    Hidden points are missing there, and are in fields of our own.
    """
    people = [_person_json(person) for person in skeleton.people]
    canvas = {"canvas_width": skeleton.width, "canvas_height": skeleton.height}
    return json.dumps({"people": people, **canvas})


def _person_json(person: Person) -> dict[str, list[float] | None]:
    entry: dict[str, list[float] | None] = {}
    for part, name in _FIELDS.items():
        points: Points | None = getattr(person, part)
        entry[name] = _flat(visible_points(points)) if points else None
        hidden = tuple(p if p and p.hidden else None for p in points or ())
        if any(hidden):
            entry[_HIDDEN[part]] = _flat(hidden)
    return entry


def _flat(points: Points) -> list[float]:
    triples = ((p.x, p.y, 1.0) if p else (0.0, 0.0, 0.0) for p in points)
    return [value for triple in triples for value in triple]


_Triples = list[tuple[float, float, float]]
_PersonFields = dict[str, _Triples]
"""A person's points as x, y and confidence, by the name of their field."""


def from_json(text: str | bytes) -> Skeleton:
    """Read a pose: the people form (one object or a list with one), or fkunn1326's keypoints.

    Bodies have 18 points, or 25 as OpenPose's own; coordinates are pixels, or normalised to 0-1.
    A canvas too large for a request is made smaller; without one, the figures make it. Raises
    PoseError with what is wrong.
    """
    if len(text) > MAX_JSON_BYTES:
        raise PoseError("The pose file is larger than 1 MB; it can't be a pose.")
    data = _parse(text)
    people_fields = _people_fields(data)
    width, height = _canvas(data, people_fields)
    factor = min(1.0, MAX_SIDE / max(width, height))
    people = (_person(fields, width, height) for fields in people_fields)
    try:
        return Skeleton(
            width=max(MIN_SIDE, round(width * factor)),
            height=max(MIN_SIDE, round(height * factor)),
            people=tuple(p.scaled(factor, factor) if factor < 1 else p for p in people),
        )
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


def _canvas(data: dict[str, Any], people_fields: list[_PersonFields]) -> tuple[int, int]:
    width = data.get("canvas_width", data.get("width"))
    height = data.get("canvas_height", data.get("height"))
    if width is None and height is None:
        return _default_canvas(people_fields)
    return _side(width), _side(height)


def _side(value: Any) -> int:
    if not isinstance(value, int) or not MIN_SIDE <= value <= MAX_COORDINATE:
        raise PoseError(f"The canvas must be {MIN_SIDE}-{MAX_COORDINATE} pixels on each side.")
    return value


def _default_canvas(people_fields: list[_PersonFields]) -> tuple[int, int]:
    """A canvas for figures that came without one: OpenPose itself writes none."""
    points = [p for fields in people_fields for triples in fields.values() for p in triples]
    sides = (max((p[axis] for p in points), default=0.0) for axis in range(2))
    width, height = (min(MAX_COORDINATE, math.ceil(side * _MARGIN)) for side in sides)
    fits = max(width, height) <= _DEFAULT_SIDE * _MARGIN
    return (_DEFAULT_SIDE, _DEFAULT_SIDE) if fits else (max(MIN_SIDE, width), max(MIN_SIDE, height))


def _people_fields(data: dict[str, Any]) -> list[_PersonFields]:
    if isinstance(data.get("people"), list):
        found = [_person_fields(person) for person in data["people"][: MAX_PEOPLE + 1]]
    elif isinstance(data.get("keypoints"), list):
        found = _pairs(data["keypoints"])
    else:
        raise PoseError("No 'people' and no 'keypoints' in the file: it is not an OpenPose pose.")
    if len(found) > MAX_PEOPLE:
        raise PoseError(f"More than {MAX_PEOPLE} people in one pose.")
    return found


def _person_fields(person: Any) -> _PersonFields:
    if not isinstance(person, dict):
        raise PoseError(f"A person needs {BODY_POINTS} body points of x, y and confidence.")
    return dict(_read_fields(person))


def _read_fields(person: dict[str, Any]) -> Iterator[tuple[str, _Triples]]:
    for part in _FIELDS:
        for name in (_FIELDS[part], _HIDDEN[part]):
            if person.get(name) or name == _FIELDS["body"]:
                count = BODY_POINTS if part == "body" else HAND_POINTS
                yield name, _triples(person.get(name), count)


def _triples(flat: Any, count: int) -> _Triples:
    if not isinstance(flat, list) or len(flat) < 3 * count:
        part = "body" if count == BODY_POINTS else "hand"
        raise PoseError(f"A person needs {count} {part} points of x, y and confidence.")
    is_25 = count == BODY_POINTS and len(flat) == 75
    values = _numbers(flat[: 75 if is_25 else 3 * count])
    triples = [(values[i], values[i + 1], values[i + 2]) for i in range(0, len(values), 3)]
    return [triples[i] for i in _BODY_25] if is_25 else triples


def _pairs(points: list[Any]) -> list[_PersonFields]:
    if len(points) % BODY_POINTS or not all(isinstance(p, list) and len(p) == 2 for p in points):
        raise PoseError(f"'keypoints' must be pairs, a multiple of {BODY_POINTS}.")
    numbers = [_numbers(pair) for pair in points]
    triples = [(x, y, 1.0) for x, y in numbers]
    starts = range(0, len(triples), BODY_POINTS)
    return [{_FIELDS["body"]: triples[i : i + BODY_POINTS]} for i in starts]


def _numbers(values: Sequence[Any]) -> list[float]:
    good = all(isinstance(v, int | float) and math.isfinite(v) for v in values)
    if not good:
        raise PoseError("A keypoint is not a number.")
    return [float(v) for v in values]


def _person(fields: _PersonFields, width: int, height: int) -> Person:
    try:
        return Person(**{part: _points(fields, part, (width, height)) for part in _FIELDS})
    except ValidationError as error:
        raise PoseError(f"A keypoint is out of bounds: {_first_message(error)}") from error


def _points(fields: _PersonFields, part: str, canvas: tuple[int, int]) -> Points | None:
    """Pixels; a part whose points all lie within 0-1 is taken as normalised."""
    if _FIELDS[part] not in fields:
        return None
    visible = [
        (x, y) if c >= CONFIDENCE_FLOOR and (x > 0 or y > 0) else None
        for x, y, c in fields[_FIELDS[part]]
    ]
    if all(0 <= x <= 1 and 0 <= y <= 1 for x, y in filter(None, visible)):
        visible = [p and (p[0] * canvas[0], p[1] * canvas[1]) for p in visible]
    points = tuple(p and Point(x=p[0], y=p[1]) for p in visible)
    hidden = fields.get(_HIDDEN[part], [(0.0, 0.0, 0.0)] * len(points))
    return tuple(
        Point(x=x, y=y, hidden=True) if point is None and c > 0 else point
        for point, (x, y, c) in zip(points, hidden, strict=True)
    )


def _first_message(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
