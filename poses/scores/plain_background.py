"""Separates a figure from a plain background: one colour, or a slow vertical gradient."""

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from poses.scores.mask_holes import Mask

BORDER: Final = 4
"""Pixels at the left and right of each row from which its background is taken."""

_MIN_DIFFERENCE: Final = 0.08
"""Difference to the row's background, of colours of 0 to 1, from which a pixel is a figure's."""

_RIM: Final = 2
"""Outermost pixels, which VAEs decode badly: never a figure's."""

_ROWS: Final = 0.25
"""Share of the rows whose median is a row's background: a figure may touch fewer of them."""

_MAX_EDGE_SHARE: Final = 0.06
_MIN_FOREGROUND: Final = 0.005
_MAX_FOREGROUND: Final = 0.6
"""Shares of pixels that may differ on a plain background: along the edge, and of all."""

Colours: TypeAlias = NDArray[Any]


def foreground(rgb: Colours) -> Mask:
    """The mask of the figures, (H, W), in an image (H, W, 3) of 0 to 1."""
    different: Mask = np.abs(rgb - _row_background(rgb)[:, None]).max(-1) > _MIN_DIFFERENCE
    different[:_RIM], different[-_RIM:], different[:, :_RIM], different[:, -_RIM:] = (False,) * 4
    return different


def _row_background(rgb: Colours) -> Colours:
    """The colour of each row's background, (H, 3): the lower median of its border, then the median
    of the rows around it."""
    border = np.concatenate((rgb[:, :BORDER], rgb[:, -BORDER:]), 1)
    rows = np.sort(border, axis=1)[:, (border.shape[1] - 1) // 2]
    half = max(1, round(len(rows) * _ROWS / 2))
    padded = np.pad(rows, ((half, half), (0, 0)), mode="reflect")
    background: Colours = np.median(sliding_window_view(padded, 2 * half + 1, axis=0), axis=-1)
    return background


def is_plain(mask: Mask) -> bool:
    """Whether an image with this mask has a plain background and something on it."""
    edges = (mask[:BORDER], mask[:, :BORDER], mask[:, -BORDER:])
    edge = np.concatenate([part.ravel() for part in edges])
    quiet = float(edge.mean()) <= _MAX_EDGE_SHARE
    return quiet and _MIN_FOREGROUND <= float(mask.mean()) <= _MAX_FOREGROUND
