"""Puts the joints of an OpenPose map together into people, by the colours of their limbs."""

import math
from collections.abc import Iterable
from typing import Final

import numpy as np

from formats.openpose.pose_map import LIMBS
from poses.maps.joints import Joint, Pixels

_LEAST_LIMB: Final = 0.5
"""Share of a limb's line that must show its colour; later limbs may cross it."""

_CROSSED: Final = 0.35
"""What a sample counts where another limb or joint lies over the line."""

_MOST_OF_DISC: Final = 0.5
"""A joint without a limb must show this much of its disc to be believed."""

_HAND_BLUE: Final = 12
"""Joints of hands have the colour of the left knee."""

_HANDFUL: Final = 8
"""So many discs of that colour mean that there are hands."""

Figure = dict[int, Joint]
"""One person's joints by keypoint index."""


def group(pixels: Pixels, joints: tuple[Joint, ...], radius: float) -> tuple[list[Figure], int]:
    """People, and how many limbs were seen.

    The limbs form a tree and each end belongs to one limb of a kind, so that what hangs together
    has each joint once. Parts that a missing joint cuts off go to the nearest figure without them.
    """
    bonds = _bonds(pixels, joints, radius)
    parts = _parts(joints, bonds)
    return _joined(_believed(parts)), len(bonds)


def _bonds(pixels: Pixels, joints: tuple[Joint, ...], radius: float) -> list[tuple[Joint, Joint]]:
    bonds = []
    for limb, (start, end) in enumerate(LIMBS):
        pairs = [
            (_strength(pixels, limb, (a, b), radius), a, b)
            for a in joints
            if a.index == start
            for b in joints
            if b.index == end
        ]
        bonds += _best(pair for pair in pairs if pair[0] >= _LEAST_LIMB)
    return bonds


def _best(pairs: Iterable[tuple[float, Joint, Joint]]) -> list[tuple[Joint, Joint]]:
    """The strongest pairs in which no joint comes twice; of equals the shortest."""
    taken: set[Joint] = set()
    kept = []
    for _, a, b in sorted(pairs, key=lambda pair: (-round(pair[0], 2), distance(*pair[1:]))):
        if not {a, b} & taken:
            taken |= {a, b}
            kept.append((a, b))
    return kept


def _strength(pixels: Pixels, limb: int, ends: tuple[Joint, Joint], radius: float) -> float:
    """How much of the line between two joints shows the limb, 0 to 1."""
    a, b = ends
    length = distance(a, b)
    if length <= 2.5 * radius:
        return _LEAST_LIMB  # the discs hide the limb
    margin = max(1.2 * radius, 0.1 * length) / length
    shares = np.linspace(margin, 1 - margin, max(3, round(length / 2)))
    height, width = pixels.limbs.shape
    rows = np.clip(np.round(a.y + (b.y - a.y) * shares).astype(int), 0, height - 1)
    columns = np.clip(np.round(a.x + (b.x - a.x) * shares).astype(int), 0, width - 1)
    seen = pixels.limbs[rows, columns] == limb
    crossed = pixels.painted[rows, columns] & ~seen
    return float((seen + _CROSSED * crossed).mean())


def distance(a: Joint, b: Joint) -> float:
    """Pixels between two joints."""
    return math.hypot(a.x - b.x, a.y - b.y)


def _parts(joints: tuple[Joint, ...], bonds: list[tuple[Joint, Joint]]) -> list[Figure]:
    """What hangs together, the largest first."""
    part_of = {joint: {joint.index: joint} for joint in joints}
    for a, b in bonds:
        whole = {**part_of[a], **part_of[b]}
        part_of.update(dict.fromkeys(whole.values(), whole))
    distinct = {id(part): part for part in part_of.values()}
    return sorted(distinct.values(), key=lambda part: (-len(part), min(part)))


def _believed(parts: list[Figure]) -> list[Figure]:
    """Without lone specks, and without the joints of hands."""
    blue = sum(_HAND_BLUE in part for part in parts)
    return [
        part for part in parts if len(part) > 1 or all(_is_sound(j, blue) for j in part.values())
    ]


def _is_sound(joint: Joint, blue: int) -> bool:
    of_a_hand = joint.index == _HAND_BLUE and blue >= _HANDFUL
    return joint.whole >= _MOST_OF_DISC and not of_a_hand


def _joined(parts: list[Figure]) -> list[Figure]:
    """Parts as figures: as many as the commonest joint demands."""
    counts = [sum(index in part for part in parts) for index in range(18)]
    figures: list[Figure] = []
    for part in parts:
        free = [figure for figure in figures if not figure.keys() & part.keys()]
        if free and len(figures) >= max(counts):
            min(free, key=lambda figure: _apart(figure, part)).update(part)
        else:
            figures.append(dict(part))
    return figures


def _apart(one: Figure, other: Figure) -> float:
    return min(distance(a, b) for a in one.values() for b in other.values())
