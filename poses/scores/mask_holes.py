"""Fills the holes of a mask: of a figure in the background's colour only the outline differs."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Mask: TypeAlias = NDArray[np.bool_]


def fill_holes(mask: Mask) -> Mask:
    """The mask (H, W) with every hole filled: what no path of steps to the four sides connects
    with the edge."""
    free = ~np.pad(mask, 1)
    reached = np.zeros_like(free)
    reached[0, 0] = True
    before = 0
    while (count := int(reached.sum())) != before:
        before = count
        reached = _spread(_spread(reached, free).T, free.T).T
    outside = reached[1:-1, 1:-1]
    filled: Mask = ~outside
    return filled


def _spread(reached: Mask, free: Mask) -> Mask:
    """Along rows: a run of free pixels is reached as a whole when one of them is."""
    begins = np.ones_like(free)
    begins[:, 1:] = free[:, 1:] != free[:, :-1]
    runs: NDArray[Any] = np.cumsum(begins).reshape(free.shape) - 1
    hit = np.bincount(runs.ravel(), weights=reached.ravel()) > 0
    spread: Mask = hit[runs] & free
    return spread
