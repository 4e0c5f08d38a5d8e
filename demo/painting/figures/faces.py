"""Owns the frame of a face: shapes placed in head radii, and the eyes and mouth that all share."""

from demo.painting.figures.looks import Look
from demo.painting.figures.skeletons import Head
from demo.painting.palette import INK, WHITE, Colour, is_dark
from demo.painting.shapes import DisplayList, Shape, Vec, box, capsule, ellipse, triangle


class Face:
    """Shapes in units of the head's radius, turned with the head."""

    def __init__(self, display: DisplayList, head: Head, look: Look) -> None:
        self.display, self.head, self.look = display, head, look

    @property
    def line(self) -> float:
        """The sheet's outline width, pixels."""
        return self.display.line

    def shift(self, share: float) -> float:
        """How far a feature moves across when the face turns."""
        return self.head.yaw * share

    def oval(self, centre: Vec, radii: Vec, colour: Colour, turn: float = 0.0) -> Shape:
        """An ellipse."""
        r = self.head.radius
        size = (radii[0] * r, radii[1] * r)
        return ellipse(self.head.at(*centre), size, colour, self.head.tilt + turn)

    def slab(self, centre: Vec, half: Vec, colour: Colour, round_by: float = 0.04) -> Shape:
        """A rounded box by its half sides."""
        r = self.head.radius
        size = (half[0] * r, half[1] * r)
        return box(self.head.at(*centre), size, colour, self.head.tilt, round_by * r)

    def stroke(self, start: Vec, end: Vec, width: float, colour: Colour) -> Shape:
        """A line of one half-width."""
        r = width * self.head.radius
        return capsule(self.head.at(*start), self.head.at(*end), (r, r), colour)

    def wedge(self, corners: tuple[Vec, Vec, Vec], colour: Colour, round_by: float = 0.0) -> Shape:
        """A triangle."""
        first, second, third = (self.head.at(*corner) for corner in corners)
        return triangle((first, second, third), colour, round_by * self.head.radius)

    def fill(self, *shapes: Shape, line: float | None = None, ink: Colour | None = None) -> None:
        """Outlined shapes."""
        self.display.fill(*shapes, line=line, ink=ink)

    def detail(self, *shapes: Shape) -> None:
        """Marks without outline."""
        self.display.detail(*shapes)

    def eyes(
        self, rx: float = 0.15, ry: float = 0.2, dx: float = 0.38, white: bool = False
    ) -> None:
        """Two eyes with a glint; on dark fur they get whites around them."""
        y = -0.1
        white = white or (not self.look.human and is_dark(self.look.fur))
        for s in (-1, 1):
            x = s * dx + self.shift(0.5)
            if white:
                self.detail(self.oval((x, y), (rx * 1.7, ry * 1.4), WHITE))
            self.detail(self.oval((x + self.shift(0.06 if white else 0.0), y), (rx, ry), INK))
            self.detail(self.oval((x + 0.05, y - 0.08), (0.065, 0.065), WHITE))

    def smile(self, y: float, half: float = 0.24, colour: Colour = (60, 25, 25)) -> None:
        """A mouth of one thick stroke, lower in the middle."""
        x = self.shift(0.52)
        middle = (x, y + 0.11)
        self.detail(self.stroke((x - half, y), middle, 0.06, colour))
        self.detail(self.stroke(middle, (x + half, y), 0.06, colour))
