"""Finds where people are: BlazePose's single-shot detector (Bazarevsky et al. 2020).

Its layout is MediaPipe's, modules/pose_detection/pose_detection_cpu.pbtxt (Apache-2.0).
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from poses.detection.network import Array, Network, sigmoid

MIN_SCORE: Final = 0.5
"""MediaPipe's own threshold."""

_MAX_IOU: Final = 0.3
"""Intersection over union from which two boxes are the same person (same source)."""

_GRIDS: Final = ((28, 2), (14, 2), (7, 6))
"""Cells a side and anchors a cell, of the three feature maps."""

_BOX_VALUES: Final = 12
"""Numbers of a box: centre, size, and four points, of which two are used here."""


@dataclass(frozen=True)
class PersonDetection:
    """A person: the middle of the hips, and a point as far off as the body reaches. Pixels."""

    score: float
    hips: tuple[float, float]
    reach: tuple[float, float]
    box: tuple[float, float, float, float]
    """Left, top, right, bottom of the upper body."""

    def offset_by(self, dx: int, dy: int) -> "PersonDetection":
        """The same person in an image of which this one was a crop, that far from its corner."""
        (x, y), (to_x, to_y), (left, top, right, bottom) = self.hips, self.reach, self.box
        box = (left + dx, top + dy, right + dx, bottom + dy)
        return PersonDetection(self.score, (x + dx, y + dy), (to_x + dx, to_y + dy), box)


class PersonFinder:
    """The detector, loaded once."""

    def __init__(self) -> None:
        self._network = Network("pose_detection.tflite")
        self._anchors = _anchors()

    def find(self, image: Image.Image, min_score: float = MIN_SCORE) -> tuple[PersonDetection, ...]:
        """The people in an RGB image whose boxes do not overlap, the highest score first."""
        square, scale, left, top = _letterbox(image, self._network.side)
        outputs = self._network(square)
        boxes = next(out for out in outputs if out.shape[-1] == _BOX_VALUES)[0]
        scores = sigmoid(next(out for out in outputs if out.shape[-1] == 1)[0, :, 0])
        likely = scores >= min_score
        boxes = self._decode_boxes(boxes[likely], self._anchors[likely])
        boxes = (boxes - np.array((left, top) * 4, np.float32)) / scale
        return _suppress_overlaps(boxes, scores[likely])

    def _decode_boxes(self, boxes: Array, anchors: Array) -> Array:
        """Corners and points in pixels of the square, (N, 8)."""
        centre, half = boxes[:, :2] + anchors * self._network.side, boxes[:, 2:4] / 2
        points = boxes[:, 4:8] + np.tile(anchors, 2) * self._network.side
        return np.concatenate((centre - half, centre + half, points), 1)


def _anchors() -> Array:
    cells = [
        ((x + 0.5) / side, (y + 0.5) / side)
        for side, repeats in _GRIDS
        for y in range(side)
        for x in range(side)
        for _ in range(repeats)
    ]
    return np.array(cells, np.float32)


def _letterbox(image: Image.Image, side: int) -> tuple[Array, float, int, int]:
    """The image in a black square, values -1 to 1; with its scale and its place in the square."""
    scale = side / max(image.size)
    width, height = (max(1, round(length * scale)) for length in image.size)
    left, top = (side - width) // 2, (side - height) // 2
    square = Image.new("RGB", (side, side))
    square.paste(image.resize((width, height), Image.Resampling.BILINEAR), (left, top))
    return np.asarray(square, np.float32) / 127.5 - 1, scale, left, top


def _suppress_overlaps(boxes: Array, scores: Array) -> tuple[PersonDetection, ...]:
    """Non-maximum suppression: of boxes that overlap, the one with the highest score."""
    kept: list[PersonDetection] = []
    for i in np.argsort(-scores, kind="stable"):
        left, top, right, bottom, *points = (float(value) for value in boxes[i])
        box = (left, top, right, bottom)
        if all(iou(box, other.box) < _MAX_IOU for other in kept):
            kept.append(
                PersonDetection(
                    float(scores[i]), (points[0], points[1]), (points[2], points[3]), box
                )
            )
    return tuple(kept)


Box = tuple[float, float, float, float]


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes of left, top, right, bottom."""
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    both = width * height
    return both / max(_area(a) + _area(b) - both, 1e-9)


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])
