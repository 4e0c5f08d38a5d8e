"""Finds the edges of a picture as Canny did (1986), with OpenCV's conventions.

sd-webui-controlnet's canny is `cv2.Canny(rgb, A, B)`: Sobel on each channel, the strongest
channel's gradient, |gx| + |gy| for its size, no blur. The same picture gives the same edges here.
"""

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Plane: TypeAlias = NDArray[np.float32]
_TAN_22: Final = np.tan(np.pi / 8)
_TOUCHING: Final = np.ones((3, 3), dtype=bool)


def canny(picture: NDArray[np.uint8], low: int, high: int) -> NDArray[np.bool_]:
    """Edges of an RGB picture, height x width x 3, as a mask.

    Edges stronger than `high` are kept, and those above `low` that hang on to one of them.
    """
    across, down = _gradient(picture.astype(np.float32))
    size = np.abs(across) + np.abs(down)
    thin = _is_ridge(size, across, down)
    labels, _ = ndimage.label(thin & (size > low), structure=_TOUCHING)
    strong = np.unique(labels[thin & (size > high)])
    edges: NDArray[np.bool_] = np.isin(labels, strong[strong > 0])
    return edges


def _gradient(picture: Plane) -> tuple[Plane, Plane]:
    """Across and down at each pixel, of the channel where they are largest together."""
    across, down = _sobel(picture, 1), _sobel(picture, 0)
    best = (np.abs(across) + np.abs(down)).argmax(axis=2)[..., None]
    return (
        np.take_along_axis(across, best, axis=2)[..., 0],
        np.take_along_axis(down, best, axis=2)[..., 0],
    )


def _sobel(picture: Plane, axis: int) -> Plane:
    """Along one axis of the picture; scipy's own would smooth over the channels too."""
    steps = ndimage.correlate1d(picture, (-1, 0, 1), axis=axis, mode="nearest")
    smooth: Plane = ndimage.correlate1d(steps, (1, 2, 1), axis=1 - axis, mode="nearest")
    return smooth


def _is_ridge(size: Plane, across: Plane, down: Plane) -> NDArray[np.bool_]:
    """Where the gradient is larger than on both sides of the edge that runs there."""
    around = np.pad(size, 1)
    steep, flat = np.abs(down) > np.abs(across) / _TAN_22, np.abs(down) < np.abs(across) * _TAN_22
    same_sign = (across < 0) == (down < 0)

    def beside(dy: int, dx: int) -> Any:
        return around[1 + dy : 1 + dy + size.shape[0], 1 + dx : 1 + dx + size.shape[1]]

    sideways = (size > beside(0, -1)) & (size >= beside(0, 1))
    upright = (size > beside(-1, 0)) & (size >= beside(1, 0))
    falling = (size > beside(-1, -1)) & (size > beside(1, 1))
    rising = (size > beside(-1, 1)) & (size > beside(1, -1))
    slanted = np.where(same_sign, falling, rising)
    ridge: NDArray[np.bool_] = np.where(flat, sideways, np.where(steep, upright, slanted))
    return ridge
