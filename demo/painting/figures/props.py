"""Paints what a figure holds in one hand."""

import random
from collections.abc import Callable
from typing import Final

from demo.painting.figures.bodies import FigureBody
from demo.painting.figures.looks import with_article
from demo.painting.palette import COLOURS, GOLD, WHITE, Colour, darker, random_named_colour
from demo.painting.shapes import Vec, box, capsule, disc, ellipse, triangle


def _balloon(body: FigureBody, hand: Vec, colour: Colour) -> None:
    size = body.size
    top = (hand[0] + 0.03 * size, hand[1] - 0.3 * size)
    body.display.detail(capsule(hand, top, (0.007 * size, 0.007 * size), (90, 90, 95)))
    body.display.fill(ellipse(top, (0.085 * size, 0.1 * size), colour))
    body.display.detail(
        ellipse((top[0] - 0.03 * size, top[1] - 0.035 * size), (0.018 * size, 0.025 * size), WHITE)
    )


def _ball(body: FigureBody, hand: Vec, colour: Colour) -> None:
    size = body.size
    centre = (hand[0], hand[1] - 0.05 * size)
    body.display.fill(disc(centre, 0.07 * size, colour))
    stripe = (0.066 * size, 0.016 * size)
    body.display.detail(ellipse(centre, stripe, WHITE, 0.5))


def _flower(body: FigureBody, hand: Vec, colour: Colour) -> None:
    size = body.size
    x, y = hand[0], hand[1] - 0.13 * size
    body.display.detail(capsule(hand, (x, y), (0.011 * size, 0.011 * size), (60, 140, 70)))
    petals = ((0, -1), (0.95, -0.3), (0.6, 0.8), (-0.6, 0.8), (-0.95, -0.3))
    r = 0.034 * size
    body.display.fill(*(disc((x + dx * r, y + dy * r), r, colour) for dx, dy in petals))
    body.display.detail(disc((x, y), 0.026 * size, GOLD))


def _flag(body: FigureBody, hand: Vec, colour: Colour) -> None:
    size = body.size
    top = (hand[0], hand[1] - 0.27 * size)
    low = (hand[0], hand[1] + 0.06 * size)
    body.display.detail(capsule(low, top, (0.012 * size, 0.012 * size), (120, 85, 55)))
    corner = (top[0] + 0.17 * size, top[1] + 0.055 * size)
    body.display.fill(triangle((top, (top[0], top[1] + 0.12 * size), corner), colour))


def _sword(body: FigureBody, hand: Vec, colour: Colour) -> None:
    size = body.size
    tip = (hand[0] + 0.05 * size, hand[1] - 0.3 * size)
    steel = (205.0, 212.0, 222.0)
    body.display.fill(capsule(hand, tip, (0.018 * size, 0.01 * size), steel))
    guard = (hand[0], hand[1] - 0.035 * size)
    body.display.fill(box(guard, (0.045 * size, 0.012 * size), colour))


def _umbrella(body: FigureBody, hand: Vec, colour: Colour) -> None:
    size = body.size
    top = (hand[0], hand[1] - 0.26 * size)
    body.display.detail(capsule(hand, top, (0.011 * size, 0.011 * size), (90, 75, 65)))
    left, right = (top[0] - 0.17 * size, top[1]), (top[0] + 0.17 * size, top[1])
    body.display.fill(triangle((left, right, (top[0], top[1] - 0.1 * size)), colour, 0.02 * size))
    body.display.detail(disc((top[0], top[1] - 0.13 * size), 0.015 * size, darker(colour, 0.6)))


_PropPainter = Callable[[FigureBody, Vec, Colour], None]
PROPS: Final[dict[str, _PropPainter]] = {
    "balloon": _balloon,
    "ball": _ball,
    "flower": _flower,
    "flag": _flag,
    "sword": _sword,
    "umbrella": _umbrella,
}
"""Name -> what paints it at a hand."""


def paint_prop(rng: random.Random, body: FigureBody) -> str:
    """Put a random prop into the higher hand; the phrase after "holding"."""
    name = rng.choice(list(PROPS))
    word, colour = random_named_colour(rng)
    hand = min((body.bones.points[4], body.bones.points[7]), key=lambda point: point[1])
    if name == "sword":
        word, colour = "", COLOURS["brown"]
    PROPS[name](body, hand, colour)
    noun = f"{word} {name}" if word and rng.random() < 0.8 else name
    return with_article(noun)
