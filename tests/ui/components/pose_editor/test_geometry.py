"""The pose editor's geometry: distances, boxes, and figures moved, scaled, turned and mirrored."""

import math
from typing import Any

import pytest

from poses.preset_poses import default_pose
from tests.ui.components.figures import Person, at, box, hand, person, place
from tests.ui.components.module_page import PoseModules

pytestmark = pytest.mark.browser

FIGURE = default_pose().people[0].model_dump(mode="json")
LINE = person(nose=at(20, 40), neck=at(60, 70))
CANVAS = {"l": 0, "t": 0, "r": 100, "b": 100}


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("distance", [at(1, 2), at(4, 6)], 5),
        ("distance", [at(4, 6), at(4, 6)], 0),
        ("angleOf", [at(0, 0), at(9, 0)], 0),
        ("angleOf", [at(0, 0), at(0, 9)], math.pi / 2),
        ("angleOf", [at(5, 5), at(1, 5)], math.pi),
        ("angleOf", [at(5, 5), at(5, 1)], -math.pi / 2),
        ("clamp", [5, 0, 9], 5),
        ("clamp", [-5, 0, 9], 0),
        ("clamp", [15, 0, 9], 9),
        ("clamp", [5, 9, 0], 9),
        ("distanceToSegment", [at(5, 3), at(0, 0), at(10, 0)], 3),
        ("distanceToSegment", [at(-3, 4), at(0, 0), at(10, 0)], 5),
        ("distanceToSegment", [at(13, 4), at(0, 0), at(10, 0)], 5),
        ("distanceToSegment", [at(3, 4), at(0, 0), at(0, 0)], 5),
        ("roundCoordinate", [1.234567], 1.23),
    ],
)
def test_numbers(pose: PoseModules, name: str, arguments: list[Any], expected: float) -> None:
    assert pose.call(name, *arguments) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (LINE, (20, 40, 60, 70)),
        (person(nose=at(20, 40), neck=at(60, 70, hidden=True)), (20, 40, 20, 40)),
        ({**LINE, "left_hand": hand(70, 10)}, (20, 10, 90, 70)),
        (person(neck=at(1, 1, hidden=True)), None),
        (person(), None),
    ],
)
def test_the_box_is_around_what_is_shown(
    pose: PoseModules, one: Person, expected: tuple[float, ...] | None
) -> None:
    found = pose.call("bounds", one)
    assert found == (dict(zip("ltrb", expected, strict=True)) if expected else None)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (LINE, (0, 0, 100, 100)),
        (person(nose=at(-20, 40), neck=at(60, 130)), (-20, 0, 100, 130)),
        (person(), (0, 0, 100, 100)),
    ],
)
def test_a_figure_may_stay_outside_where_it_is_already(
    pose: PoseModules, one: Person, expected: tuple[float, ...]
) -> None:
    limits = pose.call("travelLimits", one, 100, 100)
    assert limits == dict(zip("ltrb", expected, strict=True))


@pytest.mark.parametrize(
    ("dx", "dy", "expected"),
    [
        (5, -7, (25, 33, 65, 63)),
        (-50, 0, (0, 40, 40, 70)),
        (90, 0, (60, 40, 100, 70)),
        (0, -90, (20, 0, 60, 30)),
        (0, 90, (20, 70, 60, 100)),
    ],
)
def test_a_moved_figure_stops_at_the_edges(
    pose: PoseModules, dx: float, dy: float, expected: tuple[float, ...]
) -> None:
    assert box(pose.call("translatePerson", LINE, dx, dy, CANVAS)) == expected


@pytest.mark.parametrize(
    ("anchor", "factor", "expected"),
    [
        (at(20, 40), 1.5, (20, 40, 80, 85)),
        (at(60, 70), 0.5, (40, 55, 60, 70)),
        (at(20, 40), 9, (20, 40, 100, 100)),
        (at(60, 70), 9, (0, 25, 60, 70)),
        (at(20, 40), 0.001, (20, 40, 28, 46)),
    ],
)
def test_a_scaled_figure_keeps_its_anchor_and_its_room(
    pose: PoseModules, anchor: dict[str, float], factor: float, expected: tuple[float, ...]
) -> None:
    assert box(pose.call("scalePerson", LINE, anchor, factor, CANVAS)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("angle", "expected"),
    [
        (math.pi / 2, {"nose": (55, 35), "neck": (25, 75)}),
        (math.pi, {"nose": (60, 70), "neck": (20, 40)}),
        (-math.pi / 2, {"nose": (25, 75), "neck": (55, 35)}),
    ],
)
def test_a_turned_figure(
    pose: PoseModules, angle: float, expected: dict[str, tuple[float, float]]
) -> None:
    turned = pose.call("rotatePerson", LINE, at(40, 55), angle, CANVAS)
    assert {name: place(turned, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("angle", "expected"), [(math.pi / 2, (0, 20, 30, 60)), (-math.pi / 2, (40, 0, 70, 40))]
)
def test_a_turned_figure_is_brought_back_onto_the_canvas(
    pose: PoseModules, angle: float, expected: tuple[float, ...]
) -> None:
    assert box(pose.call("rotatePerson", LINE, at(0, 0), angle, CANVAS)) == expected


def test_a_figure_that_would_not_fit_is_not_turned(pose: PoseModules) -> None:
    flat = person(nose=at(0, 5), neck=at(100, 5))
    low = {**CANVAS, "b": 50}
    assert pose.call("rotatePerson", flat, at(50, 5), math.pi / 2, low) is None


def test_a_mirrored_figure_has_its_sides_swapped(pose: PoseModules) -> None:
    one = person(nose=at(10, 1), right_wrist=at(0, 5, hidden=True), left_wrist=at(40, 9))
    one["left_hand"] = [*hand(40, 9)[:1], *[None] * 20]
    seen = pose.call("mirrorPerson", one, pose.skeleton)
    names = ("nose", "left wrist", "right wrist")
    assert [place(seen, name) for name in names] == [(30, 1), (40, 5), (0, 9)]
    assert (seen["left_hand"], seen["right_hand"][0]) == (None, at(0, 9))


def test_twice_mirrored_is_as_before(pose: PoseModules) -> None:
    whole = {**FIGURE, "right_hand": hand(100, 300)}
    whole["body"] = [{**FIGURE["body"][0], "hidden": True}, None, *FIGURE["body"][2:]]
    once = pose.call("mirrorPerson", whole, pose.skeleton)
    assert once != whole
    assert pose.call("mirrorPerson", once, pose.skeleton) == whole


def test_all_joints_are_shown_again(pose: PoseModules) -> None:
    shown = pose.call("showAllJoints", person(nose=at(1, 2, hidden=True), neck=at(3, 4)))
    assert shown == person(nose=at(1, 2), neck=at(3, 4))


@pytest.mark.parametrize(
    ("part", "joint", "name"),
    [
        ("body", 4, "right wrist"),
        ("left_hand", 0, "left hand, wrist"),
        ("left_hand", 1, "left hand, thumb 1"),
        ("right_hand", 8, "right hand, index finger 4"),
        ("right_hand", 20, "right hand, little finger 4"),
    ],
)
def test_joints_have_names(pose: PoseModules, part: str, joint: int, name: str) -> None:
    script = "({ skeleton }, [part, joint]) => skeleton.jointName(part, joint)"
    assert pose.run(script, [part, joint]) == name
