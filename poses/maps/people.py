"""Groups the joints of an OpenPose map into people, by the colours of their limbs."""

import math
from collections.abc import Iterable
from typing import Final

import numpy as np

from formats.openpose.pose_map import LIMBS
from poses.maps.joints import Joint, PixelLabels

_MIN_LIMB: Final = 0.5
"""Share of a limb's line that must have its colour; later limbs may cross it."""

_CROSSING_WEIGHT: Final = 0.35
"""Weight of a sample where another limb or joint covers the line."""

_MIN_LONE_DISC: Final = 0.5
"""A joint without a limb counts where this share of its disc is visible."""

_HAND_COLOUR: Final = 12
"""Joints of hands have the colour of the left knee."""

_MIN_HAND_JOINTS: Final = 8
"""From so many discs of that colour on, there are hands on the map."""

PersonJoints = dict[int, Joint]
"""One person's joints by keypoint index."""

JointPair = tuple[Joint, Joint]
"""The two ends of a limb."""


def group_joints(
    pixels: PixelLabels, joints: tuple[Joint, ...], radius: float
) -> tuple[list[PersonJoints], int]:
    """People, and how many limbs were found.

    The limbs form a tree and each end belongs to one limb of a kind, so that a connected part has
    each joint once. Parts that a missing joint cuts off go to the nearest person without them.
    """
    limbs = _find_limbs(pixels, joints, radius)
    parts = _connected_parts(joints, limbs)
    return _merge_parts(_without_noise(parts)), len(limbs)


def _find_limbs(pixels: PixelLabels, joints: tuple[Joint, ...], radius: float) -> list[JointPair]:
    found = []
    for limb, (start, end) in enumerate(LIMBS):
        pairs = [
            (_strength(pixels, limb, (a, b), radius), a, b)
            for a in joints
            if a.index == start
            for b in joints
            if b.index == end
        ]
        found += _best(pair for pair in pairs if pair[0] >= _MIN_LIMB)
    return found


def _best(pairs: Iterable[tuple[float, Joint, Joint]]) -> list[JointPair]:
    """The pairs of highest strength, each joint in one of them; of equals the shortest."""
    taken: set[Joint] = set()
    kept = []
    for _, a, b in sorted(pairs, key=lambda pair: (-round(pair[0], 2), distance(*pair[1:]))):
        if not {a, b} & taken:
            taken |= {a, b}
            kept.append((a, b))
    return kept


def _strength(pixels: PixelLabels, limb: int, ends: tuple[Joint, Joint], radius: float) -> float:
    """Share of the line between two joints that has the limb's colour, 0 to 1."""
    a, b = ends
    length = distance(a, b)
    if length <= 2.5 * radius:
        return _MIN_LIMB  # the discs hide the limb
    margin = max(1.2 * radius, 0.1 * length) / length
    shares = np.linspace(margin, 1 - margin, max(3, round(length / 2)))
    height, width = pixels.limbs.shape
    rows = np.clip(np.round(a.y + (b.y - a.y) * shares).astype(int), 0, height - 1)
    columns = np.clip(np.round(a.x + (b.x - a.x) * shares).astype(int), 0, width - 1)
    seen = pixels.limbs[rows, columns] == limb
    crossed = pixels.not_black[rows, columns] & ~seen
    return float((seen + _CROSSING_WEIGHT * crossed).mean())


def distance(a: Joint, b: Joint) -> float:
    """Pixels between two joints."""
    return math.hypot(a.x - b.x, a.y - b.y)


def _connected_parts(joints: tuple[Joint, ...], limbs: list[JointPair]) -> list[PersonJoints]:
    """The connected components, the largest first."""
    part_of = {joint: {joint.index: joint} for joint in joints}
    for a, b in limbs:
        merged = {**part_of[a], **part_of[b]}
        part_of.update(dict.fromkeys(merged.values(), merged))
    distinct = {id(part): part for part in part_of.values()}
    return sorted(distinct.values(), key=lambda part: (-len(part), min(part)))


def _without_noise(parts: list[PersonJoints]) -> list[PersonJoints]:
    """The parts but lone specks and the joints of hands."""
    blue = sum(_HAND_COLOUR in part for part in parts)
    return [
        part for part in parts if len(part) > 1 or all(_is_credible(j, blue) for j in part.values())
    ]


def _is_credible(joint: Joint, blue: int) -> bool:
    of_a_hand = joint.index == _HAND_COLOUR and blue >= _MIN_HAND_JOINTS
    return joint.visible_share >= _MIN_LONE_DISC and not of_a_hand


def _merge_parts(parts: list[PersonJoints]) -> list[PersonJoints]:
    """Parts as people: as many as there are of the most frequent joint."""
    counts = [sum(index in part for part in parts) for index in range(18)]
    people: list[PersonJoints] = []
    for part in parts:
        free = [person for person in people if not person.keys() & part.keys()]
        if free and len(people) >= max(counts):
            min(free, key=lambda person: _gap(person, part)).update(part)
        else:
            people.append(dict(part))
    return people


def _gap(one: PersonJoints, other: PersonJoints) -> float:
    return min(distance(a, b) for a in one.values() for b in other.values())
