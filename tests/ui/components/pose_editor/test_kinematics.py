"""Joints that are moved freely, and with bones that keep their lengths."""

import math

import pytest

from poses.preset_poses import default_pose
from tests.browser.pose_editor.editor_driver import Place
from tests.ui.components.figures import JOINTS, Person, at, bones, hand, moved, place
from tests.ui.components.module_page import PoseModules

pytestmark = pytest.mark.browser

FIGURE = default_pose().people[0].model_dump(mode="json")
HEAD = {"nose", "right eye", "left eye", "right ear", "left ear"}
RIGHT_ARM = {"right elbow", "right wrist"}

ROOT, BENT_DOWN, BENT_UP = (0, 0), (3, 4), (3, -4)
STRAIGHT = (5, 0)


@pytest.mark.parametrize(
    ("chain", "target", "solved"),
    [
        ((BENT_DOWN, (6, 0)), (0, 6), ((-4, 3), (0, 6))),
        ((BENT_UP, (6, 0)), (0, 6), ((4, 3), (0, 6))),
        ((BENT_DOWN, (6, 0)), (8, 0), ((4, 3), (8, 0))),
        ((BENT_DOWN, (6, 0)), (6, 0), ((3, 4), (6, 0))),
        ((BENT_DOWN, (6, 0)), (10, 0), ((5, 0), (10, 0))),
        ((BENT_DOWN, (6, 0)), (900, 0), ((5, 0), (10, 0))),
        ((BENT_DOWN, (6, 0)), (0, -900), ((0, -5), (0, -10))),
        ((STRAIGHT, (10, 0)), (6, 8), ((3, 4), (6, 8))),
        ((STRAIGHT, (7, 0)), (0, 7), ((0, 5), (0, 7))),
        ((STRAIGHT, (7, 0)), (1, 0), ((5, 0), (3.001, 0))),
    ],
)
def test_two_bones_reach_for_a_target(
    pose: PoseModules, chain: tuple[Place, Place], target: Place, solved: tuple[Place, Place]
) -> None:
    points = [at(*joint) for joint in (ROOT, *chain, target)]
    found = pose.call("solveTwoBones", *points)
    middle, end = ((found[name]["x"], found[name]["y"]) for name in ("middle", "end"))
    assert middle == pytest.approx(solved[0], abs=0.1)
    assert end == pytest.approx(solved[1], abs=0.002)
    assert math.dist(ROOT, middle) == pytest.approx(math.dist(ROOT, chain[0]))
    assert math.dist(middle, end) == pytest.approx(math.dist(*chain))


def pulled(pose: PoseModules, one: Person, joint: str, to: Place, *, lock: bool) -> Person:
    """Somebody with a joint moved to a place."""
    result: Person = pose.call("moveJoint", one, JOINTS[joint], at(*to), pose.skeleton, lock)
    return result


def off(joint: str, dx: float, dy: float) -> Place:
    """A place so far from a joint of the figure."""
    x, y = place(FIGURE, joint)
    return x + dx, y + dy


@pytest.mark.parametrize(
    ("joint", "dx", "dy", "follows"),
    [
        ("right wrist", 40, -60, RIGHT_ARM),
        ("left ankle", 30, -50, {"left knee", "left ankle"}),
        ("right elbow", -30, -40, RIGHT_ARM),
        ("left hip", 10, 10, {"left hip", "left knee", "left ankle"}),
        ("nose", 10, -5, HEAD),
        ("left ear", 5, 5, {"left ear"}),
        ("neck", 7, -3, set(JOINTS)),
    ],
)
def test_a_locked_joint_takes_what_hangs_on_it_along_and_no_bone_grows(
    pose: PoseModules, joint: str, dx: float, dy: float, follows: set[str]
) -> None:
    after = pulled(pose, FIGURE, joint, off(joint, dx, dy), lock=True)
    assert moved(FIGURE, after) == follows
    assert bones(after) == pytest.approx(bones(FIGURE), abs=0.03)


@pytest.mark.parametrize("joint", ["right wrist", "left wrist", "right ankle", "left ankle"])
def test_the_end_of_a_chain_comes_where_it_is_pulled(pose: PoseModules, joint: str) -> None:
    target = off(joint, 10, -40)
    assert place(pulled(pose, FIGURE, joint, target, lock=True), joint) == pytest.approx(target)


@pytest.mark.parametrize(("joint", "parent"), [("right elbow", "right shoulder"), ("nose", "neck")])
def test_a_joint_in_the_middle_turns_towards_where_it_is_pulled(
    pose: PoseModules, joint: str, parent: str
) -> None:
    target = off(joint, 25, -10)
    x, y = place(FIGURE, parent)
    px, py = place(pulled(pose, FIGURE, joint, target, lock=True), joint)
    towards = math.atan2(target[1] - y, target[0] - x)
    assert math.atan2(py - y, px - x) == pytest.approx(towards, abs=1e-3)


@pytest.mark.parametrize("joint", ["neck", "right elbow", "left ankle", "right ear"])
def test_a_free_joint_moves_alone(pose: PoseModules, joint: str) -> None:
    target = off(joint, 33, 44)
    after = pulled(pose, FIGURE, joint, target, lock=False)
    assert moved(FIGURE, after) == {joint}
    assert place(after, joint) == pytest.approx(target)


@pytest.mark.parametrize(
    ("missing", "joint", "target"),
    [("right elbow", "right wrist", (9, 9)), ("nose", "left eye", (9, 9))],
)
def test_a_joint_without_its_bone_is_free(
    pose: PoseModules, missing: str, joint: str, target: Place
) -> None:
    body = [p if number != JOINTS[missing] else None for number, p in enumerate(FIGURE["body"])]
    after = pulled(pose, {**FIGURE, "body": body}, joint, target, lock=True)
    assert place(after, joint) == target


def test_a_chain_without_its_root_turns_about_its_middle(pose: PoseModules) -> None:
    body = [None if number == JOINTS["left hip"] else p for number, p in enumerate(FIGURE["body"])]
    after = pulled(
        pose, {**FIGURE, "body": body}, "left ankle", off("left ankle", 50, 0), lock=True
    )
    knee = place(FIGURE, "left knee")
    assert place(after, "left knee") == knee
    length = math.dist(knee, place(FIGURE, "left ankle"))
    assert math.dist(knee, place(after, "left ankle")) == pytest.approx(length, abs=0.01)


@pytest.mark.parametrize("lock", [True, False])
def test_a_hand_goes_and_turns_with_its_forearm(pose: PoseModules, lock: bool) -> None:
    wrist, elbow = place(FIGURE, "right wrist"), place(FIGURE, "right elbow")
    one = {**FIGURE, "right_hand": hand(*wrist), "left_hand": hand(5, 5)}
    after = pulled(pose, one, "right wrist", off("right wrist", 20, -70), lock=lock)
    new_wrist, new_elbow = place(after, "right wrist"), place(after, "right elbow")
    turn = angle(new_elbow, new_wrist) - angle(elbow, wrist)
    tip = after["right_hand"][20]
    expected = (new_wrist[0] + 20 * math.cos(turn), new_wrist[1] + 20 * math.sin(turn))
    assert (tip["x"], tip["y"]) == pytest.approx(expected, abs=0.02)
    assert after["left_hand"] == one["left_hand"]


def angle(a: Place, b: Place) -> float:
    """Of the line from a to b."""
    return math.atan2(b[1] - a[1], b[0] - a[0])
