"""What undo and redo bring back in the pose editor, whatever was loaded in between."""

import pytest

from poses.canvas import fit_to_canvas
from tests.browser.pose_editor.editor_driver import place
from tests.browser.pose_studio.figure_checks import WRIST, Open, near, off

pytestmark = pytest.mark.browser


def test_undo_and_redo_survive_what_was_handed_over(editor: Open) -> None:
    page = editor()
    start = page.held()
    wrist = place(start.people[0].body, WRIST)
    page.drag(wrist, off(wrist, -40, 0))
    first = page.until(lambda pose: pose != start)
    page.use("add")
    second = page.until(lambda pose: len(pose.people) == 2)
    page.use("undo")
    page.until(lambda pose: pose == first)
    for keys, expected in [("Control+z", start), ("Control+y", first), ("Control+Shift+Z", second)]:
        page.joint("nose").focus()
        page.page.keyboard.press(keys)
        page.until(lambda pose, expected=expected: pose == expected)  # type: ignore[misc]


def test_a_pose_from_elsewhere_replaces_the_drawing(editor: Open) -> None:
    page = editor()
    start = page.held()
    page.use("mirror")
    page.until(lambda pose: pose != start)
    page.start_again()
    page.until(lambda pose: pose == start)
    wrist = place(start.people[0].body, WRIST)
    page.drag(wrist, off(wrist, -30, 0))
    page.until(lambda pose: near(pose.people[0].body[WRIST], off(wrist, -30, 0)))
    page.page.get_by_role("button", name="Load another").click()
    page.until(lambda pose: (pose.width, pose.height, pose.people) == (640, 384, ()))
    page.use("add")
    page.until(lambda pose: pose.width == 640 and len(pose.people) == 1)


def test_undo_brings_back_what_a_load_replaced_on_the_canvas_there_is_now(editor: Open) -> None:
    page = editor()
    start = page.held()
    page.use("mirror")
    drawn = page.until(lambda pose: pose != start)
    page.start_again()
    page.use("undo")
    page.until(lambda pose: pose == drawn)
    page.page.get_by_role("button", name="Load another").click()
    page.until(lambda pose: pose.people == ())
    page.use("undo")
    smaller = page.until(lambda pose: len(pose.people) == 1)
    assert (smaller.width, smaller.height) == (640, 384)
    assert smaller.people == fit_to_canvas(drawn, 640, 384).people
    page.use("redo")
    page.until(lambda pose: pose.people == ())


def test_another_size_is_no_step_of_the_history(editor: Open) -> None:
    page = editor()
    start = page.held()
    page.use("mirror")
    drawn = page.until(lambda pose: pose != start)
    page.page.get_by_role("button", name="Widen").click()
    page.until(lambda pose: pose == fit_to_canvas(drawn, 640, 384))
    page.page.get_by_role("button", name="Narrow").click()
    page.until(lambda pose: pose == drawn)
    page.use("undo")
    page.until(lambda pose: pose == start)
    page.page.get_by_role("button", name="Widen").click()
    page.until(lambda pose: pose.width == 640)
    page.use("redo")
    page.until(lambda pose: pose.people == fit_to_canvas(drawn, 640, 384).people)


def test_the_drawing_is_there_again_after_another_page(editor: Open) -> None:
    page = editor()
    start = page.held()
    page.use("mirror")
    drawn = page.until(lambda pose: pose != start)
    page.page.get_by_role("link", name="Away").click()
    page.page.locator("svg.canvas").wait_for(state="detached")
    page.page.get_by_role("link", name="Editor").click()
    page.page.locator("svg.canvas .joint").first.wait_for()
    page.until(lambda pose: pose == drawn)
    page.use("undo")
    page.until(lambda pose: pose == start)
