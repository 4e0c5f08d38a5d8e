"""Puts people together from what OpenPose's body network answers: joint maps and part fields.

Method: Cao, Simon, Wei and Sheikh, Realtime Multi-Person 2D Pose Estimation using Part Affinity
Fields (2017). The order of joints, limbs and channels is that of its COCO model, and the
thresholds are those of its published code.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from formats.limits import MAX_PEOPLE
from formats.openpose.pose_map import LIMBS
from formats.openpose.skeleton import BODY_POINTS, Person, Point

Maps: TypeAlias = NDArray[np.float32]

_LEAST_PEAK: Final = 0.1
_LEAST_ALONG: Final = 0.05
"""Least agreement of the field with a limb's direction at a sample."""
_SAMPLES: Final = 10
_MOST_OF_LIMB: Final = 0.8
"""Share of the samples that must agree."""
_LEAST_PARTS: Final = 4
_LEAST_SCORE: Final = 0.4
"""Mean score of a person's joints and limbs."""
_BLUR: Final = 3.0
"""Sigma, in pixels, of the blur before peaks are looked for."""

_CHANNELS: Final = (12, 20, 14, 16, 22, 24, 0, 2, 4, 6, 8, 10, 28, 30, 34, 32, 36, 18, 26)
_EAR_TO_SHOULDER: Final = ((2, 16), (5, 17))
"""Limbs that no map shows; they join people and never begin one."""

_LIMBS: Final = tuple(zip((*LIMBS, *_EAR_TO_SHOULDER), _CHANNELS, strict=True))
"""Two joints, and the first of the two channels that have the field between them."""


@dataclass(frozen=True)
class Peak:
    """A place where a joint may be."""

    x: float
    y: float
    score: float


@dataclass(frozen=True)
class _Bond:
    start: int
    end: int
    score: float


Parts = dict[int, int]
"""A person: the number of its peak for each joint."""


def people_in(joints: Maps, fields: Maps) -> tuple[Person, ...]:
    """Everybody in the maps, the surest first; both have height x width x channels."""
    peaks = [list(_peaks(joints[:, :, joint])) for joint in range(BODY_POINTS)]
    found: list[tuple[Parts, float]] = []
    for number, ((a, b), channel) in enumerate(_LIMBS):
        field = fields[:, :, channel : channel + 2]
        for bond in _bonds(peaks[a], peaks[b], field):
            _join(found, (a, b), bond, peaks, founds=number < len(LIMBS))
    sure = [(parts, score) for parts, score in found if _is_somebody(parts, score)]
    sure.sort(key=lambda one: one[1], reverse=True)
    return tuple(_person(parts, peaks) for parts, _ in sure[:MAX_PEOPLE])


def _peaks(heat: Maps) -> Iterator[Peak]:
    smooth = _blurred(heat)
    around = np.pad(smooth, 1, constant_values=-1)
    middle = around[1:-1, 1:-1]
    higher = [
        middle >= around[1 + dy : around.shape[0] - 1 + dy, 1 + dx : around.shape[1] - 1 + dx]
        for dy, dx in ((0, -1), (0, 1), (-1, 0), (1, 0))
    ]
    tops = np.logical_and.reduce([*higher, smooth > _LEAST_PEAK])
    for y, x in np.argwhere(tops):
        yield Peak(float(x), float(y), float(heat[y, x]))


def _blurred(heat: Maps) -> Maps:
    reach = round(3 * _BLUR)
    offsets = np.arange(-reach, reach + 1)
    weights = np.exp(-(offsets**2) / (2 * _BLUR**2))
    weights /= weights.sum()
    padded = np.pad(heat, reach, mode="edge")
    across = np.apply_along_axis(np.convolve, 1, padded, weights, mode="valid")
    blurred: Maps = np.apply_along_axis(np.convolve, 0, across, weights, mode="valid")
    return blurred


def _bonds(starts: list[Peak], ends: list[Peak], field: Maps) -> list[_Bond]:
    """The best pairs, in which no peak comes twice."""
    pairs = [
        _Bond(i, j, score)
        for i, start in enumerate(starts)
        for j, end in enumerate(ends)
        if (score := _agreement(start, end, field)) is not None
    ]
    bonds: list[_Bond] = []
    for pair in sorted(pairs, key=lambda bond: bond.score, reverse=True):
        if all(pair.start != bond.start and pair.end != bond.end for bond in bonds):
            bonds.append(pair)
    return bonds


def _agreement(start: Peak, end: Peak, field: Maps) -> float | None:
    """How well the field leads from one joint to the other; None where it doesn't."""
    dx, dy = end.x - start.x, end.y - start.y
    distance = max(math.hypot(dx, dy), 0.001)
    xs = np.linspace(start.x, end.x, _SAMPLES).round().astype(int)
    ys = np.linspace(start.y, end.y, _SAMPLES).round().astype(int)
    along = field[ys, xs, 0] * (dx / distance) + field[ys, xs, 1] * (dy / distance)
    # A limb longer than half of the image's height is made less likely.
    score = float(along.mean()) + min(0.5 * field.shape[0] / distance - 1, 0)
    agrees = float((along > _LEAST_ALONG).mean()) > _MOST_OF_LIMB
    return score if agrees and score > 0 else None


def _join(
    found: list[tuple[Parts, float]],
    limb: tuple[int, int],
    bond: _Bond,
    peaks: list[list[Peak]],
    *,
    founds: bool,
) -> None:
    """Add a limb to the person that has one of its joints; join two that have one each."""
    a, b = limb
    ends = {a: bond.start, b: bond.end}
    owners = [i for i, (parts, _) in enumerate(found) if _shares(parts, ends)]
    scores = {a: peaks[a][bond.start].score, b: peaks[b][bond.end].score}
    if len(owners) == 2 and not found[owners[0]][0].keys() & found[owners[1]][0].keys():
        other = found.pop(owners[1])
        mine = found[owners[0]]
        found[owners[0]] = {**mine[0], **other[0]}, mine[1] + other[1] + bond.score
    elif owners:
        parts, score = found[owners[0]]
        new = {joint: peak for joint, peak in ends.items() if joint not in parts}
        added = bond.score + sum(scores[joint] for joint in new)
        found[owners[0]] = {**parts, **new}, score + added
    elif founds:
        found.append((ends, bond.score + sum(scores.values())))


def _shares(parts: Parts, ends: Parts) -> bool:
    return any(parts.get(joint) == peak for joint, peak in ends.items())


def _is_somebody(parts: Parts, score: float) -> bool:
    return len(parts) >= _LEAST_PARTS and score / len(parts) >= _LEAST_SCORE


def _person(parts: Parts, peaks: list[list[Peak]]) -> Person:
    chosen: Iterable[Peak | None] = (
        peaks[joint][parts[joint]] if joint in parts else None for joint in range(BODY_POINTS)
    )
    return Person(body=tuple(peak and Point(x=peak.x, y=peak.y) for peak in chosen))
