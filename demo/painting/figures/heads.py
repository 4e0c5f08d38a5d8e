"""Paints the heads of animals and machines; marks are at least four pixels at normal size."""

from collections.abc import Callable
from typing import Final

from demo.painting.figures.faces import Face
from demo.painting.palette import INK, WHITE, Colour, darker, lighter, mix

HeadPainter = Callable[[Face], None]
_DARK: Final[Colour] = (38, 36, 40)
_PINK: Final[Colour] = (245, 172, 180)


def _dog(f: Face) -> None:
    fur = f.look.fur
    f.fill(f.oval((0, 0), (1.0, 0.95), fur))
    for s in (-1, 1):
        f.fill(f.oval((s * 0.92, 0.05), (0.27, 0.58), darker(fur, 0.62), -s * 0.3))
    f.detail(f.oval((f.shift(0.5), 0.42), (0.5, 0.38), lighter(fur)))
    f.eyes()
    f.detail(f.oval((f.shift(0.55), 0.22), (0.2, 0.15), INK))
    f.detail(f.oval((f.shift(0.55), 0.66), (0.15, 0.17), (235, 95, 110)))
    f.smile(0.46)


def _pointed_ears(f: Face, inner: Colour) -> None:
    for s in (-1, 1):
        ear = ((s * 0.25, -0.7), (s * 0.93, -0.35), (s * 0.85, -1.3))
        f.fill(f.wedge(ear, f.look.fur, 0.06))
        f.detail(f.wedge(((s * 0.48, -0.72), (s * 0.8, -0.55), (s * 0.78, -1.02)), inner, 0.03))


def _cat(f: Face) -> None:
    fur = f.look.fur
    _pointed_ears(f, _PINK)
    f.fill(f.oval((0, 0), (1.0, 0.9), fur))
    for k in (-0.24, 0.0, 0.24):
        f.detail(f.stroke((k, -0.85), (k * 0.8, -0.56), 0.06, darker(fur, 0.6)))
    f.detail(f.oval((f.shift(0.5), 0.4), (0.4, 0.28), lighter(fur)))
    f.eyes(0.17, 0.21)
    nose = f.shift(0.55)
    f.detail(f.wedge(((nose - 0.12, 0.2), (nose + 0.12, 0.2), (nose, 0.33)), (235, 110, 130), 0.05))
    for s in (-1, 1):
        for k in (0.26, 0.48):
            f.detail(
                f.stroke((s * 0.55, 0.33 + (k - 0.37) * 0.3), (s * 1.2, k), 0.035, darker(fur, 0.4))
            )
    f.smile(0.45, 0.18)


def _fox(f: Face) -> None:
    _pointed_ears(f, (60, 45, 45))
    f.fill(f.oval((0, 0), (1.0, 0.9), f.look.fur))
    for s in (-1, 1):
        f.detail(f.oval((s * 0.42 + f.shift(0.3), 0.44), (0.42, 0.36), (252, 248, 240), s * 0.4))
    f.eyes()
    f.detail(f.oval((f.shift(0.55), 0.3), (0.18, 0.14), INK))
    f.smile(0.5, 0.18)


def _round_ears(
    f: Face, place: tuple[float, float], radius: float, colours: tuple[Colour, Colour]
) -> None:
    across, down = place
    for s in (-1, 1):
        f.fill(f.oval((s * across, down), (radius, radius), colours[0]))
        f.detail(f.oval((s * across, down), (radius * 0.6, radius * 0.6), colours[1]))


def _muzzle(f: Face, nose: Colour) -> None:
    f.fill(f.oval((0, 0), (1.0, 0.93), f.look.fur))
    f.detail(f.oval((f.shift(0.5), 0.42), (0.44, 0.34), lighter(f.look.fur)))
    f.eyes()
    f.detail(f.oval((f.shift(0.55), 0.27), (0.18, 0.13), nose))
    f.smile(0.48, 0.18)


def _bear(f: Face) -> None:
    _round_ears(f, (0.72, -0.72), 0.33, (f.look.fur, lighter(f.look.fur)))
    _muzzle(f, INK)


