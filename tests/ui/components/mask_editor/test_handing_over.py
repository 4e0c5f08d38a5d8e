"""Nothing that was painted is lost: patches that overtake each other, pages left, new sessions."""

from typing import Any

import pytest

from tests.ui.components.mask_editor.mask_page import MaskPage

pytestmark = pytest.mark.browser


def paint(editor: MaskPage, tool: str, *points: Any) -> None:
    editor.tool(tool)
    editor.drag(*points)


def test_a_patch_has_all_that_python_has_not_taken(editor: MaskPage) -> None:
    paint(editor, "rectangle", (10, 10), (20, 20))
    paint(editor, "rectangle", (100, 100), (120, 120))
    first, second = editor.answers()
    assert (first["version"], second["version"]) == (1, 2)
    assert second["box"][:2] == [9, 9]
    editor.say(taken=1)
    paint(editor, "rectangle", (200, 100), (210, 110))
    assert editor.answers()[-1]["box"][0] == 99
    editor.say(taken=3)
    paint(editor, "rectangle", (200, 100), (230, 120))
    assert editor.answers()[-1]["box"][0] == 199


def test_a_page_that_is_left_has_its_mask_and_its_steps_again(editor: MaskPage) -> None:
    paint(editor, "rectangle", (10, 10), (20, 20))
    editor.close()
    editor.open()
    editor.told = 0
    editor.say()
    assert editor.mask()[15, 15] == 255
    editor.press("Control+z")
    assert editor.mask()[15, 15] == 0


def test_a_stroke_in_the_middle_of_which_the_page_goes(editor: MaskPage) -> None:
    mouse = editor.page.mouse
    mouse.move(*editor.at(30, 30))
    mouse.down()
    mouse.move(*editor.at(100, 30), steps=4)
    editor.close()
    mouse.up()
    editor.open()
    editor.told = 0
    editor.say()
    assert editor.mask()[30, 60] == 255


@pytest.mark.parametrize(("picture", "value"), [("picture", 255), ("another", 0)])
def test_a_new_session_gets_what_the_old_one_did_not_take(
    editor: MaskPage, picture: str, value: int
) -> None:
    paint(editor, "rectangle", (10, 10), (20, 20))
    editor.say("2", picture=picture)
    editor.told = 1
    assert editor.mask()[15, 15] == value


def test_a_message_without_news_leaves_the_mask_alone(editor: MaskPage) -> None:
    paint(editor, "rectangle", (10, 10), (20, 20))
    editor.say(taken=1)
    editor.say(taken=1, frame=[5, 5, 60, 60])
    assert len(editor.answers()) == 1
    assert editor.shown(15, 15)[0] > 120
    frame = editor.page.locator(".frame").bounding_box()
    assert frame
    assert frame["width"] == pytest.approx(55 * 2, abs=4)
