"""Reads an OpenPose map back into keypoints: joints by colour, people by their limbs."""

from typing import Final

import numpy as np
from PIL import Image

from formats.limits import MAX_PEOPLE, MAX_SIDE, MIN_SIDE
from formats.openpose.skeleton import BODY_POINTS, Person, Point, Skeleton
from poses.maps.joints import PixelLabels, classify_pixels, find_joints
from poses.maps.people import PersonJoints, group_joints

_WORK_SIDE: Final = 1024
"""Larger maps are averaged down to about this short side; a disc is then 4 pixels wide or more."""

_MAX_PAINTED: Final = 0.5
_MIN_COLOURED: Final = 0.6
"""Of a map's pixels: how many may be not black, and how many of those have one of the 18 hues."""

_MIN_LIMBS: Final = 2
_MAX_JOINTS: Final = 2000
"""More discs of those colours than this are a noisy image, not people."""


def is_pose_map(image: Image.Image) -> bool:
    """Whether the image is an OpenPose map: coloured joints and limbs on black."""
    return read_map(image) is not None


def read_map(image: Image.Image) -> Skeleton | None:
    """The keypoints a map was drawn from, on a canvas of its size; None where it is no map.

    Hidden joints are missing. Maps of another size, resized, and as JPEG are read too. Hands and
    faces on the map are ignored.
    """
    shrink = max(1, min(image.size) // _WORK_SIDE)
    small = image.convert("RGB").reduce(shrink)
    pixels = classify_pixels(np.asarray(small))
    if min(image.size) < MIN_SIDE or not _looks_like_a_map(pixels):
        return None
    joints, radius = find_joints(pixels)
    if len(joints) > _MAX_JOINTS:
        return None
    figures, limbs = group_joints(pixels, joints, radius)
    if limbs < _MIN_LIMBS or len(figures) > MAX_PEOPLE:
        return None
    return _skeleton(figures, image.size, shrink)


def _looks_like_a_map(pixels: PixelLabels) -> bool:
    not_black = float(pixels.not_black.mean())
    coloured = float(((pixels.joints >= 0) | (pixels.limbs >= 0)).mean())
    return 0 < not_black <= _MAX_PAINTED and coloured >= _MIN_COLOURED * not_black


def _skeleton(figures: list[PersonJoints], size: tuple[int, int], shrink: int) -> Skeleton:
    width, height = (min(max(side, MIN_SIDE), MAX_SIDE) for side in size)
    fx, fy = width / size[0], height / size[1]
    people = [_person(figure, shrink).scaled(fx, fy) for figure in figures]
    return Skeleton(width=width, height=height, people=tuple(people))


def _person(figure: PersonJoints, shrink: int) -> Person:
    """Pixels of the whole map; an averaged pixel stands for the middle of those it covers."""
    middle = (shrink - 1) / 2
    points = (figure.get(index) for index in range(BODY_POINTS))
    return Person(
        body=tuple(
            p and Point(x=round(p.x * shrink + middle, 2), y=round(p.y * shrink + middle, 2))
            for p in points
        )
    )
