"""Finds discs and connected pixels in masks."""

import math
from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from poses.maps.pixels import Grid

Component = tuple[Grid, Grid]
"""Columns and rows of connected pixels."""

_MAX_RUNS: Final = 20_000
"""More rows of pixels than this are noise, not drawn discs."""

_MIN_DISC: Final = 12
_MAX_STRETCH: Final = 1.35
_DISC_FILL: Final = (0.62, 0.92)
"""Least area in pixels, longer side to shorter one, and share of the square about it: pi / 4."""

_RADIUS_QUANTILE: Final = 0.6
"""Of the discs found: a little above the middle, since some are covered in part."""


class NoiseError(ValueError):
    """The pixels are scattered: nobody drew them."""


def disc(radius: float) -> Grid:
    """A disc in a square mask of odd side."""
    reach = np.arange(-math.ceil(radius), math.ceil(radius) + 1)
    inside: Grid = reach[:, None] ** 2 + reach[None, :] ** 2 <= radius * radius
    return inside


def disc_offsets(radius: float) -> Grid:
    """Columns and rows of a disc's pixels from its centre, (2, N)."""
    mask = disc(radius)
    rows, columns = np.nonzero(mask)
    offsets: Grid = np.stack((columns, rows)) - mask.shape[0] // 2
    return offsets


def sum_under(grid: Grid, kernel: Grid) -> Grid:
    """For each pixel the sum of what lies under a kernel of convex rows that is centred on it."""
    reach = kernel.shape[0] // 2
    height, width = grid.shape
    padded = np.pad(grid.astype(np.float32), reach)
    sums = np.pad(np.cumsum(padded, 1), ((0, 0), (1, 0)))
    total: Grid = np.zeros(grid.shape, np.float32)
    for top, row in enumerate(kernel):
        columns = np.nonzero(row)[0]
        if len(columns):
            strip = sums[top : top + height]
            total += strip[:, columns[-1] + 1 :][:, :width] - strip[:, columns[0] :][:, :width]
    return total


def fits(mask: Grid, kernel: Grid) -> bool:
    """Whether the kernel lies wholly within the mask somewhere."""
    return bool(sum_under(mask, kernel).max(initial=0) >= kernel.sum() - 0.5)


def components(mask: Grid) -> list[Component]:
    """The connected components (8 neighbours). Raises NoiseError for thousands of them."""
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return []
    breaks = np.nonzero((np.diff(columns) != 1) | (np.diff(rows) != 0))[0] + 1
    starts, ends = np.r_[0, breaks], np.r_[breaks, len(rows)]
    if len(starts) > _MAX_RUNS:
        raise NoiseError
    groups = _connected(rows[starts].tolist(), columns[starts].tolist(), columns[ends - 1].tolist())
    spans = [np.concatenate([np.arange(starts[i], ends[i]) for i in group]) for group in groups]
    return [(columns[span], rows[span]) for span in spans]


def _connected(rows: list[int], firsts: list[int], lasts: list[int]) -> Iterable[list[int]]:
    """Indices of runs that touch, by union-find; the runs are in reading order."""
    parents = list(range(len(rows)))
    for one, other in _touching(rows, firsts, lasts):
        parents[_root(parents, one)] = _root(parents, other)
    groups: dict[int, list[int]] = {}
    for run in range(len(rows)):
        groups.setdefault(_root(parents, run), []).append(run)
    return groups.values()


def _root(parents: list[int], run: int) -> int:
    while parents[run] != run:
        parents[run] = parents[parents[run]]
        run = parents[run]
    return run


def _touching(rows: list[int], firsts: list[int], lasts: list[int]) -> Iterator[tuple[int, int]]:
    """Pairs of a run and one that touches it in the row above."""
    above = 0
    for run, row in enumerate(rows):
        while rows[above] < row - 1 or (rows[above] == row - 1 and lasts[above] < firsts[run] - 1):
            above += 1
        other = above
        while other < run and rows[other] == row - 1 and firsts[other] <= lasts[run] + 1:
            yield run, other
            other += 1


def disc_radius(found: Iterable[Component]) -> float | None:
    """The radius of those components that are discs, in pixels; None where there is none."""
    radii = [
        math.sqrt(len(columns) / math.pi) for columns, rows in found if _is_disc(columns, rows)
    ]
    return float(np.quantile(radii, _RADIUS_QUANTILE)) if radii else None


def _is_disc(columns: Grid, rows: Grid) -> bool:
    width, height = (int(np.ptp(axis)) + 1 for axis in (columns, rows))
    fill = len(columns) / (width * height)
    is_square = max(width, height) <= _MAX_STRETCH * min(width, height)
    return len(columns) >= _MIN_DISC and is_square and _DISC_FILL[0] <= fill <= _DISC_FILL[1]
