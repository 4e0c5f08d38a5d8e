"""Draws the places behind the figures, by day, at sunset and at night."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from demo.drawing.palette import COLOURS, GOLD, WHITE, Colour, darker, lighter, mix, vary
from demo.drawing.shapes import (
    ALPHA,
    RED,
    Shape,
    Sheet,
    box,
    capsule,
    disc,
    ellipse,
    faded,
    triangle,
)

OUTDOORS: Final = ("beach", "forest", "city", "mountains", "snow", "desert", "meadow", "castle")
_SKIES: Final[dict[str, tuple[Colour, Colour]]] = {
    "day": ((115, 190, 248), (215, 236, 250)),
    "sunset": ((125, 65, 135), (255, 155, 75)),
    "night": ((12, 16, 50), (42, 52, 105)),
}
_TINTS: Final[dict[str, tuple[Colour, float]]] = {
    "sunset": ((120, 50, 70), 0.42), "night": ((14, 20, 52), 0.66),
}  # fmt: skip


@dataclass(frozen=True)
class Ground:
    """A finished place."""

    sheet: Sheet
    top: Colour
    bottom: Colour
    """The sky runs from one to the other."""
    name: str
    time: str
    colour_word: str = ""
    """Of a plain background."""


class Site:
    """What the painters of places share: canvas, horizon and dice."""

    def __init__(self, rng: random.Random, width: float, height: float) -> None:
        self.rng, self.width, self.height = rng, width, height
        self.sheet = Sheet()
        self.horizon = height * rng.uniform(0.55, 0.72)

    def x(self, low: float = 0.0, high: float = 1.0) -> float:
        """A random position across, by shares of the width."""
        return self.rng.uniform(low, high) * self.width

    def tone(self, red: float, green: float, blue: float) -> Colour:
        """A neighbour of the colour."""
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
        self.sheet.ground(*shapes)


def _tree(s: Site, x: float, y: float, size: float, conifer: bool) -> None:
    s.add(box((x, y - size * 0.3), (size * 0.1, size * 0.35), s.tone(105, 70, 42)))
    leaf = s.tone(45, 120, 55)
    if not conifer:
        s.add(ellipse((x, y - size * 0.95), (size * 0.45, size * 0.5), leaf))
        return
    for low, half, high in ((0.45, 0.45, 1.15), (0.8, 0.35, 1.45)):
        corners = ((x - size * half, y - size * low), (x + size * half, y - size * low),
                   (x, y - size * high))  # fmt: skip
        s.add(triangle(corners, leaf, 2))


def _beach(s: Site) -> None:
    shore = s.horizon + s.rng.uniform(18, 40)
    sand = s.tone(240, 215, 155)
    s.add(s.band(s.horizon, s.tone(40, 140, 210)))
    s.add(s.hill(s.x(0.2, 0.8), shore - 4, (s.width * 0.9, 76), s.tone(250, 250, 250)))
    s.add(s.hill(s.width / 2, shore, (s.width * 0.92, 76), sand), s.band(shore + 34, sand))
    if s.rng.random() < 0.65:
        _palm(s, s.rng.choice((s.x(0.05, 0.2), s.x(0.8, 0.95))), shore + 26)


def _palm(s: Site, x: float, y: float) -> None:
    top = (x + s.rng.uniform(-14, 14), y - s.rng.uniform(85, 115))
    s.add(capsule((x, y), top, (5, 4), s.tone(140, 98, 58)))
    for angle in (-2.7, -1.9, -1.2, -0.4):
        leaf = (top[0] + 20 * math.cos(angle), top[1] + 14 * math.sin(angle) + 5)
        s.add(
            ellipse(
                leaf, (22, 6.5), s.tone(50, 150, 65), angle * 0.7 if angle > -1.5 else angle + 3.14
            )
        )


def _forest(s: Site) -> None:
    conifer = s.rng.random() < 0.5
    s.add(s.band(s.horizon - 25, s.tone(95, 150, 95)), s.band(s.horizon, s.tone(88, 150, 66)))
    for _ in range(s.rng.randint(4, 6)):
        _tree(s, s.x(), s.horizon + s.rng.uniform(0, 22), s.rng.uniform(60, 105), conifer)


def _city(s: Site) -> None:
    walls = ((150, 155, 170), (180, 130, 110), (120, 140, 170), (200, 185, 160), (110, 112, 125))
    x = s.rng.uniform(-10, 8)
    while x < s.width:
        half, high = s.rng.uniform(19, 28), s.rng.uniform(60, 135)
        middle = (x + half, s.horizon + 10 - high / 2)
        s.add(box(middle, (half, high / 2), s.tone(*s.rng.choice(walls))))
        _windows(s, x + half, s.horizon + 10 - high, half)
        x += 2 * half + s.rng.uniform(0, 5)
    s.add(s.band(s.horizon + 8, s.tone(105, 108, 115)))
    s.add(box((s.width / 2, s.horizon + 13), (s.width, 4), s.tone(190, 190, 188)))


def _windows(s: Site, x: float, top: float, half: float) -> None:
    for row in range(2):
        for side in (-1, 1):
            lit = (250.0, 230.0, 140.0) if s.rng.random() < 0.5 else (210.0, 230.0, 245.0)
            s.add(box((x + side * half * 0.45, top + 16 + row * 24), (half * 0.24, 7), lit))


def _mountains(s: Site) -> None:
    for _ in range(s.rng.randint(2, 4)):
        x, half, high = s.x(), s.rng.uniform(60, 100), s.rng.uniform(70, 125)
        foot = s.horizon + 5
        peak = (x, s.horizon - high)
        s.add(triangle(((x - half, foot), (x + half, foot), peak), s.tone(115, 125, 150), 1))
        snow = s.horizon - high * 0.7
        s.add(triangle(((x - half * 0.28, snow), (x + half * 0.28, snow), peak), WHITE, 1))
    s.add(s.band(s.horizon, s.tone(105, 170, 85)))


def _snow(s: Site) -> None:
    white = s.tone(238, 243, 251)
    s.add(
        s.hill(s.x(0.2, 0.8), s.horizon - 5, (s.width * 0.9, 100), white),
        s.band(s.horizon + 26, white),
    )
    for _ in range(s.rng.randint(2, 4)):
        x, y, size = s.x(), s.horizon + s.rng.uniform(5, 20), s.rng.uniform(50, 80)
        _tree(s, x, y, size, conifer=True)
        cap = ((x - size * 0.2, y - size), (x + size * 0.2, y - size), (x, y - size * 1.35))
        s.add(triangle(cap, WHITE, 1))
    for _ in range(9):
        s.add(disc((s.x(), s.rng.uniform(0, s.height * 0.75)), s.rng.uniform(2, 3.2), WHITE))


def _desert(s: Site) -> None:
    for _ in range(2):
        dune = (s.rng.uniform(0.45, 0.7) * s.width, s.rng.uniform(60, 78))
        s.add(s.hill(s.x(), s.horizon - 12, dune, s.tone(232, 180, 105)))
    s.add(s.band(s.horizon + 18, s.tone(235, 190, 118)))
    for _ in range(s.rng.randint(1, 2)):
        x = s.rng.choice((s.x(0.05, 0.22), s.x(0.78, 0.95)))
        _cactus(s, x, s.horizon + s.rng.uniform(12, 28), s.rng.uniform(34, 54))


def _cactus(s: Site, x: float, y: float, size: float) -> None:
    green, r = s.tone(70, 145, 75), size * 0.15
    s.add(capsule((x, y), (x, y - size * 1.3), (r, r), green))
    for side, low, high in ((-1, 0.5, 0.95), (1, 0.68, 1.1)):
        elbow = (x + side * size * 0.4, y - size * low)
        s.add(capsule((x, y - size * low), elbow, (r * 0.75, r * 0.75), green))
        s.add(capsule(elbow, (elbow[0], y - size * high), (r * 0.75, r * 0.75), green))


def _meadow(s: Site) -> None:
    for low, high in ((0.0, 0.45), (0.6, 1.0)):
        s.add(s.hill(s.x(low, high), s.horizon - 12, (s.width * 0.7, 105), s.tone(118, 192, 87)))
    s.add(s.band(s.horizon + 24, s.tone(112, 190, 80)))
    petals = ((250, 90, 110), (255, 240, 120), (250, 250, 250), (190, 110, 220))
    for _ in range(s.rng.randint(6, 9)):
        spot = (s.x(), s.rng.uniform(s.horizon + 30, s.height - 5))
        s.add(disc(spot, 4.5, s.tone(*s.rng.choice(petals))), disc(spot, 2, (255, 200, 60)))


def _castle(s: Site) -> None:
    stone, x, foot = s.tone(165, 165, 178), s.x(0.25, 0.75), s.horizon + 12
    s.add(s.hill(x, s.horizon - 5, (s.width * 0.7, 90), s.tone(110, 180, 85)))
    s.add(box((x, foot - 35), (58, 40), stone))
    roof = s.tone(*s.rng.choice(((190, 70, 70), (80, 100, 180), (130, 80, 160))))
    for side, high in ((-58, 105), (58, 105), (0, 125)):
        s.add(box((x + side, foot - high / 2), (17, high / 2), darker(stone, 0.92)))
        corners = (
            (x + side - 22, foot - high),
            (x + side + 22, foot - high),
            (x + side, foot - high - 38),
        )
        s.add(triangle(corners, roof, 1), box((x + side, foot - high + 18), (5, 8), (70, 75, 95)))
    s.add(
        box((x, foot - 10), (13, 20), (95, 65, 45), 0, 6),
        s.band(s.horizon + 14, s.tone(112, 185, 85)),
    )


def _space(s: Site) -> None:
    for _ in range(s.rng.randint(12, 16)):
        s.add(disc((s.x(), s.rng.uniform(0, s.height)), s.rng.uniform(1.4, 2.5), (250, 250, 255)))
    x, y, r = s.x(0.12, 0.88), s.rng.uniform(28, 90), s.rng.uniform(18, 34)
    colour = s.tone(*s.rng.choice(list(COLOURS.values())[:8]))
    if s.rng.random() < 0.6:
        s.add(ellipse((x, y), (r * 1.8, r * 0.45), (225, 205, 160), -0.35))
    s.add(
        disc((x, y), r, colour), disc((x - r * 0.3, y - r * 0.3), r * 0.38, lighter(colour, 0.25))
    )
    if s.rng.random() < 0.55:
        s.add(s.hill(s.width / 2, s.height * 0.82, (s.width, 150), s.tone(130, 130, 140)))


def _room(s: Site) -> None:
    s.horizon = s.height * s.rng.uniform(0.66, 0.76)
    s.add(s.band(s.horizon, s.tone(165, 115, 72)))
    s.add(box((s.width / 2, s.horizon), (s.width, 3), (240, 235, 228)))
    x = s.rng.choice((s.x(0.15, 0.3), s.x(0.7, 0.85)))
    s.add(box((x, 70), (32, 37), WHITE), box((x, 70), (26, 31), s.tone(140, 205, 245)))
    s.add(box((x, 70), (2.2, 31), WHITE), box((x, 70), (26, 2.2), WHITE))
    rug = s.tone(*s.rng.choice(list(COLOURS.values())[:7]))
    s.add(ellipse((s.width / 2, s.horizon + 38), (s.width * 0.37, 20), rug))


def _underwater(s: Site) -> None:
    s.add(s.hill(s.x(0.2, 0.8), s.height * 0.86, (s.width * 0.9, 75), s.tone(215, 195, 140)))
    for _ in range(s.rng.randint(3, 5)):
        x, y, high = s.x(), s.rng.uniform(0.86, 0.96) * s.height, s.rng.uniform(40, 75)
        bend, tip = (
            (x + s.rng.uniform(-9, 9), y - high * 0.5),
            (x + s.rng.uniform(-12, 12), y - high),
        )
        green = s.tone(45, 140, 90)
        s.add(capsule((x, y), bend, (5, 4.5), green), capsule(bend, tip, (4.5, 3), green))
    for _ in range(7):
        spot, r = (s.x(), s.rng.uniform(0, s.height * 0.85)), s.rng.uniform(4, 7)
        s.add(faded(disc(spot, r, (205, 238, 252)), 0.75))


def _plain(s: Site) -> None:
    s.horizon = s.height * 0.8


PLACES: Final[dict[str, tuple[float, Callable[[Site], None]]]] = {
    "plain": (4.6, _plain), "beach": (2.2, _beach), "forest": (2.2, _forest),
    "city": (2.0, _city), "mountains": (1.5, _mountains), "snow": (1.5, _snow),
    "desert": (1.4, _desert), "space": (1.7, _space), "room": (1.6, _room),
    "meadow": (2.0, _meadow), "underwater": (1.3, _underwater), "castle": (1.2, _castle),
}  # fmt: skip
"""Name -> how often it is drawn, and what paints it."""

_OWN_SKIES: Final[dict[str, tuple[Colour, Colour]]] = {
    "space": ((14, 10, 32), (42, 22, 72)), "underwater": ((70, 175, 225), (15, 70, 140)),
    "desert": ((250, 205, 130), (255, 235, 190)), "snow": ((165, 200, 230), (225, 235, 245)),
}  # fmt: skip


def place(rng: random.Random, name: str, time: str, size: tuple[float, float]) -> Ground:
    """A place of `PLACES` at day, sunset or night, on a canvas of width x height pixels."""
    site = Site(rng, *size)
    top, bottom, word = _sky(rng, name, time)
    if name in OUTDOORS:
        _lights(site, time)
    PLACES[name][1](site)
    if name in OUTDOORS and time in _TINTS:
        start = site.sheet.shapes.index(next(s for s in site.sheet.shapes if s[0] != 2.0))
        site.sheet.shapes[start:] = [_tinted(s, *_TINTS[time]) for s in site.sheet.shapes[start:]]
    return Ground(site.sheet, top, bottom, name, time, word)


def _sky(rng: random.Random, name: str, time: str) -> tuple[Colour, Colour, str]:
    if name == "plain":
        word = rng.choice(list(COLOURS))
        top = lighter(vary(rng, COLOURS[word]), rng.choice((0.0, 0.0, 0.2)))
        return top, darker(top, rng.choice((1.0, 1.0, 0.93))), word
    if name == "room":
        walls = ((245, 225, 190), (190, 215, 230), (230, 200, 215), (205, 225, 195))
        wall = vary(rng, rng.choice(walls))
        return wall, darker(wall, 0.95), ""
    own = name in _OWN_SKIES and (time == "day" or name not in OUTDOORS)
    top, bottom = _OWN_SKIES[name] if own else _SKIES[time]
    return vary(rng, top, 4), vary(rng, bottom, 4), ""


def _lights(s: Site, time: str) -> None:
    if time == "night":
        for _ in range(s.rng.randint(9, 13)):
            spot = (s.x(), s.rng.uniform(4, s.horizon))
            s.add(disc(spot, s.rng.uniform(1.4, 2.3), (250, 248, 225)))
        s.add(disc((s.x(0.1, 0.9), s.rng.uniform(22, 60)), s.rng.uniform(14, 22), (250, 245, 205)))
    elif time == "sunset":
        s.add(disc((s.x(0.2, 0.8), s.horizon - s.rng.uniform(0, 40)), 32, (255, 225, 110)))
    else:
        s.add(disc((s.x(0.08, 0.92), s.rng.uniform(20, 70)), s.rng.uniform(14, 22), GOLD))
        if s.rng.random() < 0.6:
            _cloud(s)


def _cloud(s: Site) -> None:
    x, y, r = s.x(), s.rng.uniform(18, 80), s.rng.uniform(11, 18)
    for dx, k in ((-1.1, 0.7), (0.0, 1.0), (1.1, 0.75)):
        s.add(ellipse((x + dx * r, y - (k - 0.7) * r * 0.5), (r * k * 1.15, r * k * 0.8), WHITE))


def _tinted(shape: Shape, tint: Colour, share: float) -> Shape:
    red, green, blue = shape[RED:ALPHA]
    return (*shape[:RED], *mix((red, green, blue), tint, share), *shape[ALPHA:])
