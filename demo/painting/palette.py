"""Owns the colours of the scenes: the eleven named ones, skins, hairs, and how they are mixed."""

import random
from typing import Final

Colour = tuple[float, float, float]
"""Red, green, blue in 0-255."""

COLOURS: Final[dict[str, Colour]] = {
    "red": (214, 48, 49),
    "orange": (242, 138, 36),
    "yellow": (248, 215, 60),
    "green": (60, 170, 75),
    "blue": (45, 110, 225),
    "purple": (140, 70, 190),
    "pink": (245, 140, 185),
    "brown": (140, 90, 50),
    "black": (38, 38, 44),
    "white": (245, 245, 245),
    "gray": (145, 148, 155),
}
"""English's eleven basic colour terms (Berlin and Kay, 1969)."""

SKINS: Final[tuple[Colour, ...]] = (
    (255, 219, 190),
    (240, 195, 155),
    (205, 150, 105),
    (150, 100, 65),
    (105, 70, 48),
)
HAIRS: Final[tuple[Colour, ...]] = (
    (45, 35, 30),
    (95, 60, 35),
    (225, 180, 80),
    (190, 80, 40),
    (150, 150, 155),
)

WHITE: Final[Colour] = (252, 252, 252)
INK: Final[Colour] = (25, 25, 30)
BLUSH: Final[Colour] = (245, 140, 150)
GOLD: Final[Colour] = (248, 205, 60)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """`share` of the second colour in the first, 0-1."""
    red, green, blue = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return red, green, blue


def darker(colour: Colour, factor: float = 0.36) -> Colour:
    """The colour times a factor; the default is the outline's."""
    return colour[0] * factor, colour[1] * factor, colour[2] * factor


def lighter(colour: Colour, share: float = 0.55) -> Colour:
    """The colour mixed with white."""
    return mix(colour, WHITE, share)


def is_dark(colour: Colour) -> bool:
    """Whether dark marks would drown on it."""
    return sum(colour) < 300


def vary(rng: random.Random, colour: Colour, spread: float = 5.0) -> Colour:
    """A random colour close to this one: normal noise on each channel, clamped to 0-255."""
    red, green, blue = (min(255.0, max(0.0, c + rng.gauss(0, spread))) for c in colour)
    return red, green, blue


def random_named_colour(rng: random.Random) -> tuple[str, Colour]:
    """A colour word and a colour it stands for."""
    name = rng.choice(list(COLOURS))
    return name, vary(rng, COLOURS[name])
