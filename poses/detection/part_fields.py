"""Assembles people from the output of OpenPose's body network: heat maps and part affinity fields.

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

NetworkMaps: TypeAlias = NDArray[np.float32]

_MIN_PEAK: Final = 0.1
_MIN_ALIGNMENT: Final = 0.05
"""Least component of the field along a limb at a sample."""
_SAMPLES: Final = 10
_MIN_ALIGNED_SHARE: Final = 0.8
"""Share of the samples that must agree."""
_MIN_JOINTS: Final = 4
_MIN_MEAN_SCORE: Final = 0.4
"""Mean score of a person's joints and limbs."""
_BLUR: Final = 3.0
"""Sigma, in pixels, of the blur before peaks are looked for."""

_CHANNELS: Final = (12, 20, 14, 16, 22, 24, 0, 2, 4, 6, 8, 10, 28, 30, 34, 32, 36, 18, 26)
_EAR_TO_SHOULDER: Final = ((2, 16), (5, 17))
"""Limbs that no map shows; they merge people and never start one."""

_LIMBS: Final = tuple(zip((*LIMBS, *_EAR_TO_SHOULDER), _CHANNELS, strict=True))
"""Two joints, and the first of the two channels that have the field between them."""


@dataclass(frozen=True)
class Peak:
    """A local maximum of a joint's heat map."""

    x: float
    y: float
    score: float


@dataclass(frozen=True)
class _Connection:
    start: int
    end: int
    score: float


PeakIndices = dict[int, int]
"""A person: the index of the peak of each joint."""


def assemble_people(joints: NetworkMaps, fields: NetworkMaps) -> tuple[Person, ...]:
    """The people in the maps, the highest score first; both are height x width x channels."""
    peaks = [list(_peaks(joints[:, :, joint])) for joint in range(BODY_POINTS)]
    found: list[tuple[PeakIndices, float]] = []
    for number, ((a, b), channel) in enumerate(_LIMBS):
        field = fields[:, :, channel : channel + 2]
        for connection in _connections(peaks[a], peaks[b], field):
            _add_connection(found, (a, b), connection, peaks, may_start=number < len(LIMBS))
    sure = [(parts, score) for parts, score in found if _is_somebody(parts, score)]
    sure.sort(key=lambda one: one[1], reverse=True)
    return tuple(_person(parts, peaks) for parts, _ in sure[:MAX_PEOPLE])


def _peaks(heat: NetworkMaps) -> Iterator[Peak]:
    smooth = _gaussian_blur(heat)
    around = np.pad(smooth, 1, constant_values=-1)
    middle = around[1:-1, 1:-1]
    higher = [
        middle >= around[1 + dy : around.shape[0] - 1 + dy, 1 + dx : around.shape[1] - 1 + dx]
        for dy, dx in ((0, -1), (0, 1), (-1, 0), (1, 0))
    ]
    tops = np.logical_and.reduce([*higher, smooth > _MIN_PEAK])
    for y, x in np.argwhere(tops):
        yield Peak(float(x), float(y), float(heat[y, x]))


def _gaussian_blur(heat: NetworkMaps) -> NetworkMaps:
    reach = round(3 * _BLUR)
    offsets = np.arange(-reach, reach + 1)
    weights = np.exp(-(offsets**2) / (2 * _BLUR**2))
    weights /= weights.sum()
    padded = np.pad(heat, reach, mode="edge")
    across = np.apply_along_axis(np.convolve, 1, padded, weights, mode="valid")
    blurred: NetworkMaps = np.apply_along_axis(np.convolve, 0, across, weights, mode="valid")
    return blurred


def _connections(starts: list[Peak], ends: list[Peak], field: NetworkMaps) -> list[_Connection]:
    """The best pairs of peaks, each peak in one of them."""
    pairs = [
        _Connection(i, j, score)
        for i, start in enumerate(starts)
        for j, end in enumerate(ends)
        if (score := _line_integral(start, end, field)) is not None
    ]
    connections: list[_Connection] = []
    for pair in sorted(pairs, key=lambda pair: pair.score, reverse=True):
        if all(pair.start != other.start and pair.end != other.end for other in connections):
            connections.append(pair)
    return connections


def _line_integral(start: Peak, end: Peak, field: NetworkMaps) -> float | None:
    """Mean of the field along the line between two joints; None where it doesn't connect them."""
    dx, dy = end.x - start.x, end.y - start.y
    distance = max(math.hypot(dx, dy), 0.001)
    xs = np.linspace(start.x, end.x, _SAMPLES).round().astype(int)
    ys = np.linspace(start.y, end.y, _SAMPLES).round().astype(int)
    along = field[ys, xs, 0] * (dx / distance) + field[ys, xs, 1] * (dy / distance)
    # A limb longer than half of the image's height is made less likely.
    score = float(along.mean()) + min(0.5 * field.shape[0] / distance - 1, 0)
    agrees = float((along > _MIN_ALIGNMENT).mean()) > _MIN_ALIGNED_SHARE
    return score if agrees and score > 0 else None


def _add_connection(
    found: list[tuple[PeakIndices, float]],
    limb: tuple[int, int],
    connection: _Connection,
    peaks: list[list[Peak]],
    *,
    may_start: bool,
) -> None:
    """Add a limb to the person that has one of its joints; merge two that have one each."""
    a, b = limb
    ends = {a: connection.start, b: connection.end}
    owners = [i for i, (parts, _) in enumerate(found) if _shares_peak(parts, ends)]
    scores = {a: peaks[a][connection.start].score, b: peaks[b][connection.end].score}
    if len(owners) == 2 and not found[owners[0]][0].keys() & found[owners[1]][0].keys():
        other = found.pop(owners[1])
        mine = found[owners[0]]
        found[owners[0]] = {**mine[0], **other[0]}, mine[1] + other[1] + connection.score
    elif owners:
        parts, score = found[owners[0]]
        new = {joint: peak for joint, peak in ends.items() if joint not in parts}
        added = connection.score + sum(scores[joint] for joint in new)
        found[owners[0]] = {**parts, **new}, score + added
    elif may_start:
        found.append((ends, connection.score + sum(scores.values())))


def _shares_peak(parts: PeakIndices, ends: PeakIndices) -> bool:
    return any(parts.get(joint) == peak for joint, peak in ends.items())


def _is_somebody(parts: PeakIndices, score: float) -> bool:
    return len(parts) >= _MIN_JOINTS and score / len(parts) >= _MIN_MEAN_SCORE


def _person(parts: PeakIndices, peaks: list[list[Peak]]) -> Person:
    chosen: Iterable[Peak | None] = (
        peaks[joint][parts[joint]] if joint in parts else None for joint in range(BODY_POINTS)
    )
    return Person(body=tuple(peak and Point(x=peak.x, y=peak.y) for peak in chosen))
