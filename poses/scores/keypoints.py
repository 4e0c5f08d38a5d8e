"""Compares detected with requested keypoints: OKS and PCK."""

import math
from typing import Final, NamedTuple

from formats.openpose.skeleton import KEYPOINT_NAMES, Person, Point, Skeleton
from poses.scores.matching import best_pairs

_SIGMA: Final = {
    "nose": 0.026,
    "neck": 0.079,
    "shoulder": 0.079,
    "elbow": 0.072,
    "wrist": 0.062,
    "hip": 0.107,
    "knee": 0.087,
    "ankle": 0.089,
    "eye": 0.025,
    "ear": 0.035,
}
SIGMAS: Final = tuple(_SIGMA[name.rpartition(" ")[2]] for name in KEYPOINT_NAMES)
"""How far annotators differ, by keypoint, in roots of the figure's area (cocodataset.org,
"Keypoint Evaluation"). COCO has no neck: it is taken as a shoulder, from which it is derived."""

AREA_OF_BOX: Final = 0.53
"""A person's area in boxes, where no outline is known (jin-s13/xtcocoapi, cocoeval.py)."""

BOX_MARGIN: Final = 0.1
"""What head, hands and feet add to the keypoints' box on each side, in its longer sides."""

PCK_ALPHA: Final = 0.1


class KeypointScores(NamedTuple):
    """Means over the requested people; somebody who is not found counts 0."""

    oks: float
    pck: float


def compare_keypoints(detected: Skeleton, requested: Skeleton) -> KeypointScores:
    """How well the detected people stand as requested, each 0 to 1.

    People are paired for the largest sum of OKS; people too many cost nothing. Only requested
    joints count that are shown and lie on the canvas. A canvas of another size is stretched.
    """
    found = detected.scaled(requested.width, requested.height).people
    wanted = [_on_canvas(person, requested) for person in requested.people]
    wanted = [person for person in wanted if any(person)]
    pairs = best_pairs([[oks(person, other) for other in found] for person in wanted])
    total = max(1, len(wanted))
    return KeypointScores(
        sum(oks(wanted[i], found[j]) for i, j in pairs) / total,
        sum(pck(wanted[i], found[j]) for i, j in pairs) / total,
    )


Joints = tuple[Point | None, ...]


def oks(requested: Joints, detected: Person) -> float:
    """Object keypoint similarity: the mean over requested joints of exp(-d² / (2 s² k²)).

    d is the distance in pixels, s² the figure's area, k twice the joint's sigma; a joint not
    found counts 0 (cocodataset.org, "Keypoint Evaluation"; Lin et al. 2014).
    """
    area = _area(requested)
    terms = [
        math.exp(-(_distance(want, got) ** 2) / (2 * area * (2 * sigma) ** 2)) if got else 0.0
        for want, got, sigma in zip(requested, detected.visible(), SIGMAS, strict=True)
        if want
    ]
    return sum(terms) / len(terms)


def pck(requested: Joints, detected: Person) -> float:
    """Share of correct keypoints: those within `PCK_ALPHA` of the longer side of the figure's box
    (Yang and Ramanan 2013, "Articulated human detection with flexible mixtures of parts")."""
    left, top, right, bottom = _box(requested)
    reach = PCK_ALPHA * max(right - left, bottom - top)
    hits = [
        got is not None and _distance(want, got) <= reach
        for want, got in zip(requested, detected.visible(), strict=True)
        if want
    ]
    return sum(hits) / len(hits)


def _on_canvas(person: Person, canvas: Skeleton) -> Joints:
    return tuple(
        p if p and 0 <= p.x <= canvas.width and 0 <= p.y <= canvas.height else None
        for p in person.visible()
    )


def _distance(one: Point, other: Point) -> float:
    return math.hypot(one.x - other.x, one.y - other.y)


def _box(joints: Joints) -> tuple[float, float, float, float]:
    """The keypoints' box with its margin, at least one pixel wide and high."""
    xs, ys = [p.x for p in joints if p], [p.y for p in joints if p]
    margin = max(0.5, BOX_MARGIN * max(max(xs) - min(xs), max(ys) - min(ys)))
    return min(xs) - margin, min(ys) - margin, max(xs) + margin, max(ys) + margin


def _area(joints: Joints) -> float:
    left, top, right, bottom = _box(joints)
    return AREA_OF_BOX * (right - left) * (bottom - top)
