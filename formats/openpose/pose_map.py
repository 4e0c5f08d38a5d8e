"""Draws OpenPose maps, exactly as those that openpose ControlNets were trained on."""

import colorsys
import math
from typing import Final

from PIL import Image, ImageDraw

from formats.openpose.skeleton import BODY_POINTS, Person, Point, Points, Skeleton

LIMBS: Final = (
    (1, 2),
    (1, 5),
    (2, 3),
    (3, 4),
    (5, 6),
    (6, 7),
    (1, 8),
    (8, 9),
    (9, 10),
    (1, 11),
    (11, 12),
    (12, 13),
    (1, 0),
    (0, 14),
    (14, 16),
    (0, 15),
    (15, 17),
)
"""Pairs of keypoint indices in the order they are drawn (controlnet_aux open_pose/util.py)."""


def _hues(count: int) -> tuple[tuple[int, ...], ...]:
    """So many hues from red on, evenly around the colour wheel; RGB, fully saturated."""
    wheel = (colorsys.hsv_to_rgb(i / count, 1, 1) for i in range(count))
    return tuple(tuple(round(255 * share) for share in colour) for colour in wheel)


COLOURS: Final = _hues(BODY_POINTS)
"""18 hues: limb i and joint i share colour i (same source)."""

HAND_EDGES: Final = tuple(
    (0 if joint == 0 else 4 * finger + joint, 4 * finger + joint + 1)
    for finger in range(5)
    for joint in range(4)
)
"""From the wrist along each finger, the thumb first (same source)."""

HAND_COLOURS: Final = _hues(len(HAND_EDGES))
HAND_JOINT: Final = (0, 0, 255)

LIMB_BRIGHTNESS: Final = 0.6
BASE_RADIUS: Final = 4.0
"""Half the width of a limb and the radius of a joint, in pixels, up to 512 on the short side."""

SIDES_OF_ELLIPSE: Final = 72

_BACKGROUND: Final = (0, 0, 0)


def limb_radius(width: int, height: int) -> float:
    """Half-width of limbs and radius of joints for a map of this size, in pixels.

    4 px as the detectors draw at their 512 px, growing with the short side above that.
    """
    return BASE_RADIUS * max(1.0, min(width, height) / 512)


def draw(skeleton: Skeleton, *, radius: float | None = None) -> Image.Image:
    """The map as an RGB image of the skeleton's canvas, black where nobody stands.

    All limbs of a person lie under all joints; later people lie over earlier ones.
    `radius` overrides `limb_radius`; requests store the one that was used.
    """
    return draw_indexed(skeleton, radius=radius).convert("RGB")


def draw_indexed(skeleton: Skeleton, *, radius: float | None = None) -> Image.Image:
    """The same pixels with a palette: a PNG of it is written ten times as fast, half as large."""
    image = Image.new("P", (skeleton.width, skeleton.height))
    image.putpalette(_BACKGROUND)
    canvas = ImageDraw.Draw(image)
    size = limb_radius(*image.size) if radius is None else radius
    for person in skeleton.people:
        _draw_person(canvas, person, size)
        for hand in person.hands():
            _draw_hand(canvas, hand, size)
    return image


def _draw_person(canvas: ImageDraw.ImageDraw, person: Person, size: float) -> None:
    points = person.visible()
    for (start, end), colour in zip(LIMBS, COLOURS, strict=False):
        a, b = points[start], points[end]
        if a and b:
            dark = tuple(int(c * LIMB_BRIGHTNESS) for c in colour)
            canvas.polygon(limb_outline(a, b, size), fill=dark)
    for point, colour in zip(points, COLOURS, strict=True):
        if point:
            canvas.ellipse(_box(point, size), fill=colour)


def _draw_hand(canvas: ImageDraw.ImageDraw, points: Points, size: float) -> None:
    """Thin edges, half as wide as a limb's radius, and joints of the body's size."""
    for (start, end), colour in zip(HAND_EDGES, HAND_COLOURS, strict=True):
        a, b = points[start], points[end]
        if a and b:
            canvas.line((a.x, a.y, b.x, b.y), fill=colour, width=max(1, round(size / 2)))
    for point in filter(None, points):
        canvas.ellipse(_box(point, size), fill=HAND_JOINT)


def limb_outline(a: Point, b: Point, half_width: float) -> list[tuple[float, float]]:
    """The limb as a polygon: an ellipse between two joints, `half_width` pixels at its middle."""
    cx, cy = (a.x + b.x) / 2, (a.y + b.y) / 2
    half_length = math.hypot(b.x - a.x, b.y - a.y) / 2
    angle = math.atan2(b.y - a.y, b.x - a.x)
    cos, sin = math.cos(angle), math.sin(angle)
    outline = []
    for i in range(SIDES_OF_ELLIPSE):
        turn = 2 * math.pi * i / SIDES_OF_ELLIPSE
        along, across = half_length * math.cos(turn), half_width * math.sin(turn)
        outline.append((cx + along * cos - across * sin, cy + along * sin + across * cos))
    return outline


def _box(point: Point, radius: float) -> tuple[float, float, float, float]:
    return (point.x - radius, point.y - radius, point.x + radius, point.y + radius)
