"""Poses and photos on a canvas of another shape."""

import io

import pytest
from PIL import Image

from core.pose_fit import fitted, photo_on_canvas
from formats.openpose import Person, Point, Skeleton

POSE = Skeleton(width=100, height=200, people=(Person(body=(Point(x=50, y=150),) * 18),))


@pytest.mark.parametrize(
    ("width", "height", "x", "y"),
    [(100, 200, 50, 150), (200, 200, 100, 150), (200, 400, 100, 300), (100, 100, 50, 75)],
)
def test_a_pose_keeps_its_proportions_in_the_middle(
    width: int, height: int, x: float, y: float
) -> None:
    moved = fitted(POSE, width, height)
    point = moved.people[0].body[0]
    assert point
    assert (moved.width, moved.height, point.x, point.y) == (width, height, x, y)


def test_a_photo_lies_where_its_people_do() -> None:
    photo = Image.new("RGB", (100, 200), "black")
    photo.paste("white", (40, 140, 60, 160))
    buffer = io.BytesIO()
    photo.save(buffer, "PNG")
    placed = Image.open(io.BytesIO(photo_on_canvas(buffer.getvalue(), 200, 200))).convert("L")
    assert placed.size == (200, 200)
    assert placed.getpixel((100, 150)) > 200  # type: ignore[operator]
    assert placed.getpixel((70, 50)) < 40  # type: ignore[operator]
    assert 100 < placed.getpixel((10, 10)) < 150  # type: ignore[operator]
