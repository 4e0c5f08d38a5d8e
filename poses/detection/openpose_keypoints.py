"""Turns BlazePose's 33 points into the 18 keypoints of OpenPose."""

from typing import Final

from formats.openpose.skeleton import KEYPOINT_NAMES, Person, Point
from poses.detection.blazepose_landmarks import BodyLandmarks

MIN_VISIBILITY: Final = 0.5
"""MediaPipe's visibility threshold for drawing a landmark (drawing_utils.py)."""

_NECK: Final = -1
_SHOULDERS: Final = (11, 12)

_LANDMARKS: Final = {
    "nose": 0,
    "neck": _NECK,
    "right shoulder": 12,
    "right elbow": 14,
    "right wrist": 16,
    "left shoulder": 11,
    "left elbow": 13,
    "left wrist": 15,
    "right hip": 24,
    "right knee": 26,
    "right ankle": 28,
    "left hip": 23,
    "left knee": 25,
    "left ankle": 27,
    "right eye": 5,
    "left eye": 2,
    "right ear": 8,
    "left ear": 7,
}
BODY_ORDER: Final = tuple(_LANDMARKS[name] for name in KEYPOINT_NAMES)
"""BlazePose's index of each of `KEYPOINT_NAMES`."""


def to_person(body: BodyLandmarks, size: tuple[int, int]) -> Person:
    """The keypoints that are visible and within an image of that size; the others are missing.

    The neck is the middle of the shoulders where both are visible, as in controlnet_aux's DWPose.
    """
    return Person(body=tuple(_point(body, index, size) for index in BODY_ORDER))


def _point(body: BodyLandmarks, index: int, size: tuple[int, int]) -> Point | None:
    of = _SHOULDERS if index == _NECK else (index,)
    if min(float(body.visibility[i]) for i in of) < MIN_VISIBILITY:
        return None
    x, y = (sum(float(body.points[i, axis]) for i in of) / len(of) for axis in range(2))
    inside = 0 <= x <= size[0] and 0 <= y <= size[1]
    return Point(x=round(x, 2), y=round(y, 2)) if inside else None
