"""Draws a whole figure and puts it on the canvas: turned, scaled and shifted with its keypoints."""

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass

from demo.drawing.figures import bodies
from demo.drawing.figures.faces import Face
from demo.drawing.figures.heads import ANIMALS
from demo.drawing.figures.looks import Look, outline_width
from demo.drawing.figures.people import PEOPLE_HEADS, draw_long_hair
from demo.drawing.figures.props import draw_prop
from demo.drawing.figures.skeletons import Bones, bones
from demo.drawing.figures.stances import stance
from demo.drawing.shapes import Kind, Shape, Sheet, Vec, box, moved

Bounds = tuple[float, float, float, float]
"""Left, top, right, bottom in pixels."""


@dataclass(frozen=True)
class Figure:
    """A drawn character: shapes, keypoints and head in the same coordinates."""

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

    def placed(self, scale: float, shift: Vec, turn: float = 0.0) -> "Figure":
        """The figure scaled and turned about the origin, then shifted."""
        shapes = tuple(moved(shape, scale, turn, shift) for shape in self.shapes)
        points = tuple(_move(point, scale, turn, shift) for point in self.points)
        centre = _move(self.head[:2], scale, turn, shift)
        return Figure(shapes, points, (*centre, self.head[2] * scale), self.size * scale,
                      self.stance, self.look, self.chibi, self.holds, self.seat)  # fmt: skip


def _move(point: Iterable[float], scale: float, turn: float, shift: Vec) -> Vec:
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


def draw_figure(
    rng: random.Random, name: str, look: Look, build: tuple[float, float], prop: bool = False
) -> Figure:
    """A figure in a stance of that name about the origin; `build` is chibi (0-1) and its height."""
    chibi, size = build
    frame = bones(rng, stance(rng, name), chibi, size)
    sheet = Sheet(outline_width(size))
    seat = _seat(rng, sheet, frame) if name == "sitting" else 0
    body = bodies.Body(sheet, frame, look)
    bodies.draw_back(body)
    bodies.draw_trunk(body)
    face = Face(sheet, frame.head, look)
    draw_long_hair(face)
    holds = draw_prop(rng, body) if prop else ""
    bodies.draw_arms(body)
    _head(face)
    for dress in (bodies.draw_crown, bodies.draw_hat, bodies.draw_scarf):
        dress(body)
    head = (*frame.head.centre, frame.head.radius)
    figure = Figure(tuple(sheet.shapes), frame.points, head, size, name, look, chibi, holds, seat)
    turn = math.radians(frame.stance.turn)
    return figure.placed(1.0, (0.0, 0.0), turn) if turn else figure


def _head(face: Face) -> None:
    painters = PEOPLE_HEADS if face.look.human else ANIMALS
    painters[face.look.species](face)


def _seat(rng: random.Random, sheet: Sheet, frame: Bones) -> int:
    (x, y), size = frame.pelvis, frame.size
    floor = max(frame.points[10][1], frame.points[13][1]) + 0.03 * size
    if floor <= y + 0.12 * size:
        return 0
    colour = rng.choice(((150, 100, 60), (180, 60, 60), (90, 110, 150), (200, 170, 110)))
    middle = (x, (y + 0.06 * size + floor) / 2)
    sheet.fill(box(middle, (0.12 * size, (floor - y - 0.06 * size) / 2), colour))
    return len(sheet.shapes)
