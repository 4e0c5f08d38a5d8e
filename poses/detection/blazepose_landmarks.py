"""Finds the 33 points of one body: BlazePose's landmark network on a turned crop.

The crop and the order of the points are MediaPipe's, modules/pose_landmark (Apache-2.0).
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from poses.detection.blazepose_people import PersonDetection
from poses.detection.network import Array, Network, sigmoid

POINTS: Final = 33
_NETWORK_POINTS: Final = 39
"""The network's points; the last six serve to follow a crop through a video."""

_MARGIN: Final = 1.25
"""The crop is so much larger than the circle about the body (pose_landmarks_to_roi.pbtxt)."""


@dataclass(frozen=True)
class BodyLandmarks:
    """33 points in the image's pixels, how visible each is, and how likely a person is there."""

    points: Array
    """(33, 2): x, y."""
    visibility: Array
    """(33,): 0 to 1."""
    presence: float


class LandmarkFinder:
    """The landmark network, loaded once."""

    def __init__(self) -> None:
        self._network = Network("pose_landmark_full.tflite")

    def find(self, image: Image.Image, person: PersonDetection) -> BodyLandmarks:
        """The landmarks of a person who was found in an RGB image."""
        affine = _crop(person, self._network.side)
        crop = image.transform(
            (self._network.side,) * 2, Image.Transform.AFFINE, affine, Image.Resampling.BILINEAR
        )
        outputs = self._network(np.asarray(crop, np.float32) / 255)
        points = next(out for out in outputs if out.size == _NETWORK_POINTS * 5)
        presence = next(out for out in outputs if out.size == 1)
        rows = points.reshape(_NETWORK_POINTS, 5)[:POINTS]
        return BodyLandmarks(
            points=_to_image(rows[:, :2], affine),
            visibility=np.minimum(sigmoid(rows[:, 3]), sigmoid(rows[:, 4])),
            presence=float(presence.reshape(-1)[0]),
        )


Affine = tuple[float, float, float, float, float, float]


def _crop(person: PersonDetection, side: int) -> Affine:
    """The transform from the crop's pixels to the image's: upright from hips to reach."""
    (x, y), (to_x, to_y) = person.hips, person.reach
    across, up = to_x - x, to_y - y
    length = max(math.hypot(across, up), 1e-3)
    scale = 2 * _MARGIN * length / side
    cos, sin = -up / length * scale, across / length * scale
    left, top = x - (cos - sin) * side / 2, y - (sin + cos) * side / 2
    return cos, -sin, left, sin, cos, top


def _to_image(points: Array, affine: Affine) -> Array:
    a, b, c, d, e, f = affine
    x, y = points[:, 0], points[:, 1]
    return np.stack((a * x + b * y + c, d * x + e * y + f), 1)
