"""Paints the places behind the figures, by day, at sunset and at night."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from demo.painting import outdoors
from demo.painting.palette import COLOURS, GOLD, WHITE, Colour, darker, lighter, mix, vary
from demo.painting.place_canvas import PlaceCanvas
from demo.painting.shapes import (
    ALPHA,
    RED,
    DisplayList,
    Shape,
    box,
    capsule,
    disc,
    ellipse,
    with_alpha,
)

OUTDOORS: Final = ("beach", "forest", "city", "mountains", "snow", "desert", "meadow", "castle")
_SKIES: Final[dict[str, tuple[Colour, Colour]]] = {
    "day": ((115, 190, 248), (215, 236, 250)),
    "sunset": ((125, 65, 135), (255, 155, 75)),
    "night": ((12, 16, 50), (42, 52, 105)),
}
_TINTS: Final[dict[str, tuple[Colour, float]]] = {
    "sunset": ((120, 50, 70), 0.42),
    "night": ((14, 20, 52), 0.66),
}


@dataclass(frozen=True)
class PaintedPlace:
    """A painted place: its shapes, its sky, and what captions call it."""

    display: DisplayList
    top: Colour
    bottom: Colour
    """The sky runs from one to the other."""
    name: str
    time: str
    colour_word: str = ""
    """Of a plain background."""


def _space(s: PlaceCanvas) -> None:
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


def _room(s: PlaceCanvas) -> None:
    s.horizon = s.height * s.rng.uniform(0.66, 0.76)
    s.add(s.band(s.horizon, s.tone(165, 115, 72)))
    s.add(box((s.width / 2, s.horizon), (s.width, 3), (240, 235, 228)))
    x = s.rng.choice((s.x(0.15, 0.3), s.x(0.7, 0.85)))
    s.add(box((x, 70), (32, 37), WHITE), box((x, 70), (26, 31), s.tone(140, 205, 245)))
    s.add(box((x, 70), (2.2, 31), WHITE), box((x, 70), (26, 2.2), WHITE))
    rug = s.tone(*s.rng.choice(list(COLOURS.values())[:7]))
    s.add(ellipse((s.width / 2, s.horizon + 38), (s.width * 0.37, 20), rug))


def _underwater(s: PlaceCanvas) -> None:
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
        s.add(with_alpha(disc(spot, r, (205, 238, 252)), 0.75))


def _plain(s: PlaceCanvas) -> None:
    s.horizon = s.height * 0.8


PLACES: Final[dict[str, tuple[float, Callable[[PlaceCanvas], None]]]] = {
    "plain": (4.6, _plain),
    "beach": (2.2, outdoors.paint_beach),
    "forest": (2.2, outdoors.paint_forest),
    "city": (2.0, outdoors.paint_city),
    "mountains": (1.5, outdoors.paint_mountains),
    "snow": (1.5, outdoors.paint_snow),
    "desert": (1.4, outdoors.paint_desert),
    "space": (1.7, _space),
    "room": (1.6, _room),
    "meadow": (2.0, outdoors.paint_meadow),
    "underwater": (1.3, _underwater),
    "castle": (1.2, outdoors.paint_castle),
}
"""Name -> its weight in random choices, and what paints it."""

_OWN_SKIES: Final[dict[str, tuple[Colour, Colour]]] = {
    "space": ((14, 10, 32), (42, 22, 72)),
    "underwater": ((70, 175, 225), (15, 70, 140)),
    "desert": ((250, 205, 130), (255, 235, 190)),
    "snow": ((165, 200, 230), (225, 235, 245)),
}


def paint_place(
    rng: random.Random, name: str, time: str, size: tuple[float, float]
) -> PaintedPlace:
    """A place of `PLACES` at day, sunset or night, on a canvas of width x height pixels."""
    site = PlaceCanvas(rng, *size)
    top, bottom, word = _sky(rng, name, time)
    if name in OUTDOORS:
        _lights(site, time)
    PLACES[name][1](site)
    if name in OUTDOORS and time in _TINTS:
        start = site.display.shapes.index(next(s for s in site.display.shapes if s[0] != 2.0))
        site.display.shapes[start:] = [
            _tinted(s, *_TINTS[time]) for s in site.display.shapes[start:]
        ]
    return PaintedPlace(site.display, top, bottom, name, time, word)


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


def _lights(s: PlaceCanvas, time: str) -> None:
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


def _cloud(s: PlaceCanvas) -> None:
    x, y, r = s.x(), s.rng.uniform(18, 80), s.rng.uniform(11, 18)
    for dx, k in ((-1.1, 0.7), (0.0, 1.0), (1.1, 0.75)):
        s.add(ellipse((x + dx * r, y - (k - 0.7) * r * 0.5), (r * k * 1.15, r * k * 0.8), WHITE))


def _tinted(shape: Shape, tint: Colour, share: float) -> Shape:
    red, green, blue = shape[RED:ALPHA]
    return (*shape[:RED], *mix((red, green, blue), tint, share), *shape[ALPHA:])