def _mouse(f: Face) -> None:
    _round_ears(f, (0.92, -0.68), 0.56, (f.look.fur, _PINK))
    _muzzle(f, (235, 120, 140))


def _lion(f: Face) -> None:
    mane: Colour = (160, 92, 40)
    spots = ((0, -0.95), (0.68, -0.7), (-0.68, -0.7), (1.0, 0), (-1.0, 0), (0.7, 0.7), (-0.7, 0.7))
    f.fill(
        *(f.oval((x, y), (0.5, 0.5), mane) for x, y in spots), f.oval((0, 0.85), (0.5, 0.4), mane)
    )
    _muzzle(f, (120, 60, 40))


def _panda(f: Face) -> None:
    _round_ears(f, (0.72, -0.72), 0.33, (_DARK, _DARK))
    f.fill(f.oval((0, 0), (1.0, 0.93), f.look.fur))
    for s in (-1, 1):
        x = s * 0.38 + f.shift(0.5)
        f.detail(
            f.oval((x, -0.06), (0.26, 0.33), _DARK, s * 0.5), f.oval((x, -0.1), (0.14, 0.16), WHITE)
        )
        f.detail(f.oval((x + f.shift(0.04), -0.1), (0.08, 0.1), INK))
    f.detail(f.oval((f.shift(0.55), 0.27), (0.18, 0.13), INK))
    f.smile(0.45, 0.18)


def _rabbit(f: Face) -> None:
    fur = f.look.fur
    for s in (-1, 1):
        f.fill(f.oval((s * 0.42, -1.35), (0.25, 0.72), fur, s * 0.16))
        f.detail(f.oval((s * 0.42, -1.33), (0.13, 0.52), (248, 175, 185), s * 0.16))
    f.fill(f.oval((0, 0), (0.98, 0.93), fur))
    f.eyes()
    x = f.shift(0.55)
    f.detail(f.oval((f.shift(0.5), 0.42), (0.38, 0.28), lighter(fur, 0.8)))
    f.detail(
        f.slab((x, 0.6), (0.12, 0.13), WHITE), f.oval((x, 0.27), (0.15, 0.11), (240, 120, 145))
    )
    f.smile(0.45, 0.18)


def _pig(f: Face) -> None:
    fur = f.look.fur
    for s in (-1, 1):
        ear = ((s * 0.3, -0.75), (s * 0.9, -0.45), (s * 0.85, -1.05))
        f.fill(f.wedge(ear, darker(fur, 0.85), 0.08))
    f.fill(f.oval((0, 0), (1.0, 0.93), fur))
    f.eyes()
    x = f.shift(0.55)
    f.fill(f.oval((x, 0.32), (0.38, 0.28), mix(fur, (255, 120, 150), 0.4)), line=f.line * 0.6)
    for s in (-1, 1):
        f.detail(f.oval((x + s * 0.14, 0.32), (0.08, 0.12), (120, 50, 70)))
    f.smile(0.72, 0.18)


def _frog(f: Face) -> None:
    fur = f.look.fur
    bulges = [f.oval((s * 0.5 + f.shift(0.2), -0.72), (0.38, 0.38), fur) for s in (-1, 1)]
    f.fill(*bulges, f.oval((0, 0.08), (1.05, 0.82), fur))
    for s in (-1, 1):
        f.detail(f.oval((s * 0.5 + f.shift(0.2), -0.74), (0.27, 0.27), WHITE))
        f.detail(f.oval((s * 0.5 + f.shift(0.35), -0.74), (0.15, 0.17), INK))
    f.detail(f.oval((f.shift(0.3), 0.5), (0.65, 0.3), lighter(fur)))
    f.smile(0.32, 0.5)


def _elephant(f: Face) -> None:
    fur = f.look.fur
    for s in (-1, 1):
        f.fill(f.oval((s * 1.05, -0.05), (0.55, 0.7), darker(fur, 0.88)))
        f.detail(f.oval((s * 1.08, 0.0), (0.33, 0.45), mix(fur, _PINK, 0.6)))
    f.fill(f.oval((0, 0), (0.92, 0.93), fur))
    f.eyes(dx=0.42)
    x = f.shift(0.5)
    f.fill(
        f.stroke((x, 0.25), (x + 0.05, 0.85), 0.22, fur),
        f.stroke((x + 0.05, 0.85), (x + 0.4, 1.15), 0.18, fur),
        line=f.line * 0.8,
    )


