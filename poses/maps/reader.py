"""Reads an OpenPose map back into keypoints: joints by colour, people by their limbs."""

import math
from typing import Final

import numpy as np
from PIL import Image, ImageDraw

from formats.frozen import Frozen
from formats.limits import MAX_PEOPLE, MAX_SIDE, MIN_SIDE
from formats.openpose.pose_map import LIMBS, limb_radius
from formats.openpose.skeleton import BODY_POINTS, Person, Point, Skeleton
from poses.maps.discs import NoiseError, components, disc, disc_radius, fits
from poses.maps.joints import HAND_COLOUR, find_joints
from poses.maps.people import PersonJoints, group_joints
from poses.maps.pixels import Grid, Layer, Pixels, classify_pixels

_WORK_SIDE: Final = 1024
_WORK_PIXELS: Final = 1 << 21
"""Larger maps are averaged down to about this short side, and to so many pixels at most; a disc is
then 4 pixels wide or more."""

_MAX_PAINTED: Final = 0.5
_MIN_COLOURED: Final = 0.35
"""Of a map's pixels: how many may not be black; how many of those have a hue, which faces lack."""

_MIN_LIMBS: Final = 2
_MAX_LEVELS: Final = 5
"""Brightnesses of people: the fifth is 13 % of the first, about the noise of JPEG."""

_MIN_DARK_JOINTS: Final = 3
_BLUR: Final = 1.5
"""Pixels about a person that the drawing may colour."""


class MapPose(Frozen):
    """What a map shows."""

    skeleton: Skeleton
    has_hands: bool
    has_faces: bool
    """Whether hands and faces are on the map; they are not in the skeleton."""


def is_pose_map(image: Image.Image) -> bool:
    """Whether the image is an OpenPose map: coloured joints and limbs on black."""
    return read_map(image) is not None


def read_map(image: Image.Image) -> MapPose | None:
    """The keypoints a map was drawn from, on a canvas of its size; None where it is no map.

    Maps of this software, of DWPose and of controlnet_aux are read, also resized and as JPEG. A
    joint that others cover is read where a limb leads to it, else it is missing. Hands and faces
    are told, and are neither people nor joints.
    """
    if min(image.size) < MIN_SIDE:
        return None
    shrink = _shrink(*image.size)
    pixels = classify_pixels(np.asarray(image.convert("RGB").reduce(shrink)))
    if not _looks_like_a_map(pixels):
        return None
    try:
        return _read(pixels, image.size, shrink)
    except NoiseError:
        return None


def _shrink(width: int, height: int) -> int:
    by_area = math.ceil(math.sqrt(width * height / _WORK_PIXELS))
    return max(1, min(width, height) // _WORK_SIDE, by_area)


def _looks_like_a_map(pixels: Pixels) -> bool:
    not_black = float(pixels.not_black.mean())
    coloured = float(pixels.coloured.mean())
    return 0 < not_black <= _MAX_PAINTED and coloured >= _MIN_COLOURED * not_black


def _read(pixels: Pixels, size: tuple[int, int], shrink: int) -> MapPose | None:
    radius = _radius(pixels, size, shrink)
    people, limbs, has_hands = _find_people(pixels, radius)
    if limbs < _MIN_LIMBS or not 0 < len(people) <= MAX_PEOPLE:
        return None
    white = pixels.not_black & ~pixels.coloured & (pixels.value >= 128)
    has_faces = fits(white, disc(max(1.0, 0.6 * radius)))
    return MapPose(
        skeleton=_skeleton(people, size, shrink), has_hands=has_hands, has_faces=has_faces
    )


def _radius(pixels: Pixels, size: tuple[int, int], shrink: int) -> float:
    """Of joints, pixels. Blue discs are left out: those of hands overlap."""
    bright = Layer.at(pixels, 0, np.zeros(pixels.value.shape, bool))
    indices = (index for index in range(BODY_POINTS) if index != HAND_COLOUR)
    found = (each for index in indices for each in components(bright.joint_mask(index)))
    return disc_radius(found) or limb_radius(*size) / shrink


def _find_people(pixels: Pixels, radius: float) -> tuple[list[PersonJoints], int, bool]:
    """People from bright to dark, how many limbs prove them, and whether hands show."""
    people: list[PersonJoints] = []
    limbs, has_hands = 0, False
    for level in range(_MAX_LEVELS):
        if level and not _has_limbs(pixels, level, radius):
            break
        layer = Layer.at(pixels, level, _footprint(pixels.value.shape, people, radius + _BLUR))
        joints = find_joints(layer, radius)
        found, proofs = group_joints(layer, joints, radius)
        people += [person for person in found if not level or len(person) >= _MIN_DARK_JOINTS]
        limbs += proofs
        has_hands = has_hands or any(joint.is_of_hand for joint in joints)
    return people, limbs, has_hands


def _has_limbs(pixels: Pixels, level: int, radius: float) -> bool:
    """Whether something as broad as a limb has the brightness of the level's limbs."""
    dark = pixels.has_brightness(level + 1) & pixels.coloured
    return fits(dark, disc(max(1.5, radius / 2)))


def _footprint(shape: tuple[int, ...], people: list[PersonJoints], margin: float) -> Grid:
    """The pixels that people may have coloured."""
    image = Image.new("1", (shape[1], shape[0]))
    canvas = ImageDraw.Draw(image)
    for joints in people:
        for start, end in LIMBS:
            if start in joints and end in joints:
                a, b = joints[start], joints[end]
                canvas.line((a.x, a.y, b.x, b.y), fill=1, width=round(2 * margin))
        for joint in joints.values():
            canvas.circle((joint.x, joint.y), margin, fill=1)
    return np.array(image)


def _skeleton(people: list[PersonJoints], size: tuple[int, int], shrink: int) -> Skeleton:
    width, height = (min(max(side, MIN_SIDE), MAX_SIDE) for side in size)
    fx, fy = width / size[0], height / size[1]
    persons = (_person(joints, shrink).scaled(fx, fy) for joints in people)
    return Skeleton(width=width, height=height, people=tuple(persons))


def _person(joints: PersonJoints, shrink: int) -> Person:
    """Pixels of the whole map; an averaged pixel stands for the middle of those it covers."""
    middle = (shrink - 1) / 2
    points = (joints.get(index) for index in range(BODY_POINTS))
    return Person(
        body=tuple(
            p and Point(x=round(p.x * shrink + middle, 2), y=round(p.y * shrink + middle, 2))
            for p in points
        )
    )
