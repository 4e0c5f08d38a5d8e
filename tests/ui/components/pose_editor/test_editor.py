"""What Python says to the editor and what it hands over: revisions, switches, what is kept."""

from typing import Final

import pytest
from playwright.sync_api import Page

from formats.openpose.skeleton import Skeleton
from poses.canvas import fit_to_canvas
from poses.preset_poses import default_pose
from tests.ui.components.figures import place
from tests.ui.components.pose_editor.editor_page import EditorPage

pytestmark = pytest.mark.browser

POSE: Final = default_pose()
OTHER: Final = fit_to_canvas(fit_to_canvas(POSE, 1024, 512), 512, 512)  # half as large
WRIST: Final = place(POSE.people[0].model_dump(mode="json"), "right wrist")
SMALL_WRIST: Final = place(OTHER.people[0].model_dump(mode="json"), "right wrist")


@pytest.fixture
def editor(empty_page: Page) -> EditorPage:
    """With the default figure, told of it as revision 1."""
    opened = EditorPage(empty_page)
    opened.say(POSE)
    return opened


def nudge(editor: EditorPage, name: str = "right wrist") -> None:
    """Move a joint by a pixel to the right."""
    editor.joint(name).focus()
    editor.page.keyboard.press("ArrowRight")


def test_an_answer_names_its_revision(editor: EditorPage) -> None:
    nudge(editor)
    assert editor.answer()["rev"] == "1"


def test_only_another_revision_brings_another_pose(editor: EditorPage) -> None:
    editor.say(OTHER)
    assert editor.shown("right wrist") == WRIST
    editor.say(OTHER, rev="2")
    assert editor.shown("right wrist") == SMALL_WRIST
    assert editor.answers() == []


@pytest.mark.parametrize("name", ["lock", "hands"])
def test_a_switch_follows_python_when_python_changes_its_mind(
    editor: EditorPage, name: str
) -> None:
    tool = editor.page.locator(f"[data-tool={name}]")

    def state() -> str | None:
        return tool.get_attribute("aria-pressed")

    assert state() == "false"
    tool.click()
    editor.say(POSE)
    assert state() == "true", "the user's choice stays while Python says the same"
    editor.say(POSE, **{name: True})
    editor.say(POSE, **{name: False})
    assert state() == "false"


def test_what_comes_during_a_drag_waits_for_its_end(editor: EditorPage) -> None:
    wrist = editor.joint("right wrist").bounding_box()
    assert wrist
    editor.page.mouse.move(wrist["x"] + 3, wrist["y"] + 3)
    editor.page.mouse.down()
    editor.page.mouse.move(wrist["x"] + 40, wrist["y"] + 3, steps=3)
    editor.say(OTHER, rev="2")
    assert editor.page.locator(".root").get_attribute("data-rev") == "1"
    editor.page.mouse.up()
    answer = editor.answer()
    assert (answer["rev"], place(answer["people"][0], "right wrist")[1]) == ("1", WRIST[1])
    assert editor.shown("right wrist") == SMALL_WRIST


def test_a_load_can_be_undone(editor: EditorPage) -> None:
    editor.say(OTHER, rev="2")
    editor.page.locator("[data-tool=undo]").click()
    answer = editor.answer()
    assert (answer["rev"], place(answer["people"][0], "right wrist")) == ("2", WRIST)


def test_another_board_has_a_history_of_its_own(editor: EditorPage) -> None:
    editor.say(OTHER, rev="2", board="other")
    assert editor.page.locator("[data-tool=undo]").is_disabled()


def test_a_page_that_comes_back_has_its_steps_and_tells_of_the_last(editor: EditorPage) -> None:
    nudge(editor)
    editor.answer()
    nudge(editor, "nose")
    editor.close()  # before the pause was over: Python has not heard of the second
    editor.open()
    editor.say(POSE)
    (one,) = editor.answer()["people"]
    assert place(one, "right wrist") == (WRIST[0] + 1, WRIST[1])
    assert place(one, "nose")[0] == place(POSE.people[0].model_dump(mode="json"), "nose")[0] + 1
    editor.page.locator("[data-tool=undo]").click()
    editor.page.locator("[data-tool=undo]").click()
    assert editor.shown("right wrist") == WRIST


def test_no_more_people_than_a_pose_may_have(editor: EditorPage) -> None:
    editor.say(POSE, max_people=2)
    editor.page.locator("[data-tool=add]").click()
    assert len(editor.answer()["people"]) == 2
    assert editor.page.locator("[data-tool=add]").is_disabled()
    assert editor.page.locator("[data-tool=duplicate]").is_disabled()


def test_it_is_drawn_in_the_colours_of_the_map(editor: EditorPage) -> None:
    def colours(kind: str) -> list[str]:
        found: list[str] = editor.page.locator(f"svg.canvas {kind}").evaluate_all(
            "nodes => nodes.map(node => node.getAttribute('fill'))"
        )
        return found

    assert colours(".limb")[:3] == ["#990000", "#993300", "#996600"]
    assert colours("[data-part=body]")[:3] == ["#ff0000", "#ff5500", "#ffaa00"]
    assert set(colours("[data-part=left_hand]")) == {"#0000ff"}
    assert len(colours(".limb")) == 17


def test_nobody_is_a_pose(editor: EditorPage) -> None:
    editor.say(Skeleton(width=256, height=64, people=()), rev="2")
    assert editor.text("about") == "0 people"
    editor.page.locator("[data-tool=add]").click()
    (one,) = editor.answer()["people"]
    assert all(0 <= p["x"] <= 256 and 0 <= p["y"] <= 64 for p in one["body"])
