"""Composes a scene from a seed: place, one or two figures, captions."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from demo.painting import captions, places
from demo.painting.captions import CaptionSetting, CaptionSubject
from demo.painting.figures import stances
from demo.painting.figures.figure import Figure, paint_figure
from demo.painting.figures.looks import SPECIES, Look, random_look
from demo.painting.palette import Colour
from demo.painting.shapes import Shape, Vec, ellipse, with_alpha

CANVASES: Final = ((256, 256), (256, 384), (384, 256))
"""Width x height a scene can be composed for; it may be painted at any scale."""

MAX_SHAPES: Final = 184
MAX_FIGURES: Final = 2
_EDGE: Final = 4.0


@dataclass(frozen=True)
class SceneSpec:
    """What a scene must have; None is random."""

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
    """Everything about one image before it is painted."""

    size: tuple[int, int]
    shapes: tuple[Shape, ...]
    top: Colour
    bottom: Colour
    figures: tuple[Figure, ...]
    caption: str
    plain_caption: str
    """Mostly without words for the pose, so that the map has to tell it."""
    degraded: bool
    """Painted blurred and pale, with a caption of negative words."""


def compose_scene(seed: int, spec: SceneSpec | None = None) -> Scene:
    """The scene of that seed, always the same."""
    spec = spec or SceneSpec()
    rng = random.Random(seed)
    ground = _ground(rng, spec)
    figures = _figures(rng, spec)
    display = ground.display
    for figure in figures:
        if ground.name not in ("space", "underwater"):
            display.ground(_shadow(figure, spec.size[1]))
    shapes = [*display.shapes, *(shape for figure in figures for shape in figure.shapes)]
    setting = CaptionSetting(
        ground.name, ground.time, ground.colour_word, _is_portrait(figures, spec)
    )
    first, second, degraded = _captions(rng, figures, setting, spec.name)
    top, bottom = ground.top, ground.bottom
    return Scene(
        spec.size, tuple(shapes[:MAX_SHAPES]), top, bottom, tuple(figures), first, second, degraded
    )


def _ground(rng: random.Random, spec: SceneSpec) -> places.PaintedPlace:
    weights = [weight for weight, _ in places.PLACES.values()]
    name = spec.place or rng.choices(list(places.PLACES), weights)[0]
    time = "day"
    if name in places.OUTDOORS:
        time = rng.choices(("day", "sunset", "night"), (0.68, 0.14, 0.18))[0]
    return places.paint_place(rng, name, time, spec.size)


def _figures(rng: random.Random, spec: SceneSpec) -> list[Figure]:
    count = spec.figures or (2 if rng.random() < 0.24 else 1)
    alike = count == 2 and rng.random() < 0.45
    portrait = spec.portrait if spec.portrait is not None else rng.random() < 0.09
    species = list(spec.species or rng.choices(list(SPECIES), list(SPECIES.values()), k=count))
    names = [spec.stance or stances.random_stance_name(rng) for _ in range(count)]
    if count == 2 and rng.random() < 0.5:
        names[1] = names[0]
    if portrait and count == 1 and spec.stance is None:
        names = [rng.choice(("standing", "waving", "cheering", "open", "clapping", "random"))]
    if alike and spec.species is None:
        species[1] = species[0]
    built = [_figure(rng, spec, species[i], names[i], count) for i in range(count)]
    return [_place(rng, f, (i, count), spec.size, portrait) for i, f in enumerate(built)]


def _figure(rng: random.Random, spec: SceneSpec, species: str, name: str, count: int) -> Figure:
    chibi = min(1.0, max(0.0, rng.betavariate(1.7, 1.15)))
    short = min(spec.size)
    one = rng.uniform(0.68, 0.96) if rng.random() < 0.85 else rng.uniform(0.45, 0.68)
    size = short * (one if count == 1 else rng.uniform(0.5, 0.75))
    prop = not spec.bare and rng.random() < 0.12
    chosen = spec.look(rng) if spec.look else random_look(rng, species, spec.colour)
    return paint_figure(rng, name, chosen, (chibi, size), prop)


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
    return figure.transformed(
        scale, (x, _height(rng, figure, size[1], (top * scale, bottom * scale)))
    )


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
    return figure.transformed(scale, (to_x - x * scale, to_y - y * scale))


def _is_portrait(figures: list[Figure], spec: SceneSpec) -> bool:
    return len(figures) == 1 and figures[0].size > 1.2 * min(spec.size)


def _shadow(figure: Figure, height: int) -> Shape:
    left, _, right, bottom = figure.bounds()
    y = min(height - 6.0, max(bottom, height * 0.8 if figure.stance == "jumping" else 0.0))
    radii = ((right - left) * 0.36, 0.028 * figure.size)
    return with_alpha(ellipse(((left + right) / 2, y), radii, (0, 0, 0)), 0.25, 2.0)


def _captions(
    rng: random.Random, figures: list[Figure], setting: CaptionSetting, name: str
) -> tuple[str, str, bool]:
    subjects = [_subject(figure, name) for figure in figures]
    first = captions.caption(rng, subjects, setting, pose=True)
    second = captions.caption(rng, subjects, setting, pose=rng.random() < 0.3)
    degraded = not name and rng.random() < 0.03
    if degraded:
        first, second = (
            captions.negative_caption(rng, first),
            captions.negative_caption(rng, second),
        )
    return first, second, degraded


def _subject(figure: Figure, name: str) -> CaptionSubject:
    look = figure.look
    return CaptionSubject(
        name or look.species, look.colour_word, look.wear, figure.stance, figure.chibi, figure.holds
    )
