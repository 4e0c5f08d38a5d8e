"""Paints the landscapes outdoors, from the horizon down: beach, forest, city and others."""

import math

from demo.painting.palette import WHITE, darker
from demo.painting.place_canvas import PlaceCanvas
from demo.painting.shapes import box, capsule, disc, ellipse, triangle


def _tree(s: PlaceCanvas, x: float, y: float, size: float, conifer: bool) -> None:
    s.add(box((x, y - size * 0.3), (size * 0.1, size * 0.35), s.tone(105, 70, 42)))
    leaf = s.tone(45, 120, 55)
    if not conifer:
        s.add(ellipse((x, y - size * 0.95), (size * 0.45, size * 0.5), leaf))
        return
    for low, half, high in ((0.45, 0.45, 1.15), (0.8, 0.35, 1.45)):
        corners = (
            (x - size * half, y - size * low),
            (x + size * half, y - size * low),
            (x, y - size * high),
        )
        s.add(triangle(corners, leaf, 2))


def paint_beach(s: PlaceCanvas) -> None:
    """Paint the beach."""
    shore = s.horizon + s.rng.uniform(18, 40)
    sand = s.tone(240, 215, 155)
    s.add(s.band(s.horizon, s.tone(40, 140, 210)))
    s.add(s.hill(s.x(0.2, 0.8), shore - 4, (s.width * 0.9, 76), s.tone(250, 250, 250)))
    s.add(s.hill(s.width / 2, shore, (s.width * 0.92, 76), sand), s.band(shore + 34, sand))
    if s.rng.random() < 0.65:
        _palm(s, s.rng.choice((s.x(0.05, 0.2), s.x(0.8, 0.95))), shore + 26)


def _palm(s: PlaceCanvas, x: float, y: float) -> None:
    top = (x + s.rng.uniform(-14, 14), y - s.rng.uniform(85, 115))
    s.add(capsule((x, y), top, (5, 4), s.tone(140, 98, 58)))
    for angle in (-2.7, -1.9, -1.2, -0.4):
        leaf = (top[0] + 20 * math.cos(angle), top[1] + 14 * math.sin(angle) + 5)
        s.add(
            ellipse(
                leaf, (22, 6.5), s.tone(50, 150, 65), angle * 0.7 if angle > -1.5 else angle + 3.14
            )
        )


def paint_forest(s: PlaceCanvas) -> None:
    """Paint the forest."""
    conifer = s.rng.random() < 0.5
    s.add(s.band(s.horizon - 25, s.tone(95, 150, 95)), s.band(s.horizon, s.tone(88, 150, 66)))
    for _ in range(s.rng.randint(4, 6)):
        _tree(s, s.x(), s.horizon + s.rng.uniform(0, 22), s.rng.uniform(60, 105), conifer)


def paint_city(s: PlaceCanvas) -> None:
    """Paint the city."""
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


def _windows(s: PlaceCanvas, x: float, top: float, half: float) -> None:
    for row in range(2):
        for side in (-1, 1):
            lit = (250.0, 230.0, 140.0) if s.rng.random() < 0.5 else (210.0, 230.0, 245.0)
            s.add(box((x + side * half * 0.45, top + 16 + row * 24), (half * 0.24, 7), lit))


def paint_mountains(s: PlaceCanvas) -> None:
    """Paint the mountains."""
    for _ in range(s.rng.randint(2, 4)):
        x, half, high = s.x(), s.rng.uniform(60, 100), s.rng.uniform(70, 125)
        foot = s.horizon + 5
        peak = (x, s.horizon - high)
        s.add(triangle(((x - half, foot), (x + half, foot), peak), s.tone(115, 125, 150), 1))
        snow = s.horizon - high * 0.7
        s.add(triangle(((x - half * 0.28, snow), (x + half * 0.28, snow), peak), WHITE, 1))
    s.add(s.band(s.horizon, s.tone(105, 170, 85)))


def paint_snow(s: PlaceCanvas) -> None:
    """Paint the snow."""
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


def paint_desert(s: PlaceCanvas) -> None:
    """Paint the desert."""
    for _ in range(2):
        dune = (s.rng.uniform(0.45, 0.7) * s.width, s.rng.uniform(60, 78))
        s.add(s.hill(s.x(), s.horizon - 12, dune, s.tone(232, 180, 105)))
    s.add(s.band(s.horizon + 18, s.tone(235, 190, 118)))
    for _ in range(s.rng.randint(1, 2)):
        x = s.rng.choice((s.x(0.05, 0.22), s.x(0.78, 0.95)))
        _cactus(s, x, s.horizon + s.rng.uniform(12, 28), s.rng.uniform(34, 54))


def _cactus(s: PlaceCanvas, x: float, y: float, size: float) -> None:
    green, r = s.tone(70, 145, 75), size * 0.15
    s.add(capsule((x, y), (x, y - size * 1.3), (r, r), green))
    for side, low, high in ((-1, 0.5, 0.95), (1, 0.68, 1.1)):
        elbow = (x + side * size * 0.4, y - size * low)
        s.add(capsule((x, y - size * low), elbow, (r * 0.75, r * 0.75), green))
        s.add(capsule(elbow, (elbow[0], y - size * high), (r * 0.75, r * 0.75), green))


def paint_meadow(s: PlaceCanvas) -> None:
    """Paint the meadow."""
    for low, high in ((0.0, 0.45), (0.6, 1.0)):
        s.add(s.hill(s.x(low, high), s.horizon - 12, (s.width * 0.7, 105), s.tone(118, 192, 87)))
    s.add(s.band(s.horizon + 24, s.tone(112, 190, 80)))
    petals = ((250, 90, 110), (255, 240, 120), (250, 250, 250), (190, 110, 220))
    for _ in range(s.rng.randint(6, 9)):
        spot = (s.x(), s.rng.uniform(s.horizon + 30, s.height - 5))
        s.add(disc(spot, 4.5, s.tone(*s.rng.choice(petals))), disc(spot, 2, (255, 200, 60)))


def paint_castle(s: PlaceCanvas) -> None:
    """Paint the castle."""
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
