"""Classifies the pixels of an OpenPose map: which hue, how bright, and what may cover what.

Joints are drawn at full brightness and limbs at 0.6 of it, in 18 hues 20 degrees apart. Some
renderers draw one person after the other and darken the whole map to 0.6 before each (the
`draw_bodypose` for one person of controlnet_aux and sd-webui-controlnet), so that earlier people
are darker: a `Layer` is what the map shows at one such brightness.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from formats.openpose.pose_map import LIMB_BRIGHTNESS, LIMBS
from formats.openpose.skeleton import BODY_POINTS

Grid: TypeAlias = NDArray[Any]
"""(H, W) of a map, or a part of it."""

_NO_HUE: Final = 255
_HUE_UNIT: Final = 2
"""Degrees of one step in the grid of hues."""

_WHEEL: Final = 360 // _HUE_UNIT
_HUE_STEP: Final = _WHEEL // BODY_POINTS
_MIN_VALUE: Final = 24
"""Of 255: darker pixels are background; JPEG leaves such noise there."""

_MIN_SATURATION: Final = 0.5
"""A map as it is drawn has 1.0; JPEG blurs it."""

_LIMB_TOLERANCE: Final = 14
_SHARP_TOLERANCE: Final = 10
_BLURRED_TOLERANCE: Final = 12
"""Degrees from a limb's hue, and from a joint's. JPEG of quality 60 moves hues by up to 10."""

_MAX_PURE: Final = 3
_MIN_PURE_SHARE: Final = 0.97
"""A sharp map has pure hues only, one channel at 0; JPEG and resizing mix them at every edge."""

_HALF_STEP: Final = LIMB_BRIGHTNESS**0.5
"""The border between two brightnesses lies half-way, as a factor."""

_BLURRED_LIMB: Final = 0.75
"""Factor to the least brightness of a limb, whose edges are darker in a blurred map."""


@dataclass(frozen=True)
class Pixels:
    """The pixels of a map, (H, W) each."""

    hue: Grid
    """In steps of 2 degrees; 255 where there is none: black, grey, white."""
    value: Grid
    """The brightest channel, 0-255."""
    not_black: Grid
    is_sharp: bool
    """Whether the image is the drawing itself, neither JPEG nor resized."""

    @property
    def coloured(self) -> Grid:
        """Where there is a hue."""
        coloured: Grid = self.hue != _NO_HUE
        return coloured

    def has_hue(self, index: int, tolerance: int) -> Grid:
        """Where the hue is that of joint or limb `index`, within `tolerance` degrees."""
        apart = np.abs(self.hue.astype(np.int16) - _HUE_STEP * index)
        near: Grid = np.minimum(apart, _WHEEL - apart) <= tolerance // _HUE_UNIT
        return near & self.coloured

    def has_brightness(self, level: int, floor: float = 1.0) -> Grid:
        """Where the brightness is 0.6 ** `level` of full; `floor` below 1 lets darker ones in."""
        least = 255 * LIMB_BRIGHTNESS**level * _HALF_STEP
        bright: Grid = self.value >= floor * least
        return bright if level == 0 else bright & (self.value < least / LIMB_BRIGHTNESS)


def classify_pixels(rgb: NDArray[np.uint8]) -> Pixels:
    """The pixels of an RGB image (H, W, 3)."""
    value: Grid = rgb.max(-1)
    not_black: Grid = value >= _MIN_VALUE
    rows, columns = np.nonzero(not_black)
    colours = rgb[rows, columns].astype(np.int16)
    top, low = colours.max(1), colours.min(1)
    saturated = top - low >= _MIN_SATURATION * top
    hue = np.full(value.shape, _NO_HUE, np.uint8)
    hue[rows[saturated], columns[saturated]] = _hues(colours[saturated])
    pure = float((low[saturated] <= _MAX_PURE).mean()) if saturated.any() else 1.0
    return Pixels(hue, value, not_black, is_sharp=pure >= _MIN_PURE_SHARE)


def _hues(colours: Grid) -> Grid:
    """Hue in steps of 2 degrees (the usual HSV hexagon) of saturated colours (N, 3)."""
    red, green, blue = colours.T
    top = colours.max(1)
    spread = (top - colours.min(1)).astype(np.float32)
    sextant = np.where(
        top == red,
        (green - blue) / spread % 6,
        np.where(top == green, (blue - red) / spread + 2, (red - green) / spread + 4),
    )
    steps: Grid = np.round(sextant * (_WHEEL / 6)).astype(np.int16) % _WHEEL
    return steps


@dataclass(frozen=True)
class Layer:
    """What a map shows of people whose joints have one brightness."""

    pixels: Pixels
    joints: Grid
    """Coloured pixels as bright as joints."""
    limbs: Grid
    """Coloured pixels as bright as limbs."""
    explained: Grid
    """Pixels of people that were read already."""

    @classmethod
    def at(cls, pixels: Pixels, level: int, explained: Grid) -> "Layer":
        """The layer whose joints have 0.6 ** `level` of full brightness."""
        free = pixels.coloured & ~explained
        limbs = pixels.has_brightness(level + 1, _BLURRED_LIMB)
        return cls(pixels, pixels.has_brightness(level) & free, limbs & free, explained)

    @cached_property
    def covering(self) -> Grid:
        """What may hide a joint: all but black, and limbs, which lie below their own joints."""
        covering: Grid = (self.pixels.not_black & ~self.limbs) | self.explained
        return covering

    @cached_property
    def limb_masks(self) -> tuple[Grid, ...]:
        """The pixels of each limb's hue, in `LIMBS`' order."""
        return tuple(
            self.limbs & self.pixels.has_hue(kind, _LIMB_TOLERANCE) for kind in range(len(LIMBS))
        )

    def joint_mask(self, index: int) -> Grid:
        """The pixels of a joint's hue."""
        tolerance = _SHARP_TOLERANCE if self.pixels.is_sharp else _BLURRED_TOLERANCE
        mask: Grid = self.joints & self.pixels.has_hue(index, tolerance)
        return mask