def _dragon(f: Face) -> None:
    fur, horn = f.look.fur, (245.0, 225.0, 170.0)
    for s in (-1, 1):
        f.fill(f.wedge(((s * 0.25, -0.75), (s * 0.62, -0.62), (s * 0.75, -1.45)), horn, 0.05))
        f.fill(f.wedge(((s * 0.85, -0.2), (s * 0.85, 0.35), (s * 1.4, -0.2)), darker(fur, 0.75)))
    f.fill(f.wedge(((-0.2, -0.85), (0.2, -0.85), (0.0, -1.3)), (250, 190, 70), 0.05))
    f.fill(f.oval((0, -0.05), (0.95, 0.9), fur), f.oval((f.shift(0.5), 0.5), (0.6, 0.42), fur))
    f.eyes(white=True)
    for s in (-1, 1):
        f.detail(f.oval((f.shift(0.55) + s * 0.22, 0.36), (0.09, 0.09), darker(fur, 0.4)))
    f.smile(0.64, 0.3)


def _robot(f: Face) -> None:
    fur, shade = f.look.fur, (35.0, 40.0, 55.0)
    f.fill(
        f.stroke((0, -0.8), (0, -1.35), 0.09, (90, 95, 105)),
        f.oval((0, -1.4), (0.2, 0.2), (235, 70, 60)),
        f.slab((-0.95, 0.05), (0.14, 0.25), darker(fur, 0.7)),
        f.slab((0.95, 0.05), (0.14, 0.25), darker(fur, 0.7)),
        f.slab((0, 0), (0.92, 0.78), fur, 0.14),
    )
    for s in (-1, 1):
        x = s * 0.4 + f.shift(0.3)
        f.detail(
            f.oval((x, -0.12), (0.27, 0.27), shade), f.oval((x, -0.12), (0.17, 0.17), f.look.glow)
        )
    mouth = f.shift(0.3)
    f.detail(f.slab((mouth, 0.42), (0.42, 0.14), shade, 0.03))
    f.detail(f.slab((mouth, 0.42), (0.32, 0.06), f.look.glow))


def _astronaut(f: Face) -> None:
    f.fill(f.oval((0, 0), (1.05, 1.02), f.look.fur))
    f.fill(
        f.oval((f.shift(0.35), 0.03), (0.78, 0.62), (40, 55, 95)),
        line=f.line * 0.7,
        ink=(130, 135, 145),
    )
    f.detail(f.oval((f.shift(0.35) - 0.3, -0.2), (0.24, 0.14), (150, 190, 235), -0.5))


def _alien(f: Face) -> None:
    fur = f.look.fur
    for s in (-1, 1):
        stalk = f.stroke((s * 0.3, -0.8), (s * 0.55, -1.35), 0.06, fur)
        f.fill(stalk, f.oval((s * 0.57, -1.4), (0.17, 0.17), fur))
    f.fill(f.oval((0, -0.12), (1.0, 0.95), fur), f.oval((0, 0.4), (0.62, 0.58), fur))
    for s in (-1, 1):
        x = s * 0.42 + f.shift(0.4)
        f.detail(
            f.oval((x, -0.05), (0.26, 0.38), INK, s * 0.45), f.oval((x, -0.2), (0.09, 0.1), WHITE)
        )
    f.smile(0.62, 0.16)


ANIMALS: Final[dict[str, HeadPainter]] = {
    "dog": _dog,
    "cat": _cat,
    "fox": _fox,
    "bear": _bear,
    "mouse": _mouse,
    "lion": _lion,
    "panda": _panda,
    "rabbit": _rabbit,
    "pig": _pig,
    "frog": _frog,
    "elephant": _elephant,
    "dragon": _dragon,
    "robot": _robot,
    "astronaut": _astronaut,
    "alien": _alien,
}
"""Species -> what paints its head."""
