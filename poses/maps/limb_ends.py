"""Finds where a limb ends whose one joint is known and whose other joint is hidden.

A limb is an ellipse with a joint at each tip. Of the ellipses that start at the known joint, the
one is taken that holds the pixels of the limb's hue and no black ones, and ends under others.
"""

import math
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from poses.maps.discs import disc_offsets
from poses.maps.joints import Joint
from poses.maps.pixels import Grid, Layer

_MIN_COVER: Final = 0.6
_LIMB_COVER: Final = 0.7
"""Share of a hidden joint's disc that must be covered; how much another limb's pixel covers."""

_TURNS: Final = np.radians((-4, -2, 0, 2, 4))
_SECTORS: Final = 72
_MAX_GAP: Final = 12
"""Radii for which a limb may be covered before it goes on."""

_MAX_BLACK: Final = 0.35
"""Black pixels per pixel of the limb's hue."""

_MIN_SHARP: Final = 1.0
_MIN_BLURRED: Final = 1.6
"""Pixels of the limb that must show: radii in a sharp map, squares of the radius in a blurred one,
where the colours of two limbs blend into that of a third."""

_LENGTH_COST: Final = 0.02
"""Pixels per pixel of length: of lengths that fit equally, the shortest is taken."""

PixelSet = tuple[Grid, Grid]
"""Columns and rows."""


class LimbEnd(NamedTuple):
    """Where a limb ends."""

    gain: float
    """Pixels of the limb that this explains, less those that speak against it."""
    x: float
    y: float


def find_limb_end(
    layer: Layer, kind: int, joint: Joint, pixels: PixelSet, radius: float
) -> LimbEnd | None:
    """The far end of a joint's limb `kind`, of whose hue `pixels` are; None where it is unsure."""
    least = _MIN_SHARP * radius if layer.pixels.is_sharp else _MIN_BLURRED * radius**2
    strips = (
        _Strip(layer, kind, joint, _Direction(angle + turn, reach), radius)
        for angle, reach in _directions(joint, pixels, radius, least)
        for turn in _TURNS
    )
    return max(filter(None, (strip.limb_end(least) for strip in strips)), default=None)


def starts_near(joint: Joint, pixels: PixelSet, radius: float) -> bool:
    """Whether there are pixels near enough to a joint for a limb that starts there."""
    apart = np.hypot(pixels[0] - joint.x, pixels[1] - joint.y)
    touching, near = (apart <= 3 * radius + 2).sum(), (apart <= 6 * radius).sum()
    return bool(touching >= 0.7 * radius or near >= 2 * radius)


class _Direction(NamedTuple):
    angle: float
    reach: float
    """How far from the joint the limb's pixels go."""


def _directions(
    joint: Joint, pixels: PixelSet, radius: float, least: float
) -> Iterator[_Direction]:
    """The two directions in which most of the pixels lie; near ones count more."""
    dx, dy = pixels[0] - joint.x, pixels[1] - joint.y
    apart = np.hypot(dx, dy)
    off = apart > 0.8 * radius
    angles, weights = np.arctan2(dy, dx)[off], apart[off] ** -1.5
    counts, edges = np.histogram(angles, _SECTORS, (-math.pi, math.pi), weights=weights)
    smooth = counts + np.roll(counts, 1) + np.roll(counts, -1)
    for sector in np.argsort(-smooth)[:2]:
        angle = float(edges[sector] + edges[sector + 1]) / 2
        direction = _turned_onto(angle, (dx, dy), radius, least)
        if direction:
            yield direction


def _turned_onto(angle: float, offsets: PixelSet, radius: float, least: float) -> _Direction | None:
    """The direction turned onto the pixels beside it, in three rounds of least squares."""
    count, reach = 0, 0.0
    for _ in range(3):
        ux, uy = math.cos(angle), math.sin(angle)
        along, across = offsets[0] * ux + offsets[1] * uy, offsets[1] * ux - offsets[0] * uy
        beside = (np.abs(across) <= radius + 1) & (along > radius / 2)
        reached = np.sort(along[beside])
        gaps = np.nonzero(np.diff(reached, prepend=radius) > _MAX_GAP * radius)[0]
        beside &= along < (reached[gaps[0]] if len(gaps) else np.inf)
        count = int(beside.sum())
        if count < radius:
            return None
        reach = float(along[beside].max())
        angle += float((across[beside] * along[beside]).sum() / (along[beside] ** 2).sum())
    return _Direction(angle, reach) if count >= least else None


