"""Brings the points of a person from the layouts that tools write to 18 body and 21 hand points."""

import math
from typing import Any, Final, NamedTuple

from formats.openpose import texts
from formats.openpose.skeleton import BODY_POINTS, HAND_POINTS, PoseError

RawPoint = tuple[float, float, float]
"""x, y and confidence as the file has them; any of them may be NaN."""

CONFIDENCE_FLOOR: Final = 0.3
"""Imported points of less confidence are missing (DWPose has the same floor)."""

UNKNOWN: Final[RawPoint] = (0.0, 0.0, 0.0)

FIELDS: Final = {
    "body": ("pose_keypoints_2d", "keypoints"),
    "left_hand": ("hand_left_keypoints_2d", "lefthand_kpts"),
    "right_hand": ("hand_right_keypoints_2d", "righthand_kpts"),
}
"""OpenPose's names, and those of COCO and COCO-WholeBody."""

HIDDEN_FIELDS: Final = {
    part: names[0].replace("keypoints", "hidden") for part, names in FIELDS.items()
}
"""Fields of our own, which other readers ignore: the same for hidden joints."""

_FACES: Final = ("face_keypoints_2d", "face_kpts")
_FEET: Final = "foot_kpts"

_BODY_25: Final = (0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18)
"""Indices of the 18 points among OpenPose's own 25 (CMU openpose, doc/02_output.md)."""

_COCO: Final = (0, None, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3)
"""Indices of the 18 points among COCO's 17, which lack the neck (mmpose configs/_base_/datasets/
coco.py; the same exchange in sd-webui-controlnet annotator/openpose/wholebody.py)."""

_SHOULDERS: Final = (5, 6)
_WHOLE_BODY: Final = {"left_hand": slice(91, 112), "right_hand": slice(112, 133)}
"""COCO-WholeBody: 17 body, 6 feet, 68 face, 2 x 21 hands (mmpose coco_wholebody.py)."""

_SHOWN: Final = 20
"""Characters of a value that is no number."""

_COCO_POINTS: Final = 17
_BODY_25_POINTS: Final = 25
_WHOLE_BODY_POINTS: Final = 133
_LAYOUTS: Final = {
    BODY_POINTS: None,
    _COCO_POINTS: texts.IS_COCO,
    _BODY_25_POINTS: texts.IS_BODY_25,
    _WHOLE_BODY_POINTS: texts.IS_WHOLE_BODY,
}
"""How many points a body may have, and what is told of it."""


class RawPerson(NamedTuple):
    """A person's points by part, in our order, still in the file's units; and what was left out."""

    number: int
    """Counts from 1, as the file lists them."""
    parts: dict[str, list[RawPoint]]
    hidden: dict[str, list[RawPoint]]
    has_face: bool
    notices: tuple[str, ...]


def read_person(entry: Any, number: int) -> RawPerson:
    """The points of a file's entry. Raises PoseError for a layout that is not known."""
    if not isinstance(entry, dict):
        raise PoseError(texts.no_person(number))
    notices: list[str] = []
    parts: dict[str, list[RawPoint]] = {}
    for part, names in FIELDS.items():
        points = _first(entry, names, number)
        if points and part == "body":
            parts |= _body(points, notices)
        elif points:
            parts[part] = _hand(points)
    hidden = {part: _hidden(entry, part, number) for part in FIELDS}
    has_face = any(is_known(p) for name in _FACES for p in _points(entry.get(name), None, number))
    if any(is_known(point) for point in _points(entry.get(_FEET), None, number)):
        notices.append(texts.FEET_LEFT_OUT)
    return RawPerson(number, parts, hidden, has_face, tuple(notices))


def _first(entry: dict[str, Any], names: tuple[str, ...], number: int) -> list[RawPoint]:
    name = next((name for name in names if entry.get(name)), "")
    return _points(entry.get(name), entry.get("keypoint_scores"), number)


def _body(points: list[RawPoint], notices: list[str]) -> dict[str, list[RawPoint]]:
    if len(points) not in _LAYOUTS:
        raise PoseError(texts.body_count(len(points)))
    notice = _LAYOUTS[len(points)]
    if notice:
        notices.append(notice)
    if len(points) == BODY_POINTS:
        return {"body": points}
    if len(points) == _BODY_25_POINTS:
        return {"body": [points[index] for index in _BODY_25]}
    neck = _neck(*(points[index] for index in _SHOULDERS))
    body = [neck if index is None else points[index] for index in _COCO]
    hands = _WHOLE_BODY.items() if len(points) == _WHOLE_BODY_POINTS else ()
    return {"body": body, **{part: points[place] for part, place in hands}}


def _neck(left: RawPoint, right: RawPoint) -> RawPoint:
    """The middle of the shoulders where both are known, as sd-webui-controlnet's DWPose has it."""
    confidence = min(left[2], right[2])
    if not (is_known(left) and is_known(right)) or confidence < CONFIDENCE_FLOOR:
        return UNKNOWN
    return ((left[0] + right[0]) / 2, (left[1] + right[1]) / 2, confidence)


def _hand(points: list[RawPoint]) -> list[RawPoint]:
    if len(points) != HAND_POINTS:
        raise PoseError(texts.hand_count(len(points)))
    return points


def _hidden(entry: dict[str, Any], part: str, number: int) -> list[RawPoint]:
    points = _points(entry.get(HIDDEN_FIELDS[part]), None, number)
    count = BODY_POINTS if part == "body" else HAND_POINTS
    return points if len(points) == count else []


def is_known(point: RawPoint) -> bool:
    """Whether there is a place: tools write null, NaN, 0,0 or -1,-1 where there is none."""
    x, y, confidence = point
    is_number = all(math.isfinite(value) for value in point)
    return is_number and confidence > 0 and (x, y) not in {(0, 0), (-1, -1)}


def _points(value: Any, scores: Any, number: int) -> list[RawPoint]:
    """Points of a flat list of triples, or of a list of pairs or triples."""
    if not value:
        return []
    if not isinstance(value, list):
        raise PoseError(texts.no_points(number))
    if any(isinstance(each, list) for each in value):
        return _nested(value, scores, number)
    if len(value) % 3:
        raise PoseError(texts.torn_points(number, len(value)))
    numbers = [_number(each, number) for each in value]
    return list(zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True))


def _nested(value: list[Any], scores: Any, number: int) -> list[RawPoint]:
    if not (isinstance(scores, list) and len(scores) == len(value)):
        scores = [1.0] * len(value)
    points = []
    for each, score in zip(value, scores, strict=True):
        if each is None:
            points.append(UNKNOWN)
        elif isinstance(each, list) and len(each) in {2, 3}:
            x, y, confidence = (_number(one, number) for one in (*each, score)[:3])
            points.append((x, y, confidence))
        else:
            raise PoseError(texts.no_points(number))
    return points


def _number(value: Any, number: int) -> float:
    """NaN for null, for what JSON has no number for, and for one that is too large."""
    if value is None:
        return math.nan
    if isinstance(value, bool):
        raise PoseError(texts.not_a_number(number, str(value)))
    try:
        return float(value or math.nan) if isinstance(value, str) else float(value)
    except OverflowError:
        return math.nan
    except (TypeError, ValueError) as error:
        raise PoseError(texts.not_a_number(number, str(value)[:_SHOWN])) from error
