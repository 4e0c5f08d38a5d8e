"""Puts a scene together from a seed: place, one or two figures, captions."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from demo.drawing import captions, places
from demo.drawing.captions import Setting, Subject
from demo.drawing.figures import stances
from demo.drawing.figures.figure import Figure, draw_figure
from demo.drawing.figures.looks import SPECIES, Look, look
from demo.drawing.palette import Colour
from demo.drawing.shapes import Shape, Vec, ellipse, faded

CANVASES: Final = ((256, 256), (256, 384), (384, 256))
"""Width x height a scene can be composed for; it may be painted at any scale."""

MAX_SHAPES: Final = 184
MAX_FIGURES: Final = 2
_EDGE: Final = 4.0


@dataclass(frozen=True)
class Wish:
    """What a scene must have; None leaves it to the dice."""

    size: tuple[int, int] = (256, 256)
    place: str | None = None
    stance: str | None = None
    species: tuple[str, ...] | None = None
    colour: str | None = None
    figures: int | None = None
    portrait: bool | None = None
    bare: bool = False
    """No props."""
    look: Callable[[random.Random], Look] | None = None
    name: str = ""
    """What captions call the figure instead of its species."""


@dataclass(frozen=True)
class Scene:
    """Everything about one picture before it is painted."""

    size: tuple[int, int]
    shapes: tuple[Shape, ...]
    top: Colour
    bottom: Colour
    figures: tuple[Figure, ...]
    caption: str
    plain_caption: str
    """Mostly without words for the pose, so that a map has something to say."""
    spoilt: bool
    """Painted blurred and pale, with a caption that says so."""


def scene(seed: int, wish: Wish | None = None) -> Scene:
    """The scene of that seed: the same for ever."""
    wish = wish or Wish()
    rng = random.Random(seed)
    ground = _ground(rng, wish)
    figures = _figures(rng, wish)
    sheet = ground.sheet
    for figure in figures:
        if ground.name not in ("space", "underwater"):
            sheet.ground(_shadow(figure, wish.size[1]))
    shapes = [*sheet.shapes, *(shape for figure in figures for shape in figure.shapes)]
    setting = Setting(ground.name, ground.time, ground.colour_word, _is_portrait(figures, wish))
    first, second, spoilt = _captions(rng, figures, setting, wish.name)
    top, bottom = ground.top, ground.bottom
    return Scene(wish.size, tuple(shapes[:MAX_SHAPES]), top, bottom, tuple(figures), first, second,
                 spoilt)  # fmt: skip


def _ground(rng: random.Random, wish: Wish) -> places.Ground:
    weights = [weight for weight, _ in places.PLACES.values()]
    name = wish.place or rng.choices(list(places.PLACES), weights)[0]
    time = "day"
    if name in places.OUTDOORS:
        time = rng.choices(("day", "sunset", "night"), (0.68, 0.14, 0.18))[0]
    return places.place(rng, name, time, wish.size)


def _figures(rng: random.Random, wish: Wish) -> list[Figure]:
    count = wish.figures or (2 if rng.random() < 0.24 else 1)
    alike = count == 2 and rng.random() < 0.45
    portrait = wish.portrait if wish.portrait is not None else rng.random() < 0.09
    species = list(wish.species or rng.choices(list(SPECIES), list(SPECIES.values()), k=count))
    names = [wish.stance or stances.any_name(rng) for _ in range(count)]
    if count == 2 and rng.random() < 0.5:
        names[1] = names[0]
    if portrait and count == 1 and wish.stance is None:
        names = [rng.choice(("standing", "waving", "cheering", "open", "clapping", "random"))]
    if alike and wish.species is None:
        species[1] = species[0]
    built = [_figure(rng, wish, species[i], names[i], count) for i in range(count)]
    return [_place(rng, f, (i, count), wish.size, portrait) for i, f in enumerate(built)]


def _figure(rng: random.Random, wish: Wish, species: str, name: str, count: int) -> Figure:
    chibi = min(1.0, max(0.0, rng.betavariate(1.7, 1.15)))
    short = min(wish.size)
    one = rng.uniform(0.68, 0.96) if rng.random() < 0.85 else rng.uniform(0.45, 0.68)
    size = short * (one if count == 1 else rng.uniform(0.5, 0.75))
    prop = not wish.bare and rng.random() < 0.12
    made = wish.look(rng) if wish.look else look(rng, species, wish.colour)
    return draw_figure(rng, name, made, (chibi, size), prop)


def _place(
    rng: random.Random, figure: Figure, slot: tuple[int, int], size: tuple[int, int], portrait: bool
) -> Figure:
    if portrait and slot[1] == 1:
        return _close_up(rng, figure, size)
    index, count = slot
    left, top, right, bottom = figure.bounds()
    room = ((size[0] - 2 * _EDGE) / count, size[1] - 2 * _EDGE)
    scale = min(1.0, room[0] / (right - left), room[1] / (bottom - top))
    low, high = (
        _EDGE + index * room[0] - left * scale,
        _EDGE + (index + 1) * room[0] - right * scale,
    )
    x = rng.uniform(min(low, high), max(low, high))
    return figure.placed(scale, (x, _height(rng, figure, size[1], (top * scale, bottom * scale))))


def _height(rng: random.Random, figure: Figure, height: int, span: Vec) -> float:
    highest, lowest = _EDGE - span[0], height - _EDGE - span[1]
    if figure.stance == "floating" or rng.random() < 0.1:
        return rng.uniform(highest, lowest)
    lift = rng.uniform(14, 40) if figure.stance == "jumping" else rng.uniform(0, 16)
    return max(highest, lowest - lift)


def _close_up(rng: random.Random, figure: Figure, size: tuple[int, int]) -> Figure:
    x, y, radius = figure.head
    scale = min(size) * rng.uniform(0.2, 0.3) / radius
    to_x, to_y = size[0] / 2 + rng.gauss(0, 12), size[1] * rng.uniform(0.36, 0.5)
    return figure.placed(scale, (to_x - x * scale, to_y - y * scale))


def _is_portrait(figures: list[Figure], wish: Wish) -> bool:
    return len(figures) == 1 and figures[0].size > 1.2 * min(wish.size)


def _shadow(figure: Figure, height: int) -> Shape:
    left, _, right, bottom = figure.bounds()
    y = min(height - 6.0, max(bottom, height * 0.8 if figure.stance == "jumping" else 0.0))
    radii = ((right - left) * 0.36, 0.028 * figure.size)
    return faded(ellipse(((left + right) / 2, y), radii, (0, 0, 0)), 0.25, 2.0)


def _captions(
    rng: random.Random, figures: list[Figure], setting: Setting, name: str
) -> tuple[str, str, bool]:
    subjects = [_subject(figure, name) for figure in figures]
    first = captions.caption(rng, subjects, setting, pose=True)
    second = captions.caption(rng, subjects, setting, pose=rng.random() < 0.3)
    spoilt = not name and rng.random() < 0.03
    if spoilt:
        first, second = captions.bad_caption(rng, first), captions.bad_caption(rng, second)
    return first, second, spoilt


def _subject(figure: Figure, name: str) -> Subject:
    made = figure.look
    return Subject(name or made.species, made.colour_word, made.wear, figure.stance, figure.chibi,
                   figure.holds)  # fmt: skip
