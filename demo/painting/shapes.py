"""Owns the primitive shapes of an image: flat records that the rasterizer paints in order."""

import math
from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from demo.painting.palette import Colour, darker

Vec = tuple[float, float]
Shape = tuple[float, ...]
"""kind, x0, y0, x1, y1, x2, y2, r0, r1, red, green, blue, alpha, softness, role.

Pixels of a 256-pixel canvas, y down; colours 0-255; softness is the edge's width in pixels.
"""

FIELDS: Final = 15
RED: Final = 9
ALPHA: Final = 12
SOFTNESS: Final = 13
ROLE: Final = 14


class Kind(IntEnum):
    """What the geometry fields mean; 0 is an empty record."""

    CAPSULE = 1
    ELLIPSE = 2
    BOX = 3
    TRIANGLE = 4


class Role(IntEnum):
    """What a shape is for, so that a style can recolour it."""

    GROUND = 0
    OUTLINE = 1
    FILL = 2
    DETAIL = 3


def capsule(start: Vec, end: Vec, radii: Vec, colour: Colour) -> Shape:
    """A limb: the hull of two discs, of one radius at each end."""
    return _shape(Kind.CAPSULE, (*start, *end, 0, 0, *radii), colour)


def ellipse(centre: Vec, radii: Vec, colour: Colour, turn: float = 0.0) -> Shape:
    """An ellipse of two radii, turned by radians."""
    return _shape(Kind.ELLIPSE, (*centre, *radii, math.cos(turn), math.sin(turn), 0, 0), colour)


def disc(centre: Vec, radius: float, colour: Colour) -> Shape:
    """A circle."""
    return ellipse(centre, (radius, radius), colour)


def box(centre: Vec, half: Vec, colour: Colour, turn: float = 0.0, round_by: float = 0.0) -> Shape:
    """A rectangle by its half sides, turned by radians, with rounded corners."""
    return _shape(Kind.BOX, (*centre, *half, math.cos(turn), math.sin(turn), round_by, 0), colour)


def triangle(corners: tuple[Vec, Vec, Vec], colour: Colour, round_by: float = 0.0) -> Shape:
    """A triangle grown by a radius, which rounds its corners."""
    first, second, third = corners
    return _shape(Kind.TRIANGLE, (*first, *second, *third, round_by, 0), colour)


def _shape(kind: Kind, geometry: tuple[float, ...], colour: Colour) -> Shape:
    return (float(kind), *geometry, *colour, 1.0, 0.7, float(Role.FILL))


def with_alpha(shape: Shape, alpha: float, softness: float = 0.7) -> Shape:
    """The same shape, translucent and with a softer edge."""
    return (*shape[:ALPHA], alpha, softness, shape[ROLE])


def outline_of(shape: Shape, width: float, colour: Colour) -> Shape:
    """The shape larger by `width` pixels all around: its outline when painted underneath."""
    v = list(shape)
    kind = Kind(int(v[0]))
    if kind is Kind.CAPSULE:
        v[7], v[8] = v[7] + width, v[8] + width
    elif kind is Kind.TRIANGLE:
        v[7] += width
    else:
        v[3], v[4] = v[3] + width, v[4] + width
    v[RED:ALPHA] = colour
    v[ROLE] = float(Role.OUTLINE)
    return tuple(v)


class DisplayList:
    """The shapes of an image in painter's order."""

    def __init__(self, line: float = 2.0) -> None:
        self.shapes: list[Shape] = []
        self.line = line
        """Width of outlines, pixels."""

    def fill(self, *shapes: Shape, line: float | None = None, ink: Colour | None = None) -> None:
        """Shapes with one outline around the group, so that joints inside show no line."""
        width = self.line if line is None else line
        for shape in shapes:
            red, green, blue = shape[RED:ALPHA]
            self.shapes.append(outline_of(shape, width, ink or darker((red, green, blue))))
        self.shapes.extend(shapes)

    def detail(self, *shapes: Shape) -> None:
        """Marks on a figure, without outline."""
        self._add(shapes, Role.DETAIL)

    def ground(self, *shapes: Shape) -> None:
        """Parts of the place behind the figures, without outline."""
        self._add(shapes, Role.GROUND)

    def _add(self, shapes: Iterable[Shape], role: Role) -> None:
        self.shapes.extend((*shape[:ROLE], float(role)) for shape in shapes)


def transformed(shape: Shape, scale: float, turn: float, shift: Vec) -> Shape:
    """The shape scaled, turned by radians about the origin, then shifted."""
    cos, sin = math.cos(turn) * scale, math.sin(turn) * scale

    def at(x: float, y: float) -> Vec:
        return x * cos - y * sin + shift[0], x * sin + y * cos + shift[1]

    kind = Kind(int(shape[0]))
    if kind in (Kind.ELLIPSE, Kind.BOX):
        angle = math.atan2(shape[6], shape[5]) + turn
        sizes = (shape[3] * scale, shape[4] * scale, math.cos(angle), math.sin(angle))
        rest = (*sizes, shape[7] * scale, 0.0)
    else:
        third = at(*shape[5:7]) if kind is Kind.TRIANGLE else (0.0, 0.0)
        rest = (*at(*shape[3:5]), *third, shape[7] * scale, shape[8] * scale)
    return (shape[0], *at(*shape[1:3]), *rest, *shape[RED:])