class _Strip:
    """The map along a direction from a joint, a row for each pixel of length."""

    def __init__(
        self, layer: Layer, kind: int, joint: Joint, direction: _Direction, radius: float
    ) -> None:
        self._layer, self._kind, self._joint, self._radius = layer, kind, joint, radius
        self._ux, self._uy = math.cos(direction.angle), math.sin(direction.angle)
        self._along = np.arange(int(direction.reach + 5 * radius) + 2, dtype=float)
        half = math.ceil(radius) + 2
        own, black = self._sampled(np.arange(-half, half + 1, dtype=float))
        end = self._background_from(black[:, half])
        self._along = self._along[:end]
        self._own, self._black = (self._by_width(mask[:end], half) for mask in (own, black))

    def _sampled(self, across: Grid) -> tuple[Grid, Grid]:
        """Where the limb's hue is, and where it is black, (along, across)."""
        along = self._along[:, None]
        columns, rows, inside = self._on_map(
            self._joint.x + self._ux * along - self._uy * across,
            self._joint.y + self._uy * along + self._ux * across,
        )
        own = self._layer.limb_masks[self._kind][rows, columns] & inside
        return own, ~self._layer.pixels.not_black[rows, columns] & inside

    def _on_map(self, x: Grid, y: Grid) -> tuple[Grid, Grid, Grid]:
        """The nearest columns and rows, and whether the places lie on the map."""
        height, width = self._layer.limbs.shape
        columns, rows = np.round(x).astype(int), np.round(y).astype(int)
        inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
        return np.clip(columns, 0, width - 1), np.clip(rows, 0, height - 1), inside

    def _background_from(self, black: Grid) -> int:
        """The row from which on the middle is black for a joint's width, and that width more."""
        span = int(2 * self._radius)
        black = black & (self._along > self._radius + 1)
        is_background = np.convolve(black, np.ones(span), "valid") >= span
        return int(is_background.argmax()) + span + 1 if is_background.any() else len(black)

    def _by_width(self, mask: Grid, half: int) -> Grid:
        """For each row how many pixels lie within 0, 1, 2 ... of the middle, beyond the joint."""
        counts = mask.astype(np.float32)
        counts[self._along <= self._radius + 0.5] = 0
        folded = counts[:, half:].copy()
        folded[:, 1:] += counts[:, :half][:, ::-1]
        sums: Grid = np.pad(np.cumsum(folded, 1), ((0, 0), (1, 0)))
        return sums

    def limb_end(self, least: float) -> LimbEnd | None:
        """The best end; None where it explains less than `least` pixels, or holds black ones."""
        lengths = np.arange(2 * self._radius + 1, len(self._along) - 1, 0.5)
        if not len(lengths):
            return None
        own, black = self._within(lengths)
        x, y = self._joint.x + self._ux * lengths, self._joint.y + self._uy * lengths
        cover, area = self._cover(x, y)
        cost = self._own[:, -1].sum() - own + black + (1 - cover) * area + _LENGTH_COST * lengths
        cost[(cover < _MIN_COVER) | ~self._on_map(x, y)[2]] = np.inf
        best = int(np.argmin(cost))
        gain = float(own[best] - cost[best])
        is_sure = own[best] >= least and black[best] <= _MAX_BLACK * own[best] and gain > 0
        return LimbEnd(gain, float(x[best]), float(y[best])) if is_sure else None

    def _within(self, lengths: Grid) -> tuple[Grid, Grid]:
        """The pixels of the limb's hue and the black ones within the ellipse of each length."""
        shares = 2 * self._along / lengths[:, None] - 1
        half_width = self._radius * np.sqrt(np.maximum(0, 1 - shares**2))
        widths = np.where(shares <= 1, half_width + 1, 0).astype(int)
        rows = np.arange(len(self._along))
        return self._own[rows, widths].sum(1), self._black[rows, widths].sum(1)

    def _cover(self, x: Grid, y: Grid) -> tuple[Grid, int]:
        """Share of the disc at each place that other colours cover, and the disc's area."""
        dx, dy = disc_offsets(self._radius)
        columns, rows, inside = self._on_map(x[:, None] + dx, y[:, None] + dy)
        own = self._layer.limb_masks[self._kind][rows, columns]
        limbs = self._layer.limbs[rows, columns] & ~own
        cover = self._layer.covering[rows, columns] + _LIMB_COVER * limbs
        return (cover * inside).mean(1), len(dx)
