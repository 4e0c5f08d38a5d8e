"""Canny's edge detector (1986), with OpenCV's conventions.

sd-webui-controlnet's canny is `cv2.Canny(rgb, A, B)`: Sobel on each channel, the strongest
channel's gradient, |gx| + |gy| as its magnitude, no blur. The edges here are the same.
"""

from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Plane: TypeAlias = NDArray[np.float32]
_TAN_22: Final = np.tan(np.pi / 8)
_TOUCHING: Final = np.ones((3, 3), dtype=bool)


def canny(image: NDArray[np.uint8], low: int, high: int) -> NDArray[np.bool_]:
    """The edges of an RGB image, height x width x 3, as a mask.

    Edges stronger than `high` are kept, and those above `low` that are connected to one of them.
    """
    grad_x, grad_y = _gradient(image.astype(np.float32))
    magnitude = np.abs(grad_x) + np.abs(grad_y)
    is_thin = _is_maximum(magnitude, grad_x, grad_y)
    labels, _ = ndimage.label(is_thin & (magnitude > low), structure=_TOUCHING)
    strong = np.unique(labels[is_thin & (magnitude > high)])
    edges: NDArray[np.bool_] = np.isin(labels, strong[strong > 0])
    return edges


def _gradient(image: Plane) -> tuple[Plane, Plane]:
    """The x and y gradients at each pixel, of the channel with the largest magnitude."""
    grad_x, grad_y = _sobel(image, 1), _sobel(image, 0)
    best = (np.abs(grad_x) + np.abs(grad_y)).argmax(axis=2)[..., None]
    return (
        np.take_along_axis(grad_x, best, axis=2)[..., 0],
        np.take_along_axis(grad_y, best, axis=2)[..., 0],
    )


def _sobel(image: Plane, axis: int) -> Plane:
    """The gradient along one axis; scipy's own Sobel would smooth over the channels too."""
    steps = ndimage.correlate1d(image, (-1, 0, 1), axis=axis, mode="nearest")
    smooth: Plane = ndimage.correlate1d(steps, (1, 2, 1), axis=1 - axis, mode="nearest")
    return smooth


def _is_maximum(magnitude: Plane, grad_x: Plane, grad_y: Plane) -> NDArray[np.bool_]:
    """Whether a pixel's gradient is the largest across its edge (non-maximum suppression)."""
    around = np.pad(magnitude, 1)
    is_vertical = np.abs(grad_y) > np.abs(grad_x) / _TAN_22
    is_horizontal = np.abs(grad_y) < np.abs(grad_x) * _TAN_22
    same_sign = (grad_x < 0) == (grad_y < 0)

    def neighbour(dy: int, dx: int) -> Any:
        return around[1 + dy : 1 + dy + magnitude.shape[0], 1 + dx : 1 + dx + magnitude.shape[1]]

    horizontal = (magnitude > neighbour(0, -1)) & (magnitude >= neighbour(0, 1))
    vertical = (magnitude > neighbour(-1, 0)) & (magnitude >= neighbour(1, 0))
    falling = (magnitude > neighbour(-1, -1)) & (magnitude > neighbour(1, 1))
    rising = (magnitude > neighbour(-1, 1)) & (magnitude > neighbour(1, -1))
    diagonal = np.where(same_sign, falling, rising)
    vertical_or_diagonal = np.where(is_vertical, vertical, diagonal)
    is_maximum: NDArray[np.bool_] = np.where(is_horizontal, horizontal, vertical_or_diagonal)
    return is_maximum
