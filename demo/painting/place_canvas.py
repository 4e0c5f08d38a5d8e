"""Owns the canvas that places are painted on: its size, its horizon, its random generator."""

import random

from demo.painting.palette import Colour, vary
from demo.painting.shapes import DisplayList, Shape, box, ellipse


class PlaceCanvas:
    """What the painting of places shares: canvas, horizon and random generator."""

    def __init__(self, rng: random.Random, width: float, height: float) -> None:
        self.rng, self.width, self.height = rng, width, height
        self.display = DisplayList()
        self.horizon = height * rng.uniform(0.55, 0.72)

    def x(self, low: float = 0.0, high: float = 1.0) -> float:
        """A random position across, by shares of the width."""
        return self.rng.uniform(low, high) * self.width

    def tone(self, red: float, green: float, blue: float) -> Colour:
        """A random colour close to this one."""
        return vary(self.rng, (red, green, blue), 4)

    def band(self, top: float, colour: Colour) -> Shape:
        """The ground from a line down."""
        middle, half = (self.width / 2, (top + self.height + 40) / 2), (self.width, 0.0)
        return box(middle, (half[0], (self.height + 40 - top) / 2), colour)

    def hill(self, x: float, top: float, radii: tuple[float, float], colour: Colour) -> Shape:
        """A round hill by its summit."""
        return ellipse((x, top + radii[1]), radii, colour)

    def add(self, *shapes: Shape) -> None:
        """Put shapes behind everything that follows."""
        self.display.ground(*shapes)
