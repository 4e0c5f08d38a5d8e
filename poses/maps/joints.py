"""Finds the joints that a map shows: bright discs, whole or covered in part."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from formats.openpose.skeleton import BODY_POINTS
from poses.maps.discs import Component, NoiseError, components, disc, fits, sum_under
from poses.maps.pixels import Grid, Layer

HAND_COLOUR: Final = 12
"""Joints of hands have the colour of the left knee, and its size."""

MIN_LONE_DISC: Final = 0.5
"""Share of a disc from which on it is a joint whatever lies around it."""

_MIN_VISIBLE: Final = 0.15
_MIN_VISIBLE_BLURRED: Final = 0.2
"""Share of its disc that a joint must show to be found by it; blur makes small spots of any hue."""

_MIN_SCORE: Final = 0.6
"""Of the least pixels that must show, how many must be left by those that speak against a disc."""

_FULL_DISC: Final = 0.8
"""With this share of a disc its centre of mass is its centre."""

_CLEAR_DISC: Final = 0.6
"""A joint that shows so much is no blend of other colours."""

_LIMB_COST: Final = 0.4
_RIM_COST: Final = 0.7
"""What a limb's pixel within a disc, and one of the joint's colour just beyond it, speak against
its centre; a black pixel within counts 1."""

_RIM: Final = 1.6
_BLUR: Final = 1.2
"""Pixels about a disc: its rim, and how far blur carries its colour."""

_MAX_JOINTS: Final = 60
_MAX_BLUE_DISCS: Final = 1200
"""Of one colour: about twice as many as 16 people have."""

_HAND_GAP: Final = 6
_MIN_HAND_JOINTS: Final = 5
_HAND_AREA: Final = 2.5
"""So many blue discs within so many radii of each other are a hand, and so is a connected area of
so many discs."""

_MIN_HAND_JOINT: Final = 0.3
"""Share of its disc that a joint of a hand shows."""

_NEAR_HAND: Final = 2.5
"""Radii within which other colours blend with a hand's."""


@dataclass(eq=False)
class Joint:
    """A joint of somebody, in pixels of the map."""

    index: int
    """Of the keypoint, 0-17."""
    x: float
    y: float
    visible_share: float = 0.0
    """Share of its disc that no other covers; 0 for one that only a limb tells of."""
    pixels: Component = field(default_factory=lambda: (np.empty(0, int), np.empty(0, int)))
    """Those of its disc."""
    area: float = 0.0
    """Of the connected pixels that it is part of, in discs."""
    is_of_hand: bool = False
    """A disc of a hand, or in its midst: a joint of the body only where limbs prove it."""
    direction: tuple[float, float] = (0.0, 0.0)
    """Of the limb that ends in a hidden joint."""

    @property
    def is_hidden(self) -> bool:
        """Whether only a limb tells of it."""
        return self.visible_share == 0

    @property
    def is_doubtful(self) -> bool:
        """Whether it takes limbs to prove it."""
        return self.is_of_hand or self.is_hidden


def distance(a: Joint, b: Joint) -> float:
    """Pixels between two joints."""
    return math.hypot(a.x - b.x, a.y - b.y)


def find_joints(layer: Layer, radius: float) -> list[Joint]:
    """The joints that show. Raises NoiseError where there are more than people can have."""
    found: list[Joint] = []
    for index in range(BODY_POINTS):
        discs = list(_find_discs(layer, index, radius))
        if len(discs) > (_MAX_BLUE_DISCS if index == HAND_COLOUR else _MAX_JOINTS):
            raise NoiseError
        found += discs
    _mark_hands(found, radius)
    if any(joint.is_of_hand for joint in found):
        found = [joint for joint in found if not _is_finger_line(joint, radius)]
    return found if layer.pixels.is_sharp else _without_blends(found, radius)


def _find_discs(layer: Layer, index: int, radius: float) -> Iterator[Joint]:
    free = layer.joint_mask(index)
    for component in components(free):
        if len(component[0]) >= _MIN_VISIBLE * disc(radius).sum():
            yield from _Window(layer, free, component, radius).find_discs(index)


