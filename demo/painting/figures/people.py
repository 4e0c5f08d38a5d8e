"""Paints the heads of people: man, woman, wizard, princess, ninja, knight."""

from collections.abc import Callable
from typing import Final

from demo.painting.figures.faces import Face
from demo.painting.palette import BLUSH, INK, WHITE, Colour, darker
from demo.painting.shapes import with_alpha


def paint_long_hair(f: Face) -> None:
    """Paint hair that falls behind the shoulders; before the arms."""
    if f.look.species in ("woman", "princess"):
        hair = f.look.hair
        f.fill(f.oval((0, 0.1), (1.1, 1.12), hair), f.slab((0, 0.75), (0.95, 0.5), hair, 0.3))


def _features(f: Face, mouth: float = 0.46) -> None:
    f.detail(f.oval((f.shift(0.1), 0.06), (0.88, 0.94), f.look.fur))
    f.detail(f.oval((-0.12, -0.72), (0.62, 0.34), f.look.hair, -0.2))
    f.detail(f.oval((0.42, -0.68), (0.44, 0.32), f.look.hair, 0.5))
    f.eyes(0.13, 0.18, 0.35)
    for s in (-1, 1):
        f.detail(with_alpha(f.oval((s * 0.56 + f.shift(0.4), 0.3), (0.15, 0.1), BLUSH), 0.6))
    f.detail(f.oval((f.shift(0.6), 0.2), (0.09, 0.08), darker(f.look.fur, 0.72)))
    f.smile(mouth, 0.22)


def _man(f: Face) -> None:
    f.fill(f.oval((0, -0.12), (0.98, 1.0), f.look.hair), f.oval((0, 0.06), (0.9, 0.96), f.look.fur))
    _features(f)
    if f.look.beard:
        f.detail(f.oval((f.shift(0.3), 0.74), (0.5, 0.25), f.look.hair))


def _woman(f: Face) -> None:
    f.fill(f.oval((f.shift(0.1), 0.06), (0.88, 0.94), f.look.fur))
    _features(f)


def _wizard(f: Face) -> None:
    _man(f)
    beard = ((-0.72, 0.35), (0.72, 0.35), (f.shift(0.2), 1.35))
    f.fill(f.wedge(beard, (242, 242, 242), 0.12), line=f.line * 0.8)
    f.detail(f.oval((f.shift(0.5), 0.5), (0.2, 0.08), (150, 60, 60)))
    hat = darker(f.look.body, 0.85)
    f.fill(f.wedge(((-0.85, -0.55), (0.85, -0.55), (0.15, -2.0)), hat, 0.06))
    f.fill(f.oval((0, -0.58), (1.25, 0.2), hat))
    f.detail(f.oval((0.02, -1.05), (0.17, 0.17), (250, 220, 80)))


def _ninja(f: Face) -> None:
    band = f.look.accent
    f.fill(f.wedge(((0.8, -0.2), (1.45, -0.25), (1.35, 0.25)), band, 0.05))
    f.fill(f.oval((0, 0), (0.95, 0.98), f.look.body))
    f.detail(f.slab((f.shift(0.3), -0.08), (0.66, 0.25), f.look.fur, 0.2))
    f.detail(f.stroke((-0.82, -0.5), (0.82, -0.5), 0.13, band))
    f.eyes(0.12, 0.16, 0.34)


def _knight(f: Face) -> None:
    plume, steel = f.look.accent, (178.0, 184.0, 196.0)
    f.fill(f.oval((0, -1.15), (0.25, 0.42), plume, 0.4))
    f.fill(f.oval((0, 0), (0.95, 1.0), steel))
    x, slot = f.shift(0.4), (25.0, 27.0, 35.0)
    f.detail(
        f.slab((x, -0.08), (0.66, 0.17), slot), f.slab((x, 0.4), (0.08, 0.42), (110, 116, 128))
    )
    for s in (-1, 1):
        f.detail(f.oval((x + s * 0.3, -0.08), (0.11, 0.11), WHITE), _pupil(f, x + s * 0.3))


def _pupil(f: Face, x: float) -> tuple[float, ...]:
    colour: Colour = INK
    return f.oval((x, -0.08), (0.055, 0.055), colour)


PEOPLE_HEADS: Final[dict[str, Callable[[Face], None]]] = {
    "man": _man,
    "woman": _woman,
    "wizard": _wizard,
    "princess": _woman,
    "ninja": _ninja,
    "knight": _knight,
}
"""Species -> what paints its head."""
