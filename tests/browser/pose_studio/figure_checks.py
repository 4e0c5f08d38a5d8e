"""What tests of the pose editor ask of figures, and the joints they name."""

import io
import math
from collections.abc import Callable

from PIL import Image, ImageChops

from formats.openpose.pose_map import LIMBS, draw
from formats.openpose.skeleton import Person, Point, Skeleton
from tests.browser.pose_editor.editor_driver import Editor, Place, place

Open = Callable[..., Editor]
NECK, SHOULDER, ELBOW, WRIST, LEFT_SHOULDER, LEFT_WRIST, HIP, KNEE = 1, 2, 3, 4, 5, 7, 8, 9


def near(point: Point | None, at: Place, by: float = 1.5) -> bool:
    """Whether a joint is there, and there."""
    return point is not None and math.dist((point.x, point.y), at) <= by


def off(at: Place, dx: float, dy: float) -> Place:
    """A place so far from another."""
    return (at[0] + dx, at[1] + dy)


def middle(person: Person, a: int, b: int) -> Place:
    """Half-way between two joints."""
    (ax, ay), (bx, by) = place(person.body, a), place(person.body, b)
    return ((ax + bx) / 2, (ay + by) / 2)


def lengths(person: Person) -> list[float]:
    """Of all limbs, pixels."""
    return [math.dist(place(person.body, a), place(person.body, b)) for a, b in LIMBS]


def changed(before: Person, after: Person) -> list[int]:
    """The joints that are elsewhere."""
    pairs = zip(before.body, after.body, strict=True)
    return [index for index, (a, b) in enumerate(pairs) if a != b]


def is_map_of(data: bytes, pose: Skeleton) -> bool:
    """Whether a PNG has the pixels of a pose's map."""
    shown = Image.open(io.BytesIO(data)).convert("RGB")
    return ImageChops.difference(shown, draw(pose)).getbbox() is None
