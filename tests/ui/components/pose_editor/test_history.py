"""Undo and redo: what is a step, how many are kept, what another canvas does to them."""

from typing import Any

import pytest

from tests.ui.components.figures import Person, at, person
from tests.ui.components.module_page import PoseModules

pytestmark = pytest.mark.browser

# Poses are told apart by where their nose is; a canvas twice as large doubles that.
SCRIPT = """({ History, skeleton }, steps) => {
  const body = (x) => [{ x, y: 0, hidden: false }];
  const people = (x) => [{ body: body(x), left_hand: null, right_hand: null }];
  const load = (history, x, side) => history.replacedBy(
    { width: side, height: side, people: people(x) }, skeleton.maxCoordinate);
  let history = new History({ board: "b", width: 100, height: 100, people: people(0) });
  const answers = [];
  for (const [name, x, side] of steps) {
    const before = history.people;
    if (name === "draw") { history.people = people(x); history.record(before); }
    else if (name === "load") history = load(history, x, side ?? history.size[0]);
    else answers.push(history[name]());
  }
  const { canUndo, canRedo, size: [side] } = history;
  return { at: history.people[0].body[0].x, canUndo, canRedo, side, answers };
}"""
UNDO, REDO = ("undo",), ("redo",)


def draw(x: float) -> tuple[str, float]:
    """The user moves the nose."""
    return ("draw", x)


def load(x: float, side: int = 100) -> tuple[str, float, int]:
    """Python says another pose."""
    return ("load", x, side)


def played(pose: PoseModules, *steps: tuple[Any, ...]) -> dict[str, Any]:
    found: dict[str, Any] = pose.run(SCRIPT, steps)
    return found


@pytest.mark.parametrize(
    ("steps", "nose", "can_undo", "can_redo"),
    [
        ([], 0, False, False),
        ([UNDO], 0, False, False),
        ([REDO], 0, False, False),
        ([draw(1)], 1, True, False),
        ([draw(1), UNDO], 0, False, True),
        ([draw(1), UNDO, REDO], 1, True, False),
        ([draw(1), draw(2), UNDO], 1, True, True),
        ([draw(1), draw(2), UNDO, UNDO, REDO], 1, True, True),
        ([draw(1), UNDO, draw(2)], 2, True, False),
        ([draw(1), UNDO, draw(2), UNDO], 0, False, True),
        ([draw(1), load(5), UNDO], 1, True, True),
        ([draw(1), load(5), UNDO, UNDO, REDO, REDO], 5, True, False),
        ([draw(1), load(1)], 1, True, False),
        ([draw(1), load(1.04), UNDO], 0, False, True),
        ([draw(1), load(1.06), UNDO], 1, True, True),
        ([draw(1), UNDO, load(0)], 0, False, True),
    ],
)
def test_what_is_shown_and_what_can_be_undone(
    pose: PoseModules, steps: list[Any], nose: float, can_undo: bool, can_redo: bool
) -> None:
    found = played(pose, *steps)
    assert (found["at"], found["canUndo"], found["canRedo"]) == (nose, can_undo, can_redo)


@pytest.mark.parametrize(
    ("steps", "nose", "can_undo"),
    [
        ([draw(3), load(6, 200)], 6, True),
        ([draw(3), load(6, 200), UNDO], 0, False),
        ([draw(3), UNDO, load(0, 200), REDO], 6, True),
        ([draw(3), load(9, 200), UNDO], 6, True),
        ([draw(3), load(6, 200), load(3, 100), UNDO, REDO], 3, True),
        ([draw(3), load(1.5, 50), load(12, 400)], 12, True),
        ([draw(3), draw(7), load(14, 200), UNDO, load(6, 200), UNDO], 0, False),
    ],
)
def test_another_canvas_is_no_step_and_takes_the_steps_along(
    pose: PoseModules, steps: list[Any], nose: float, can_undo: bool
) -> None:
    found = played(pose, *steps)
    assert (found["at"], found["canUndo"]) == (nose, can_undo)


def test_a_canvas_that_changes_twice_is_fitted_once(pose: PoseModules) -> None:
    """Rounding on the small one in between would have lost the third decimal."""
    steps = [draw(33.33), draw(50), load(25, 50), load(50, 100)]
    assert played(pose, *steps, UNDO)["at"] == 33.33


def test_what_was_drawn_on_the_canvas_in_between_counts(pose: PoseModules) -> None:
    steps = [draw(40), load(20, 50), draw(26), load(52, 100)]
    noses = [played(pose, *steps, *[UNDO] * count)["at"] for count in range(4)]
    assert noses == [52, 40, 0, 0]


def test_a_hundred_steps_are_kept(pose: PoseModules) -> None:
    found = played(pose, *[draw(x) for x in range(1, 131)], *[UNDO] * 130)
    assert (found["at"], found["answers"].count(True), found["canUndo"]) == (30, 100, False)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ([person(nose=at(0, 0))], [person(nose=at(3, 4))], 5),
        ([person(nose=at(0, 0), neck=at(9, 9))], [person(nose=at(1, 0), neck=at(9, 7))], 2),
        ([person(nose=at(0, 0))], [person(nose=at(0, 0, hidden=True))], float("inf")),
        ([person(nose=at(0, 0))], [person(neck=at(0, 0))], float("inf")),
        ([person(nose=at(0, 0))], [], float("inf")),
        ([{**person(), "left_hand": [at(1, 1)]}], [{**person(), "left_hand": [at(1, 2)]}], 1),
        ([], [], 0),
    ],
)
def test_the_largest_move(
    pose: PoseModules, one: list[Person], other: list[Person], expected: float
) -> None:
    assert pose.call("largestMove", one, other) == expected
