"""Brings poses and photos onto a canvas of another shape, whole and without stretching them."""

import io
from typing import Final

from PIL import Image, ImageOps

from formats.openpose import Person, Point, Points, Skeleton

_FAR: Final = 8192.0
_GROUND: Final = (127, 127, 127)
"""Beside a photo of another shape: neither hides light joints nor dark ones."""


def fitted(pose: Skeleton, width: int, height: int) -> Skeleton:
    """The pose in the middle of a canvas of width x height pixels, its proportions kept.

    A pose that has this canvas already comes back as it is.
    """
    if (pose.width, pose.height) == (width, height):
        return pose
    scale = min(width / pose.width, height / pose.height)
    dx, dy = (width - pose.width * scale) / 2, (height - pose.height * scale) / 2

    def moved(points: Points) -> Points:
        return tuple(p and _placed(p, p.x * scale + dx, p.y * scale + dy) for p in points)

    people = tuple(
        Person(
            body=moved(person.body),
            left_hand=person.left_hand and moved(person.left_hand),
            right_hand=person.right_hand and moved(person.right_hand),
        )
        for person in pose.people
    )
    return Skeleton(width=width, height=height, people=people)


def _placed(point: Point, x: float, y: float) -> Point:
    """The joint elsewhere; one far outside the canvas is kept within what a pose may hold."""
    inside = {"x": min(_FAR, max(-_FAR, x)), "y": min(_FAR, max(-_FAR, y))}
    return point.model_copy(update=inside)


def photo_on_canvas(data: bytes, width: int, height: int, *, paleness: float = 0.0) -> bytes:
    """A photo placed as `fitted` places the people in it; WebP of width x height pixels.

    `paleness` is the share of white mixed in, 0 to 1, so that dark strokes show upon it.
    """
    with Image.open(io.BytesIO(data)) as photo:
        placed = ImageOps.pad(photo.convert("RGB"), (width, height), color=_GROUND)
    if paleness:
        placed = Image.blend(placed, Image.new("RGB", placed.size, "white"), paleness)
    buffer = io.BytesIO()
    placed.save(buffer, "WEBP", quality=80)
    return buffer.getvalue()
