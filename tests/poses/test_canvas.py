"""Poses and photos on a canvas of another shape."""

import io

import numpy as np
import pytest
from PIL import Image

from formats.openpose.skeleton import Person, Point, Skeleton
from poses.canvas import aspect_size, fit_to_canvas, photo_on_canvas

POSE = Skeleton(width=100, height=200, people=(Person(body=(Point(x=50, y=150),) * 18),))


@pytest.mark.parametrize(
    ("width", "height", "x", "y"),
    [(100, 200, 50, 150), (200, 200, 100, 150), (200, 400, 100, 300), (100, 100, 50, 75)],
)
def test_a_pose_keeps_its_proportions_in_the_middle(
    width: int, height: int, x: float, y: float
) -> None:
    moved = fit_to_canvas(POSE, width, height)
    point = moved.people[0].body[0]
    assert point
    assert (moved.width, moved.height, point.x, point.y) == (width, height, x, y)


@pytest.mark.parametrize(("width", "height"), [(200, 200), (400, 100), (64, 2000)])
def test_a_pose_stays_on_its_photo(width: int, height: int) -> None:
    photo = (80, 160)
    there = fit_to_canvas(Skeleton(width=80, height=160, people=POSE.people), 200, 200)
    again = fit_to_canvas(there, width, height, photo)
    expected = fit_to_canvas(Skeleton(width=80, height=160, people=POSE.people), width, height)
    for one, other in zip(again.people[0].body, expected.people[0].body, strict=True):
        assert one
        assert other
        assert (one.x, one.y) == pytest.approx((other.x, other.y))


@pytest.mark.parametrize(
    ("photo", "expected"),
    [
        ((900, 900), (512, 512)),
        ((800, 600), (592, 440)),
        ((600, 800), (440, 592)),
        ((9000, 300), (2048, 72)),
    ],
)
def test_a_picture_takes_a_photos_shape(photo: tuple[int, int], expected: tuple[int, int]) -> None:
    assert aspect_size(photo, 512, 512) == expected


def test_a_photo_lies_where_its_people_do() -> None:
    photo = Image.new("RGB", (100, 200), "black")
    photo.paste("white", (40, 140, 60, 160))
    buffer = io.BytesIO()
    photo.save(buffer, "PNG")
    placed = Image.open(io.BytesIO(photo_on_canvas(buffer.getvalue(), 200, 200)))
    brightness = np.asarray(placed.convert("L"))
    assert brightness.shape == (200, 200)
    assert brightness[150, 100] > 200
    assert brightness[50, 70] < 40
    assert 100 < brightness[10, 10] < 150
