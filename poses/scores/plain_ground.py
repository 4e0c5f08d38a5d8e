"""Tells a figure from a plain ground: one colour, or one that changes slowly from top to bottom."""

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from poses.scores.mask_holes import Mask

BORDER: Final = 4
"""Pixels at the left and right of each row that speak for its ground."""

_UNLIKE: Final = 0.08
"""Difference to the row's ground, of colours of 0 to 1, from which a pixel is a figure's."""

_RIM: Final = 2
"""Outermost pixels, which decoders of latents draw badly: never a figure's."""

_ROWS: Final = 0.25
"""Share of the rows whose middle colour is a row's ground: a figure may touch fewer of them."""

_MOST_UNLIKE_AT_EDGE: Final = 0.06
_LEAST_PAINT: Final = 0.005
_MOST_PAINT: Final = 0.6
"""Shares of pixels: what may differ along the image's edge, and of all, on a plain ground."""

Colours: TypeAlias = NDArray[Any]


def foreground(colours: Colours) -> Mask:
    """Where figures are painted, (H, W), from an image (H, W, 3) of 0 to 1."""
    unlike: Mask = np.abs(colours - _ground(colours)[:, None]).max(-1) > _UNLIKE
    unlike[:_RIM], unlike[-_RIM:], unlike[:, :_RIM], unlike[:, -_RIM:] = (False,) * 4
    return unlike


def _ground(colours: Colours) -> Colours:
    """The colour of each row's ground, (H, 3): the lower median of its border, then the median of
    the rows about it."""
    border = np.concatenate((colours[:, :BORDER], colours[:, -BORDER:]), 1)
    rows = np.sort(border, axis=1)[:, (border.shape[1] - 1) // 2]
    half = max(1, round(len(rows) * _ROWS / 2))
    padded = np.pad(rows, ((half, half), (0, 0)), mode="reflect")
    ground: Colours = np.median(sliding_window_view(padded, 2 * half + 1, axis=0), axis=-1)
    return ground


def is_plain(paint: Mask) -> bool:
    """Whether an image with so much foreground has a plain ground and something on it."""
    edges = (paint[:BORDER], paint[:, :BORDER], paint[:, -BORDER:])
    edge = np.concatenate([part.ravel() for part in edges])
    quiet = float(edge.mean()) <= _MOST_UNLIKE_AT_EDGE
    return quiet and _LEAST_PAINT <= float(paint.mean()) <= _MOST_PAINT
