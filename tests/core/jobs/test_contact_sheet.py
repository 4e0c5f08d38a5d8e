"""What one click on a contact sheet sends."""

from typing import Any

import pytest

from core.errors import InvalidInput
from core.jobs.contact_sheet import drafts_by_pose, drafts_by_seed
from core.jobs.draft import Draft, DraftUnit
from formats.limits import MAX_SEED
from formats.openpose.skeleton import Person, Point, Skeleton

POSE = Skeleton(width=64, height=64, people=(Person(body=(Point(x=1, y=2),) * 18),))
TALL = Skeleton(width=64, height=128, people=POSE.people)
POSES = (("bow", TALL), ("run", TALL))


def draft(**more: Any) -> Draft:
    fields = {"checkpoints": ("a",), "seed": 7, "batch_size": 4, "units": (DraftUnit(pose=POSE),)}
    return Draft.model_validate({**fields, **more})


def test_seeds_follow_each_other_and_each_makes_one_picture() -> None:
    planned = drafts_by_seed(draft(seed=MAX_SEED), 3, lambda: 0)
    assert [one.label for one in planned] == [f"seed {MAX_SEED}", "seed 0", "seed 1"]
    assert {one.draft.batch_size for one in planned} == {1}


def test_a_random_seed_is_drawn_once() -> None:
    assert [one.draft.seed for one in drafts_by_seed(draft(seed=-1), 2, lambda: 50)] == [50, 51]
    assert {one.draft.seed for one in drafts_by_pose(draft(seed=-1), POSES, lambda: 50)} == {50}


def test_poses_take_the_place_of_the_editors() -> None:
    planned = drafts_by_pose(draft(), POSES, lambda: 0)
    assert [one.label for one in planned] == ["bow", "run"]
    pose = planned[0].draft.units[0].pose
    assert pose
    assert (pose.width, pose.height) == (64, 64)
    assert pose != POSE


@pytest.mark.parametrize(
    ("changes", "count", "says"),
    [({}, 1, "2 to 9"), ({}, 10, "2 to 9"), ({"checkpoints": ("a", "b")}, 2, "one checkpoint")],
)
def test_what_makes_no_sheet_is_refused(changes: dict[str, Any], count: int, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        drafts_by_seed(draft(**changes), count, lambda: 0)


def test_poses_need_a_unit_that_takes_them() -> None:
    with pytest.raises(InvalidInput, match="poses change nothing"):
        drafts_by_pose(draft(units=()), POSES, lambda: 0)
