"""Which part of an image a figure's head, hands and limbs cover."""

import math

import numpy as np
import pytest

from formats.openpose.skeleton import KEYPOINT_NAMES, WRISTS, Person, Point
from poses.hands import HandShape, Side, with_hand
from poses.preset_poses import default_pose
from poses.regions import Region, figure, hands, head

SIDE = 600
STANDING = {
    "nose": (300, 90),
    "neck": (300, 145),
    "right shoulder": (255, 145),
    "right elbow": (245, 215),
    "right wrist": (240, 280),
    "left shoulder": (345, 145),
    "left elbow": (355, 215),
    "left wrist": (360, 280),
    "right hip": (275, 265),
    "right knee": (275, 370),
    "right ankle": (275, 470),
    "left hip": (325, 265),
    "left knee": (325, 370),
    "left ankle": (325, 470),
    "right eye": (292, 82),
    "left eye": (308, 82),
    "right ear": (280, 85),
    "left ear": (320, 85),
}
"""From the front; the trunk is 122 pixels long."""


def person(*left_out: str, only: tuple[str, ...] = KEYPOINT_NAMES, hidden: str = "") -> Person:
    def point(name: str) -> Point | None:
        if name in left_out or name not in only:
            return None
        x, y = STANDING[name]
        return Point(x=x, y=y, hidden=name == hidden)

    return Person(body=tuple(point(name) for name in KEYPOINT_NAMES))


def covered(region: Region) -> "np.ndarray[tuple[int, int], np.dtype[np.bool_]]":
    """The pixels of a region, by the distance from each line."""
    y, x = np.mgrid[0:SIDE, 0:SIDE]
    found = np.zeros((SIDE, SIDE), bool)
    for (ax, ay), (bx, by), radius in region:
        length = (bx - ax) ** 2 + (by - ay) ** 2
        share = np.clip(((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / (length or 1), 0, 1)
        found |= np.hypot(x - ax - share * (bx - ax), y - ay - share * (by - ay)) <= radius
    return found


def test_a_head_from_the_front() -> None:
    (circle,) = head(person())
    assert circle.a == circle.b == pytest.approx((300, 83.5))
    assert circle.radius == pytest.approx(44)
    assert covered((circle,)).sum() == pytest.approx(math.pi * 44**2, rel=0.01)


@pytest.mark.parametrize(
    ("left_out", "centre", "radius"),
    [
        (("left ear",), (290, 83.5), 40.3),
        (("left ear", "left eye"), (286, 83.5), 40.3),
        (("left ear", "right ear"), (300, 82), 40.3),
        (("left ear", "right ear", "left eye", "right eye"), (300, 90), 40.3),
        (("nose", "neck"), (300, 83.5), 44),
    ],
)
def test_a_head_of_which_not_all_is_seen(
    left_out: tuple[str, ...], centre: tuple[int, int], radius: float
) -> None:
    (circle,) = head(person(*left_out))
    assert circle.a == pytest.approx(centre)
    assert circle.radius == pytest.approx(radius, abs=0.5)


@pytest.mark.parametrize(
    "only", [(), ("neck",), ("nose",), ("neck", "right shoulder", "right elbow")]
)
def test_no_head(only: tuple[str, ...]) -> None:
    assert head(person(only=only)) == ()


def test_hands_lie_beyond_the_wrists() -> None:
    right = covered(hands(person("left wrist")))
    rows, columns = np.nonzero(right)
    assert (rows.mean(), columns.mean()) == (pytest.approx(295, abs=4), pytest.approx(239, abs=2))
    assert right.sum() == pytest.approx(math.pi * 27**2 + 54 * 30.7, rel=0.05)
    assert not right[:, 300:].any()


@pytest.mark.parametrize(
    ("left_out", "hidden", "count"),
    [
        ((), "", 2),
        (("left elbow",), "", 2),
        (("left wrist",), "", 1),
        ((), "left wrist", 1),
        (("left wrist", "right wrist"), "", 0),
    ],
)
def test_how_many_hands(left_out: tuple[str, ...], hidden: str, count: int) -> None:
    assert len(hands(person(*left_out, hidden=hidden))) == count


@pytest.mark.parametrize("shape", list(HandShape))
def test_a_hand_with_points_covers_all_of_them(shape: HandShape) -> None:
    drawn = with_hand(person(), Side.LEFT, shape)
    found = covered(hands(drawn))
    assert all(found[round(p.y), round(p.x)] for p in drawn.left_hand or () if p)


def test_a_figure_covers_every_joint_and_little_else() -> None:
    found = covered(figure(person()))
    assert all(found[y, x] for x, y in STANDING.values())
    rows, columns = np.nonzero(found)
    assert (rows.min(), rows.max()) == (pytest.approx(40, abs=3), pytest.approx(524, abs=3))
    assert (columns.min(), columns.max()) == (pytest.approx(211, abs=4), pytest.approx(389, abs=4))
    assert 0.1 < found.mean() < 0.2


def test_head_and_hands_are_part_of_the_figure() -> None:
    whole = covered(figure(person()))
    assert whole[covered(head(person())) | covered(hands(person()))].all()


@pytest.mark.parametrize("only", [(), ("nose",), ("right wrist",)])
def test_a_figure_of_next_to_nothing_is_no_region(only: tuple[str, ...]) -> None:
    assert figure(person(only=only)) == ()


def test_a_region_grows_with_its_canvas() -> None:
    scaled = [one.scaled(2, 2) for one in figure(person())]
    larger = figure(person().scaled(2, 2))
    assert [(*c.a, *c.b, c.radius) for c in scaled] == [
        pytest.approx((*c.a, *c.b, c.radius)) for c in larger
    ]


def test_the_default_pose_has_all_parts() -> None:
    (standing,) = default_pose().people
    assert len(head(standing)) == 1
    assert len(hands(standing)) == len(WRISTS)
    assert len(figure(standing)) > 15
