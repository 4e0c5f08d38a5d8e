"""Hands that are put on and turned over."""

import pytest

from formats.openpose.skeleton import Person
from poses.hands import HandShape, Side, with_hand
from poses.preset_poses import default_pose
from tests.ui.components.figures import JOINTS, at, hand, person, place
from tests.ui.components.module_page import PoseModules, editor_data

pytestmark = pytest.mark.browser

BENT = default_pose().people[0]
PRESETS = editor_data(default_pose())["presets"]


@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize("shape", list(HandShape))
def test_a_preset_is_put_on_as_python_does(pose: PoseModules, side: Side, shape: HandShape) -> None:
    part, one = f"{side}_hand", BENT.model_dump(mode="json")
    points = pose.call("handFromPreset", PRESETS[shape.value], one, part, pose.skeleton)
    expected = getattr(with_hand(BENT, side, shape), part)
    assert [p["x"] for p in points] == pytest.approx([p.x for p in expected], abs=0.02)
    assert [p["y"] for p in points] == pytest.approx([p.y for p in expected], abs=0.02)


@pytest.mark.parametrize("side", list(Side))
def test_a_hand_that_is_turned_over_shows_the_other_side(pose: PoseModules, side: Side) -> None:
    part = f"{side}_hand"
    one = with_hand(BENT, side, HandShape.POINT).model_dump(mode="json")
    once = pose.call("turnHandOver", one, part, pose.skeleton)
    expected = getattr(with_hand(BENT, side, HandShape.POINT, flip=True), part)
    assert [p["x"] for p in once] == pytest.approx([p.x for p in expected], abs=0.03)
    assert [p["y"] for p in once] == pytest.approx([p.y for p in expected], abs=0.03)
    again = pose.call("turnHandOver", {**one, part: once}, part, pose.skeleton)
    assert [p["x"] for p in again] == pytest.approx([p["x"] for p in one[part]], abs=0.03)


def test_a_hand_beside_its_wrist_is_mirrored_about_the_forearm(pose: PoseModules) -> None:
    one = {**person(left_elbow=at(0, 7), left_wrist=at(10, 7)), "left_hand": hand(12, 4)}
    assert pose.call("turnHandOver", one, "left_hand", pose.skeleton) == hand(12, 10)


def test_a_hand_without_its_forearm_is_turned_about_its_own_wrist(pose: PoseModules) -> None:
    one = with_hand(BENT, Side.LEFT, HandShape.OPEN).model_dump(mode="json")
    x, y = place(one, "left wrist")
    one["body"][JOINTS["left wrist"]] = None
    over = pose.call("turnHandOver", one, "left_hand", pose.skeleton)
    assert (over[0]["x"], over[0]["y"]) == (x, y)
    assert over[9]["y"] - y == pytest.approx(y - one["left_hand"][9]["y"], abs=0.01)


@pytest.mark.parametrize(
    ("joint", "change", "there"),
    [
        ("left ear", None, True),
        ("right elbow", None, True),
        ("left wrist", None, False),
        ("left elbow", None, False),
        ("left elbow", {"hidden": True}, False),
    ],
)
def test_a_hand_needs_a_forearm_that_is_shown(
    pose: PoseModules, joint: str, change: dict[str, bool] | None, there: bool
) -> None:
    one = Person.model_validate(BENT).model_dump(mode="json")
    number = JOINTS[joint]
    one["body"][number] = change and {**one["body"][number], **change}
    assert pose.call("hasForearm", one, "left_hand", pose.skeleton) is there
