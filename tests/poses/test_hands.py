"""Hands of every shape sit at the end of the forearm."""

import math

import pytest

from formats.openpose.skeleton import HAND_POINTS, Person, Point, PoseError
from poses.hands import HandShape, Side, with_hand
from tests.poses.figures import standing

SYMMETRIC = Person(
    body=tuple(
        Point(x=256 + x, y=y)
        for x, y in (
            (0, 60),
            (0, 100),
            (-50, 100),
            (-70, 170),
            (-80, 230),
            (50, 100),
            (70, 170),
            (80, 230),
            (-25, 250),
            (-25, 350),
            (-25, 450),
            (25, 250),
            (25, 350),
            (25, 450),
            (-10, 50),
            (10, 50),
            (-20, 55),
            (20, 55),
        )
    )
)


def hand(person: Person, side: Side) -> list[tuple[float, float]]:
    points = person.left_hand if side is Side.LEFT else person.right_hand
    assert points is not None
    return [(p.x, p.y) for p in points if p]


@pytest.mark.parametrize("shape", HandShape)
def test_left_mirrors_right(shape: HandShape) -> None:
    person = with_hand(with_hand(SYMMETRIC, Side.LEFT, shape), Side.RIGHT, shape)
    left, right = hand(person, Side.LEFT), hand(person, Side.RIGHT)
    assert len(left) == len(right) == HAND_POINTS
    assert right[0] == (176, 230)
    for (x, y), (u, v) in zip(left, right, strict=True):
        assert (512 - x, y) == pytest.approx((u, v), abs=0.02)
    palm = with_hand(SYMMETRIC, Side.RIGHT, shape, flip=True)
    assert hand(palm, Side.RIGHT) != right


@pytest.mark.parametrize(
    ("shape", "straight"),
    [
        (HandShape.OPEN, {8, 12, 16, 20}),
        (HandShape.FIST, set()),
        (HandShape.POINT, {8}),
        (HandShape.VICTORY, {8, 12}),
        (HandShape.THUMBS_UP, set()),
        (HandShape.OK, {12, 16, 20}),
    ],
)
def test_straight_fingers_reach_beyond_their_joints(shape: HandShape, straight: set[int]) -> None:
    points = hand(with_hand(standing(), Side.RIGHT, shape), Side.RIGHT)
    reach = [math.dist(points[0], point) for point in points]
    assert {tip for tip in (8, 12, 16, 20) if reach[tip] > reach[tip - 2]} == straight


def test_a_hand_needs_its_forearm() -> None:
    with pytest.raises(PoseError, match="left elbow"):
        with_hand(standing(missing=(6,)), Side.LEFT, HandShape.OPEN)
