"""One step of a gesture: the grid, the canvas' edges, fingers, limbs."""

from typing import Any

import pytest

from formats.openpose.pose_map import LIMBS
from poses.preset_poses import default_pose
from tests.ui.components.figures import JOINTS, Person, at, bones, box, hand, moved, place
from tests.ui.components.module_page import PoseModules

pytestmark = pytest.mark.browser

FIGURE = default_pose().people[0].model_dump(mode="json")
RULES = {"size": [512, 512], "keepLengths": False, "gridStep": 0}
THIGH = LIMBS.index((JOINTS["right hip"], JOINTS["right knee"]))


def by(pose: PoseModules, function: str, one: Person, what: Any, step: tuple[float, float],
       **rules: Any) -> Person:  # fmt: skip
    """Somebody of whom a joint or a limb was moved."""
    given = {**RULES, "skeleton": pose.skeleton, **rules}
    result: Person = pose.call(function, one, what, *step, given)
    return result


@pytest.mark.parametrize(
    ("value", "step", "snapped"), [(13, 0, 13), (13, 8, 16), (11, 8, 8), (-5, 8, -8), (12, 16, 16)]
)
def test_the_grid(pose: PoseModules, value: float, step: float, snapped: float) -> None:
    assert pose.call("snap", value, step) == snapped


@pytest.mark.parametrize(
    ("step", "rules", "expected"),
    [
        ((3.5, -2), {}, (103.5, 98)),
        ((3.5, -2), {"gridStep": 16}, (96, 96)),
        ((-300, 0), {}, (0, 100)),
        ((9000, 9000), {}, (512, 512)),
    ],
)
def test_a_joint_stays_on_canvas_and_grid(
    pose: PoseModules, step: tuple[float, float], rules: dict[str, Any],
    expected: tuple[float, float],
) -> None:  # fmt: skip
    body = [at(100, 100) if joint == 0 else p for joint, p in enumerate(FIGURE["body"])]
    what = {"part": "body", "joint": 0}
    after = by(pose, "moveJointBy", {**FIGURE, "body": body}, what, step, **rules)
    assert place(after, 0) == expected
    assert after["body"][1:] == FIGURE["body"][1:]


@pytest.mark.parametrize(("joint", "expected"), [(8, [8]), (20, [20]), (0, list(range(21)))])
def test_a_finger_moves_alone_and_a_hands_wrist_moves_the_hand(
    pose: PoseModules, joint: int, expected: list[int]
) -> None:
    one = {**FIGURE, "left_hand": hand(200, 200)}
    after = by(pose, "moveJointBy", one, {"part": "left_hand", "joint": joint}, (4, 5))
    pairs = list(zip(one["left_hand"], after["left_hand"], strict=True))
    assert [i for i, (a, b) in enumerate(pairs) if a != b] == expected
    assert all((b["x"], b["y"]) == (a["x"] + 4, a["y"] + 5) for a, b in pairs if a != b)


def test_a_limb_moves_alone_and_stops_at_the_edge(pose: PoseModules) -> None:
    after = by(pose, "moveLimbBy", FIGURE, THIGH, (-2000, 0))
    assert moved(FIGURE, after) == {"right hip", "right knee"}
    assert box(after)[0] == 0
    assert bones(after)[THIGH] == pytest.approx(bones(FIGURE)[THIGH])


def test_a_locked_limb_keeps_every_length(pose: PoseModules) -> None:
    after = by(pose, "moveLimbBy", FIGURE, THIGH, (30, -20), keepLengths=True)
    assert moved(FIGURE, after) == {"right knee", "right ankle"}
    assert bones(after) == pytest.approx(bones(FIGURE), abs=0.03)


def test_a_forearm_takes_its_hand_along(pose: PoseModules) -> None:
    forearm = LIMBS.index((JOINTS["right elbow"], JOINTS["right wrist"]))
    one = {**FIGURE, "right_hand": hand(*place(FIGURE, "right wrist"))}
    after = by(pose, "moveLimbBy", one, forearm, (6, -7))
    (x, y), tip = place(FIGURE, "right wrist"), after["right_hand"][20]
    assert (tip["x"], tip["y"]) == pytest.approx((x + 26, y - 7))
