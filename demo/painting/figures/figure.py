"""Paints a whole figure, which is then turned, scaled and shifted with its keypoints."""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace

from demo.painting.figures import bodies
from demo.painting.figures.faces import Face
from demo.painting.figures.heads import ANIMALS
from demo.painting.figures.looks import Look, outline_width
from demo.painting.figures.people import PEOPLE_HEADS, paint_long_hair
from demo.painting.figures.props import paint_prop
from demo.painting.figures.skeletons import Bones, build_bones
from demo.painting.figures.stances import random_stance
from demo.painting.shapes import DisplayList, Kind, Shape, Vec, box, transformed

Bounds = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""


@dataclass(frozen=True)
class Figure:
    """A painted character: shapes, keypoints and head in the same coordinates."""

    shapes: tuple[Shape, ...]
    points: tuple[Vec, ...]
    head: tuple[float, float, float]
    """Centre and radius of the head's disc."""
    size: float
    """Height when standing, pixels."""
    stance: str
    look: Look
    chibi: float
    holds: str = ""
    seat: int = 0
    """How many shapes at the start are the seat, not the figure."""

    def bounds(self) -> Bounds:
        """The box around all shapes, a little generous for turned ones."""
        boxes = [_bounds(shape) for shape in self.shapes]
        lefts, tops, rights, bottoms = zip(*boxes, strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)

    def transformed(self, scale: float, shift: Vec, turn: float = 0.0) -> "Figure":
        """The figure scaled and turned about the origin, then shifted."""
        shapes = tuple(transformed(shape, scale, turn, shift) for shape in self.shapes)
        points = tuple(_transform_point(point, scale, turn, shift) for point in self.points)
        centre = _transform_point(self.head[:2], scale, turn, shift)
        head = (*centre, self.head[2] * scale)
        return replace(self, shapes=shapes, points=points, head=head, size=self.size * scale)


def _transform_point(point: Iterable[float], scale: float, turn: float, shift: Vec) -> Vec:
    x, y = point
    cos, sin = math.cos(turn) * scale, math.sin(turn) * scale
    return x * cos - y * sin + shift[0], x * sin + y * cos + shift[1]


def _bounds(shape: Shape) -> Bounds:
    kind, x0, y0, x1, y1, x2, y2, r0, r1 = shape[:9]
    if kind in (Kind.ELLIPSE, Kind.BOX):
        wide = math.hypot(x1 * x2, y1 * y2) if kind == Kind.ELLIPSE else abs(x1 * x2) + abs(y1 * y2)
        high = math.hypot(x1 * y2, y1 * x2) if kind == Kind.ELLIPSE else abs(x1 * y2) + abs(y1 * x2)
        return x0 - wide, y0 - high, x0 + wide, y0 + high
    r = max(r0, r1)
    xs, ys = [x0, x1], [y0, y1]
    if kind == Kind.TRIANGLE:
        xs.append(x2)
        ys.append(y2)
    return min(xs) - r, min(ys) - r, max(xs) + r, max(ys) + r


def paint_figure(
    rng: random.Random, name: str, look: Look, build: tuple[float, float], prop: bool = False
) -> Figure:
    """A figure in a stance of that name about the origin; `build` is chibi (0-1) and its height."""
    chibi, size = build
    frame = build_bones(rng, random_stance(rng, name), chibi, size)
    display = DisplayList(outline_width(size))
    seat = _seat(rng, display, frame) if name == "sitting" else 0
    body = bodies.FigureBody(display, frame, look)
    bodies.paint_back(body)
    bodies.paint_trunk(body)
    face = Face(display, frame.head, look)
    paint_long_hair(face)
    holds = paint_prop(rng, body) if prop else ""
    bodies.paint_arms(body)
    _head(face)
    for paint in (bodies.paint_crown, bodies.paint_hat, bodies.paint_scarf):
        paint(body)
    head = (*frame.head.centre, frame.head.radius)
    figure = Figure(tuple(display.shapes), frame.points, head, size, name, look, chibi, holds, seat)
    turn = math.radians(frame.stance.turn)
    return figure.transformed(1.0, (0.0, 0.0), turn) if turn else figure


def _head(face: Face) -> None:
    painters = PEOPLE_HEADS if face.look.human else ANIMALS
    painters[face.look.species](face)


def _seat(rng: random.Random, display: DisplayList, frame: Bones) -> int:
    (x, y), size = frame.pelvis, frame.size
    floor = max(frame.points[10][1], frame.points[13][1]) + 0.03 * size
    if floor <= y + 0.12 * size:
        return 0
    colour = rng.choice(((150, 100, 60), (180, 60, 60), (90, 110, 150), (200, 170, 110)))
    middle = (x, (y + 0.06 * size + floor) / 2)
    display.fill(box(middle, (0.12 * size, (floor - y - 0.06 * size) / 2), colour))
    return len(display.shapes)
