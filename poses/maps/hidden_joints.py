"""Finds the joints that nothing shows: each lies where a limb ends that starts at a known joint.

Hands hide wrists in every map that has hands, and people hide each other.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from formats.openpose.pose_map import LIMBS
from poses.maps.discs import disc_offsets
from poses.maps.joints import Joint, distance
from poses.maps.limb_ends import LimbEnd, PixelSet, find_limb_end, starts_near
from poses.maps.limbs import Link, limb_evidence, link_joints, off_limb
from poses.maps.pixels import Layer

_MAX_ROUNDS: Final = 8
_MAX_FITS: Final = 200
"""Per layer: a person has two hidden wrists, two people who hug a dozen hidden joints."""

_MIN_VISIBLE: Final = 0.4
"""A joint that shows less of itself is too unsure to infer others from it."""

_SAME_JOINT: Final = 1.5
_SAME_ROUND: Final = 6
"""Radii within which a guess may be a joint that is there already, or another guess."""

_UNCOVERED_COST: Final = 0.5
_BLACK_COST: Final = 0.3
"""Of a hidden joint's disc: what a pixel costs that is not covered, and one that is black too."""


class _Guess(NamedTuple):
    gain: float
    kind: int
    joint: Joint


def add_hidden_joints(
    layer: Layer, joints: list[Joint], radius: float
) -> tuple[list[Joint], list[Link]]:
    """The joints with those that only limbs tell of, and all links."""
    links = link_joints(layer, joints, radius)
    search = _Search(layer, radius)
    for _ in range(_MAX_ROUNDS):
        new = _distinct(search.guesses(joints, links), joints, links, radius)
        if not new:
            break
        joints = joints + new
        _settle(layer, link_joints(layer, joints, radius), radius)
        links = link_joints(layer, joints, radius)
    return joints, links


def _distinct(
    guesses: Iterable[_Guess], joints: list[Joint], links: list[Link], radius: float
) -> list[Joint]:
    """The best guesses, without those that stand for a joint which may still be linked."""
    new: list[Joint] = []
    for guess in sorted(guesses, key=lambda guess: -guess.gain):
        same = [joint for joint in joints if _is_near(joint, guess.joint, _SAME_JOINT * radius)]
        limbs = [link.ends for link in links if link.kind == guess.kind]
        is_linked = any(joint in ends for joint in same for ends in limbs)
        is_taken = any(_is_near(joint, guess.joint, _SAME_ROUND * radius) for joint in new)
        if not is_taken and (is_linked or not same):
            new.append(guess.joint)
    return new


def _is_near(one: Joint, other: Joint, reach: float) -> bool:
    return one.index == other.index and distance(one, other) <= reach


@dataclass
class _Search:
    layer: Layer
    radius: float
    fits: int = 0

    def guesses(self, joints: list[Joint], links: list[Link]) -> Iterator[_Guess]:
        """The far ends of limbs that no link explains."""
        linked = {joint for link in links for joint in link.ends}
        for kind, ends in enumerate(LIMBS):
            pixels = self._unexplained(kind, links)
            done = {joint for link in links if link.kind == kind for joint in link.ends}
            for joint in joints if len(pixels[0]) >= 2 * self.radius else ():
                if joint.index in ends and joint not in done and self._is_sure(joint, linked):
                    other = ends[1] if joint.index == ends[0] else ends[0]
                    yield from self._guess(kind, joint, other, pixels)

    def _unexplained(self, kind: int, links: list[Link]) -> PixelSet:
        rows, columns = np.nonzero(self.layer.limb_masks[kind])
        for link in links:
            if link.kind == kind:
                off = off_limb(columns, rows, link, self.radius + 1.5)
                columns, rows = columns[off], rows[off]
        return columns, rows

    def _is_sure(self, joint: Joint, linked: set[Joint]) -> bool:
        """Not a hand's disc, and none where a linked joint is: blur makes such."""
        if joint.is_of_hand or not (joint.is_hidden or joint.visible_share >= _MIN_VISIBLE):
            return False
        return joint in linked or not any(
            distance(joint, other) <= 0.8 * self.radius for other in linked
        )

    def _guess(self, kind: int, joint: Joint, index: int, pixels: PixelSet) -> Iterator[_Guess]:
        """One guess or none. A hidden joint slides along its limb to where the next one fits."""
        x, y = joint.x, joint.y
        shifts = np.arange(-2, 2.1, 0.5) * self.radius if joint.is_hidden else np.zeros(1)
        best: tuple[LimbEnd, float, float] | None = None
        for shift in sorted(shifts.tolist(), key=abs):
            joint.x, joint.y = x + shift * joint.direction[0], y + shift * joint.direction[1]
            end = self._limb_end(kind, joint, pixels)
            if end and (best is None or end.gain > best[0].gain):
                best = end, joint.x, joint.y
        joint.x, joint.y = best[1:] if best else (x, y)
        if best:
            yield _Guess(best[0].gain, kind, _joint_at(index, best[0], joint))

    def _limb_end(self, kind: int, joint: Joint, pixels: PixelSet) -> LimbEnd | None:
        if self.fits >= _MAX_FITS or not starts_near(joint, pixels, self.radius):
            return None
        self.fits += 1
        return find_limb_end(self.layer, kind, joint, pixels, self.radius)


def _joint_at(index: int, end: LimbEnd, start: Joint) -> Joint:
    joint = Joint(index, end.x, end.y)
    length = max(distance(start, joint), 1e-6)
    joint.direction = (end.x - start.x) / length, (end.y - start.y) / length
    return joint


def _settle(layer: Layer, links: list[Link], radius: float) -> None:
    """Move each hidden joint that has several limbs to where all of them fit best."""
    limbs: dict[Joint, list[tuple[int, Joint]]] = defaultdict(list)
    for link in links:
        for joint, other in (link.ends, link.ends[::-1]):
            if joint.is_hidden:
                limbs[joint].append((link.kind, other))
    for joint, others in limbs.items():
        if len(others) > 1:
            for step, reach in ((radius / 2, 2.5 * radius), (radius / 8, radius / 2)):
                shifts = np.arange(-reach, reach + 0.01, step).tolist()
                places = [(joint.x + dx, joint.y + dy) for dx in shifts for dy in shifts]
                gains = [(_gain_at(layer, place, joint, others, radius), place) for place in places]
                joint.x, joint.y = max(gains)[1]


def _gain_at(
    layer: Layer,
    place: tuple[float, float],
    joint: Joint,
    others: list[tuple[int, Joint]],
    radius: float,
) -> float:
    there = Joint(joint.index, *place)
    seen = (limb_evidence(layer, kind, other, there, radius) for kind, other in others)
    return sum(evidence.gain for evidence in seen if evidence) - _uncovered(layer, there, radius)


def _uncovered(layer: Layer, joint: Joint, radius: float) -> float:
    """What speaks against a hidden joint: the pixels of its disc that nothing covers."""
    height, width = layer.limbs.shape
    dx, dy = disc_offsets(radius)
    columns = np.clip(np.round(joint.x + dx).astype(int), 0, width - 1)
    rows = np.clip(np.round(joint.y + dy).astype(int), 0, height - 1)
    uncovered = ~layer.covering[rows, columns]
    black = ~layer.pixels.not_black[rows, columns]
    return float(_UNCOVERED_COST * uncovered.sum() + _BLACK_COST * black.sum())