class _Window:
    """The surroundings of a component, in which discs are found one by one, the clearest first."""

    def __init__(self, layer: Layer, free: Grid, component: Component, radius: float) -> None:
        pad = math.ceil(radius) + 3
        self._x, self._y = (max(0, int(axis.min()) - pad) for axis in component)
        right, bottom = (int(axis.max()) + pad + 1 for axis in component)
        part = np.s_[self._y : bottom, self._x : right]
        self._radius, self._disc = radius, disc(radius)
        self._area = len(component[0]) / float(self._disc.sum())
        self._free = free[part]  # a view: a disc that is found is gone from the whole map
        black = sum_under(~layer.pixels.not_black[part], self._disc)
        self._cost = black + _LIMB_COST * sum_under(layer.limbs[part], self._disc)

    def find_discs(self, index: int) -> Iterator[Joint]:
        """The discs, each with its pixels."""
        least = _MIN_VISIBLE * float(self._disc.sum())
        while self._free.sum() >= least:
            inside = sum_under(self._free, self._disc)
            rim = sum_under(self._free, disc(self._radius + _RIM)) - inside
            score = np.where(inside >= least, inside - self._cost - _RIM_COST * rim, -np.inf)
            if score.max() == -np.inf:
                return
            column, row, middle = _middle_of_best(score)
            is_disc = inside[row, column] - self._cost[row, column] >= _MIN_SCORE * least
            pixels = self._take(column, row, is_disc=bool(is_disc))
            if is_disc:
                share = float(inside[row, column]) / float(self._disc.sum())
                yield self._joint(index, share, pixels, middle)

    def _joint(
        self, index: int, share: float, pixels: Component, middle: tuple[float, float]
    ) -> Joint:
        columns, rows = pixels
        x, y = (columns.mean(), rows.mean()) if share >= _FULL_DISC else middle
        pixels = columns + self._x, rows + self._y
        return Joint(index, float(x) + self._x, float(y) + self._y, share, pixels, self._area)

    def _take(self, column: int, row: int, *, is_disc: bool) -> Component:
        """Take a disc's pixels, and the blur about them, out of the map. Returns the disc's."""
        rows, columns = np.nonzero(self._free)
        apart = np.hypot(columns - column, rows - row)
        near = apart <= self._radius + (_RIM if is_disc else 0)
        self._free[rows[near], columns[near]] = False
        own = apart <= self._radius + _BLUR
        return columns[own], rows[own]


def _middle_of_best(score: Grid) -> tuple[int, int, tuple[float, float]]:
    """The middle of the best pixels: the column and row nearest to it, and itself."""
    rows, columns = np.nonzero(score >= score.max() - 0.01)
    middle = float(columns.mean()), float(rows.mean())
    nearest = int(np.argmin(np.hypot(columns - middle[0], rows - middle[1])))
    return int(columns[nearest]), int(rows[nearest]), middle


def _mark_hands(joints: list[Joint], radius: float) -> None:
    """Blue discs that lie together; where such are, parts of blue discs, and of others near."""
    rest = [j for j in joints if j.index == HAND_COLOUR and j.visible_share >= _MIN_HAND_JOINT]
    hands: set[Joint] = set()
    while rest:
        group = [rest.pop()]
        for joint in group:
            near = [other for other in rest if distance(joint, other) <= _HAND_GAP * radius]
            group += near
            rest = [other for other in rest if other not in near]
        if len(group) >= _MIN_HAND_JOINTS or max(joint.area for joint in group) >= _HAND_AREA:
            hands |= set(group)
    for joint in joints:
        is_blue, share = joint.index == HAND_COLOUR, joint.visible_share
        is_part = bool(hands) and is_blue and share < MIN_LONE_DISC
        is_blend = not is_blue and share < _CLEAR_DISC and _is_near(joint, hands, radius)
        joint.is_of_hand = joint in hands or is_part or is_blend


def _is_near(joint: Joint, hands: set[Joint], radius: float) -> bool:
    return any(distance(joint, hand) <= _NEAR_HAND * radius for hand in hands)


def _is_finger_line(joint: Joint, radius: float) -> bool:
    """Whether there are but thin lines in a joint's colour, as between the joints of a hand."""
    if joint.index == HAND_COLOUR or joint.visible_share >= MIN_LONE_DISC:
        return False
    columns, rows = (axis - axis.min() for axis in joint.pixels)
    mask = np.zeros((rows.max() + 1, columns.max() + 1), bool)
    mask[rows, columns] = True
    return not fits(mask, disc(max(1.0, radius / 2.6)))


def _without_blends(joints: list[Joint], radius: float) -> list[Joint]:
    """The joints but those that blur made where two others' colours meet."""
    clear = [joint for joint in joints if joint.visible_share >= _CLEAR_DISC]
    return [joint for joint in joints if joint in clear or not _is_blend(joint, clear, radius)]


def _is_blend(joint: Joint, clear: list[Joint], radius: float) -> bool:
    others = (other for other in clear if other.index != joint.index)
    new = pixels_outside(joint, others, radius)
    return joint.visible_share < _MIN_VISIBLE_BLURRED or new < _MIN_VISIBLE * math.pi * radius**2


def pixels_outside(joint: Joint, others: Iterable[Joint], radius: float) -> int:
    """How many of a joint's pixels lie beyond the discs of others."""
    columns, rows = joint.pixels
    outside = np.ones(len(columns), bool)
    for other in others:
        if distance(joint, other) <= 3 * radius:
            outside &= np.hypot(columns - other.x, rows - other.y) > radius + 1
    return int(outside.sum())
