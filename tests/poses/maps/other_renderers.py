"""Draws OpenPose maps as DWPose and controlnet_aux do, hands and faces too.

After the public description of huggingface/controlnet_aux (dwpose/util.py, open_pose/util.py),
Fannovel16/comfyui_controlnet_aux (dwpose/util.py) and Mikubill/sd-webui-controlnet
(annotator/openpose/util.py): integer coordinates; limbs are ellipses of half-width 4 at 0.6 of full
brightness, joints discs of radius 4; hands are lines 2 wide in 20 hues with blue discs of radius 4;
faces are 70 white discs of radius 3, the last two of them at the eyes.
"""

import math
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from PIL import Image, ImageDraw

from formats.openpose.pose_map import COLOURS, HAND_COLOURS, HAND_EDGES, HAND_JOINT, LIMBS
from formats.openpose.skeleton import Person, Point, Points, Skeleton

RADIUS: Final = 4
FACE_RADIUS: Final = 3
LIMB_BRIGHTNESS: Final = 0.6

Spot = tuple[float, float]


class Order(StrEnum):
    """What is drawn after what."""

    ALL_AT_ONCE = "all at once"
    """All limbs, all joints, all hands, all faces (DWPose, controlnet_aux's dwpose)."""
    EACH_PERSON = "each person"
    """One person after the other (comfyui_controlnet_aux)."""
    DARKENED = "darkened"
    """The same, each darkening all that was drawn before (sd-webui-controlnet of 2023)."""


def render(skeleton: Skeleton, order: Order, *, faces: bool = True) -> Image.Image:
    """The map, RGB."""
    image = Image.new("RGB", (skeleton.width, skeleton.height))
    groups = [skeleton.people] if order is Order.ALL_AT_ONCE else [(p,) for p in skeleton.people]
    for people in groups:
        if order is Order.DARKENED:
            draw_limbs(image, people, 1.0)
            image = image.point(lambda value: int(value * LIMB_BRIGHTNESS))
        else:
            draw_limbs(image, people, LIMB_BRIGHTNESS)
        for person in people:
            draw_discs(image, zip(person.visible(), COLOURS, strict=True))
        for hand in (hand for person in people for hand in person.hands()):
            draw_hand(image, hand)
        for person in people if faces else ():
            draw_face(image, person)
    return image


def draw_limbs(image: Image.Image, people: Iterable[Person], brightness: float) -> None:
    canvas = ImageDraw.Draw(image)
    for person in people:
        points = person.visible()
        for (start, end), colour in zip(LIMBS, COLOURS, strict=False):
            a, b = points[start], points[end]
            if a and b:
                fill = tuple(int(channel * brightness) for channel in colour)
                canvas.polygon(list(limb_polygon(a, b)), fill=fill)


def limb_polygon(a: Point, b: Point) -> Iterator[tuple[int, int]]:
    """As cv2.ellipse2Poly: centre, half axes and angle are integers."""
    x, y = int((a.x + b.x) / 2), int((a.y + b.y) / 2)
    half = int(math.hypot(a.x - b.x, a.y - b.y) / 2)
    angle = math.radians(int(math.degrees(math.atan2(a.y - b.y, a.x - b.x))))
    for turn in map(math.radians, range(360)):
        along, across = half * math.cos(turn), RADIUS * math.sin(turn)
        dx = along * math.cos(angle) - across * math.sin(angle)
        dy = along * math.sin(angle) + across * math.cos(angle)
        yield round(x + dx), round(y + dy)


def draw_discs(
    image: Image.Image,
    discs: Iterable[tuple[Point | None, tuple[int, ...]]],
    radius: int = RADIUS,
) -> None:
    canvas = ImageDraw.Draw(image)
    for point, colour in discs:
        if point:
            x, y = int(point.x), int(point.y)
            canvas.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)


def draw_hand(image: Image.Image, hand: Points) -> None:
    canvas = ImageDraw.Draw(image)
    for (start, end), colour in zip(HAND_EDGES, HAND_COLOURS, strict=True):
        a, b = hand[start], hand[end]
        if a and b:
            canvas.line((int(a.x), int(a.y), int(b.x), int(b.y)), fill=colour, width=2)
    draw_discs(image, ((point, HAND_JOINT) for point in hand))


def draw_face(image: Image.Image, person: Person) -> None:
    white = (255, 255, 255)
    spots = [Point(x=x, y=y) for x, y in face_spots(person.visible())]
    draw_discs(image, ((point, white) for point in spots), FACE_RADIUS)


def face_spots(body: Points) -> list[Spot]:
    """A face's 68 points about the nose, as wide as eyes and ears tell, and the eyes once more."""
    nose, eyes = body[0], [eye for eye in body[14:16] if eye]
    if nose is None or not eyes:
        return []
    size = max(math.dist((p.x, p.y), (nose.x, nose.y)) for p in body[14:18] if p)
    ux, uy = upwards(body, nose)
    spots = [
        (nose.x + size * (-uy * across + ux * high), nose.y + size * (ux * across + uy * high))
        for across, high in face_outline()
    ]
    return spots + [(eye.x, eye.y) for eye in eyes]


def upwards(body: Points, nose: Point) -> Spot:
    """The direction from a chin to its forehead: across the eyes, away from the neck."""
    neck, right, left = body[1], body[14], body[15]
    dx, dy = (nose.x - neck.x, nose.y - neck.y) if neck else (0.0, -1.0)
    if right and left:
        sign = math.copysign(1, (left.y - right.y) * dx - (left.x - right.x) * dy)
        dx, dy = sign * (left.y - right.y), -sign * (left.x - right.x)
    length = math.hypot(dx, dy) or 1.0
    return dx / length, dy / length


def face_outline() -> list[Spot]:
    """Across and up from the nose, in half widths: jaw, brows, nose, eyes, mouth (iBUG's 68)."""
    jaw = [(-math.cos(t), 0.3 - 1.5 * math.sin(t)) for t in turns(17, math.pi)]
    brows = [(side * (0.2 + 0.15 * i), 0.85) for side in (-1, 1) for i in range(5)]
    nose = [(0.0, 0.5 - 0.17 * i) for i in range(4)] + [(0.1 * i - 0.2, -0.12) for i in range(5)]
    eyes = [
        (side * 0.42 + 0.16 * math.cos(t), 0.5 + 0.07 * math.sin(t))
        for side in (-1, 1)
        for t in turns(7)[:6]
    ]
    lips = [(0.38 * math.cos(t), -0.55 + 0.16 * math.sin(t)) for t in turns(13)[:12]]
    mouth = [(0.28 * math.cos(t), -0.55 + 0.07 * math.sin(t)) for t in turns(9)[:8]]
    return [*jaw, *brows, *nose, *eyes, *lips, *mouth]


def turns(count: int, full: float = 2 * math.pi) -> list[float]:
    return [full * i / (count - 1) for i in range(count)]
