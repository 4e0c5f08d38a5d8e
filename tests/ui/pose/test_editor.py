"""What a browser may answer for the pose editor, and what becomes of it."""

import logging
from typing import Any

import pytest

from formats.limits import MAX_PEOPLE
from formats.openpose.skeleton import Skeleton
from poses.preset_poses import default_pose
from ui.pose.editor import pose_of_answer

LAST = default_pose()
PERSON = LAST.people[0].model_dump(mode="json")
MOVED = {**PERSON, "body": [{"x": 1.5, "y": 2, "hidden": True}, *PERSON["body"][1:]]}
LOOSE = {**PERSON, "body": [{"x": "12; drop", "y": 2}, *PERSON["body"][1:]]}
FAR = {**PERSON, "body": [{"x": 1e9, "y": 2}, *PERSON["body"][1:]]}


def test_a_good_answer_is_the_pose() -> None:
    pose = pose_of_answer({"rev": "a", "people": [MOVED, PERSON]}, rev="a", last=LAST)
    assert (pose.width, pose.height, len(pose.people)) == (LAST.width, LAST.height, 2)
    assert pose == Skeleton.model_validate({**LAST.model_dump(), "people": [MOVED, PERSON]})


@pytest.mark.parametrize("answer", [None, "pose", [], {}, {"rev": "b", "people": [MOVED]}])
def test_no_answer_and_a_late_one_change_nothing(answer: Any) -> None:
    assert pose_of_answer(answer, rev="a", last=LAST) == LAST


@pytest.mark.parametrize(
    "people",
    [
        None,
        "x",
        [{}],
        [{**PERSON, "body": []}],
        [{**PERSON, "left_hand": [None]}],
        [LOOSE],
        [FAR],
        [{**PERSON, "face": []}],
        [PERSON] * (MAX_PEOPLE + 1),
    ],
)
def test_what_is_no_pose_is_logged_without_its_content(
    people: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert pose_of_answer({"rev": "a", "people": people}, rev="a", last=LAST) == LAST
    assert "event=pose_ignored" in caplog.text
    assert "drop" not in caplog.text
