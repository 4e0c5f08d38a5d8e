"""Scores how well an image follows the pose that it was asked for."""

from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Final, Self

from PIL import Image
from pydantic import Field

from formats.frozen import Tolerant
from formats.openpose.skeleton import Skeleton
from poses.scores import figure_mask, keypoints
from poses.scores.figure_mask import MaskScores
from poses.scores.keypoints import KeypointScores


class ScoreMethod(StrEnum):
    """What the score was measured by; the value is the word a user reads."""

    KEYPOINTS = "keypoints"
    FIGURE_MASK = "figure mask"
    NOT_SCORED = "not scored"


_CLEARLY: Final = 0.05
"""A larger gain in intersection over union than this is no chance."""

Share = Annotated[float, Field(ge=0, le=1)]


class PoseScore(Tolerant):
    """An image's score, 0 to 1, and the measures behind it; None where one was not taken."""

    value: Share | None = None
    """OKS for keypoints, the balance of cover and inside for a figure mask."""
    method: ScoreMethod = ScoreMethod.NOT_SCORED
    oks: Share | None = None
    pck: Share | None = None
    cover: Share | None = None
    inside: Share | None = None
    iou: Share | None = None

    @classmethod
    def of_keypoints(cls, scores: KeypointScores) -> Self:
        """The score of an image in which people were found."""
        return cls(value=scores.oks, method=ScoreMethod.KEYPOINTS, oks=scores.oks, pck=scores.pck)

    @classmethod
    def of_mask(cls, scores: MaskScores) -> Self:
        """The score of a figure on a plain background."""
        return cls(
            value=scores.balance,
            method=ScoreMethod.FIGURE_MASK,
            cover=scores.cover,
            inside=scores.inside,
            iou=scores.iou,
        )


Detect = Callable[[Image.Image], Skeleton]
"""Finds everybody in an image, such as `PoseDetector.detect`."""


def score_image(image: Image.Image, requested: Skeleton, detect: Detect) -> PoseScore:
    """Measure an image of any size against the pose it was to follow.

    Where the detector finds people, their keypoints decide. In cartoons it finds nobody, or limbs
    where there are none: then the mask of the figure is compared with the bones, which takes a
    plain background. Else there is no score.
    """
    if requested.shows_no_body:
        return PoseScore()
    detected = detect(image)
    mask = figure_mask.measure(image, requested)
    if detected.people and not (mask and _is_refuted(detected, image, mask)):
        return PoseScore.of_keypoints(keypoints.compare_keypoints(detected, requested))
    return PoseScore.of_mask(mask) if mask else PoseScore()


def _is_refuted(detected: Skeleton, image: Image.Image, requested: MaskScores) -> bool:
    """Whether the figure fits the detected skeleton no better than the requested one.

    Then the detector, which was trained on photos, doesn't disprove the request.
    """
    own = figure_mask.measure(image, detected)
    return own is None or own.iou < requested.iou + _CLEARLY
