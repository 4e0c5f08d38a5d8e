"""Where new figures and unknown joints are put."""

import pytest

from poses.preset_poses import default_pose
from tests.ui.components.figures import JOINTS, Person, at, bones, box, person, place
from tests.ui.components.module_page import PoseModules

pytestmark = pytest.mark.browser

FIGURE = default_pose().people[0].model_dump(mode="json")
BOX = box(FIGURE)


def standing(left: float, top: float, right: float, bottom: float) -> Person:
    """Somebody who fills a box."""
    return person(nose=at(left, top), right_ankle=at(right, bottom))


@pytest.mark.parametrize(
    ("others", "middle", "height", "ground"),
    [
        ([], 500, 400, 450),
        ([standing(480, 100, 520, 300)], 250, 200, 300),
        ([standing(200, 100, 300, 300)], 750, 200, 300),
        ([standing(200, 250, 300, 300)], 750, 100, 300),
        ([standing(150, 100, 250, 300), standing(600, 50, 650, 480)], 900, 430, 480),
    ],
)
def test_a_new_figure_stands_where_there_is_room_as_tall_as_the_others(
    pose: PoseModules, others: list[Person], middle: float, height: float, ground: float
) -> None:
    left, top, right, bottom = box(pose.call("placeNewPerson", FIGURE, others, 1000, 500))
    assert (bottom - top, bottom) == pytest.approx((height, ground), abs=0.05)
    assert (left + right) / 2 == pytest.approx(middle, abs=0.05)


def test_a_new_figure_fits_a_narrow_canvas(pose: PoseModules) -> None:
    left, top, right, bottom = box(pose.call("placeNewPerson", FIGURE, [], 100, 2000))
    assert (left, right) == pytest.approx((10, 90), abs=0.05)
    assert (bottom - top) / (right - left) == pytest.approx(
        (BOX[3] - BOX[1]) / (BOX[2] - BOX[0]), rel=0.01
    )


@pytest.mark.parametrize(
    ("width", "dx"), [(2000, 250), (512, 64), (int(BOX[2]) + 1, -(int(BOX[2]) + 1) / 8)]
)
def test_a_copy_stands_beside_and_on_the_canvas(pose: PoseModules, width: int, dx: float) -> None:
    after = box(pose.call("placeBeside", FIGURE, width, 512))
    assert after == pytest.approx((BOX[0] + dx, BOX[1], BOX[2] + dx, BOX[3]), abs=0.05)


@pytest.mark.parametrize(
    "missing", [("right wrist",), ("right elbow", "right wrist"), ("nose", "left eye", "left ear")]
)
def test_missing_joints_are_where_the_model_has_them(
    pose: PoseModules, missing: tuple[str, ...]
) -> None:
    body = [
        None if number in map(JOINTS.get, missing) else at(100 + p["x"] / 2, p["y"] / 2)
        for number, p in enumerate(FIGURE["body"])
    ]
    whole = pose.call("addMissingJoints", {**FIGURE, "body": body}, FIGURE, pose.skeleton)
    assert bones(whole) == pytest.approx([length / 2 for length in bones(FIGURE)], abs=0.05)
    for name in missing:
        x, y = place(FIGURE, name)
        assert place(whole, name) == pytest.approx((100 + x / 2, y / 2), abs=0.05)


def test_a_missing_joint_hangs_on_its_neighbour(pose: PoseModules) -> None:
    body = list(FIGURE["body"])
    body[JOINTS["left ankle"]], body[JOINTS["left knee"]] = None, at(9, 8)
    one = {
        **FIGURE,
        "body": [p if j == JOINTS["nose"] or j > 11 else None for j, p in enumerate(body)],
    }
    x, y = (place(FIGURE, "left ankle")[i] - place(FIGURE, "left knee")[i] for i in (0, 1))
    whole = pose.call("addMissingJoints", one, FIGURE, pose.skeleton)
    assert place(whole, "left ankle") == pytest.approx((9 + x, 8 + y), abs=0.02)


def test_one_known_joint_is_enough(pose: PoseModules) -> None:
    one = person(left_knee=at(50, 60))
    whole = pose.call("addMissingJoints", one, FIGURE, pose.skeleton)
    assert place(whole, "left knee") == (50, 60)
    assert bones(whole) == pytest.approx(bones(FIGURE))


def test_nobody_stays_nobody(pose: PoseModules) -> None:
    assert pose.call("addMissingJoints", person(), FIGURE, pose.skeleton) == person()
