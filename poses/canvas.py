"""Fits poses and photos to a canvas of another shape, whole and without stretching them."""

import io
import math
from typing import Final

from PIL import Image, ImageOps

from formats.limits import MAX_SIDE, MIN_SIDE, SIDE_STEP
from formats.openpose.skeleton import Person, Point, Points, Skeleton, clamp

_BACKGROUND: Final = (127, 127, 127)
"""Grey beside a photo of another shape: light and dark joints both show on it."""


Size = tuple[int, int]
"""Width and height, pixels."""


def fit_to_canvas(pose: Skeleton, width: int, height: int, photo: Size | None = None) -> Skeleton:
    """The pose in the middle of a canvas of width x height pixels, its proportions kept.

    With the size of a `photo` that lies under it, it stays where it is on the photo. A pose that
    has this canvas already comes back as it is.
    """
    if (pose.width, pose.height) == (width, height):
        return pose
    old, new = (pose.width, pose.height), (width, height)
    before, left, top = _placement(photo or old, old)
    after, new_left, new_top = _placement(photo or old, new)
    scale = after / before
    dx, dy = new_left - left * scale, new_top - top * scale

    def transform(points: Points) -> Points:
        return tuple(p and _move_point(p, p.x * scale + dx, p.y * scale + dy) for p in points)

    people = tuple(
        Person(
            body=transform(person.body),
            left_hand=person.left_hand and transform(person.left_hand),
            right_hand=person.right_hand and transform(person.right_hand),
        )
        for person in pose.people
    )
    return Skeleton(width=width, height=height, people=people)


def _placement(size: Size, canvas: Size) -> tuple[float, float, float]:
    """Scale and upper left corner of a rectangle centred on a canvas, as large as fits."""
    scale = min(canvas[0] / size[0], canvas[1] / size[1])
    return scale, (canvas[0] - size[0] * scale) / 2, (canvas[1] - size[1] * scale) / 2


def aspect_size(photo: Size, width: int, height: int) -> Size:
    """Sides in the photo's proportions, of about as many pixels as width x height."""
    ratio = math.sqrt(photo[0] / photo[1])
    side = math.sqrt(width * height)
    side = min(side, MAX_SIDE / max(ratio, 1 / ratio))
    return _allowed_side(side * ratio), _allowed_side(side / ratio)


def _allowed_side(side: float) -> int:
    return min(MAX_SIDE, max(MIN_SIDE, round(side / SIDE_STEP) * SIDE_STEP))


def _move_point(point: Point, x: float, y: float) -> Point:
    """The joint at another place, clamped to the coordinates that a pose may hold."""
    return point.model_copy(update={"x": clamp(x), "y": clamp(y)})


def photo_on_canvas(data: bytes, width: int, height: int, *, paleness: float = 0.0) -> bytes:
    """A photo placed as `fit_to_canvas` places the people in it; WebP of width x height pixels.

    `paleness` is the share of white mixed in, 0 to 1, so that dark strokes show upon it.
    """
    with Image.open(io.BytesIO(data)) as photo:
        placed = ImageOps.pad(photo.convert("RGB"), (width, height), color=_BACKGROUND)
    if paleness:
        placed = Image.blend(placed, Image.new("RGB", placed.size, "white"), paleness)
    buffer = io.BytesIO()
    placed.save(buffer, "WEBP", quality=80)
    return buffer.getvalue()
