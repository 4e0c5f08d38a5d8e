"""Each key on the canvas and what it does; the answers are what Python gets to hear."""

import math
from typing import Any, Final

import pytest
from playwright.sync_api import Page

from formats.openpose.skeleton import Skeleton
from poses.preset_poses import default_pose
from tests.support.soak import some
from tests.ui.components.figures import at, box, moved, place
from tests.ui.components.pose_editor.editor_page import EditorPage

pytestmark = pytest.mark.browser

POSE: Final = default_pose()
FIGURE: Final = POSE.people[0].model_dump(mode="json")
WRIST: Final = place(FIGURE, "right wrist")
LEFT, TOP, RIGHT, BOTTOM = box(FIGURE)


@pytest.fixture
def editor(empty_page: Page) -> EditorPage:
    """With the default figure, nothing chosen."""
    opened = EditorPage(empty_page)
    opened.say(POSE)
    return opened


def press(editor: EditorPage, *keys: str, count: int = 1) -> dict[str, Any]:
    """Press keys where the focus is. Returns the only person, once there are so many answers."""
    for key in keys:
        editor.page.keyboard.press(key)
    (one,) = editor.answer(count)["people"]
    return dict(one)


@pytest.mark.parametrize(
    ("keys", "dx", "dy"),
    [
        (["ArrowRight"], 1, 0),
        pytest.param(["ArrowLeft"], -1, 0, marks=pytest.mark.soak),
        pytest.param(["ArrowUp"], 0, -1, marks=pytest.mark.soak),
        pytest.param(["ArrowDown"], 0, 1, marks=pytest.mark.soak),
        pytest.param(["Shift+ArrowRight"], 10, 0, marks=pytest.mark.soak),
        (["Shift+ArrowUp"], 0, -10),
        (["ArrowRight", "ArrowRight", "ArrowDown"], 2, 1),
    ],
)
def test_arrows_move_the_chosen_joint_in_one_answer(
    editor: EditorPage, keys: list[str], dx: float, dy: float
) -> None:
    editor.joint("right wrist").focus()
    one = press(editor, *keys)
    assert moved(FIGURE, one) == {"right wrist"}
    assert place(one, "right wrist") == pytest.approx((WRIST[0] + dx, WRIST[1] + dy))


@pytest.mark.parametrize("key", ["Delete", "Backspace"])
def test_erasing_hides_the_joint_and_shows_it_again(editor: EditorPage, key: str) -> None:
    editor.joint("right wrist").focus()
    assert press(editor, key)["body"][4] == at(*WRIST, hidden=True)
    assert press(editor, key, count=2) == FIGURE


@pytest.mark.parametrize(
    ("key", "degrees", "factor"),
    [("]", 5, 1), ("[", -5, 1), (".", 0, 1.05), (",", 0, 1 / 1.05)],
)
def test_a_person_is_turned_and_scaled_about_its_middle(
    editor: EditorPage, key: str, degrees: float, factor: float
) -> None:
    editor.joint("nose").focus()
    one = press(editor, key)
    cx, cy = (LEFT + RIGHT) / 2, (TOP + BOTTOM) / 2
    x, y = WRIST[0] - cx, WRIST[1] - cy
    angle = math.radians(degrees)
    expected = (
        cx + factor * (x * math.cos(angle) - y * math.sin(angle)),
        cy + factor * (x * math.sin(angle) + y * math.cos(angle)),
    )
    assert place(one, "right wrist") == pytest.approx(expected, abs=0.02)


@pytest.mark.parametrize(
    ("undo", "redo"),
    [
        ("Control+z", "Control+y"),
        ("Control+z", "Control+Shift+Z"),
        ("Meta+z", "Meta+Shift+Z"),
        ("Control+Z", "Meta+y"),
    ],
)
def test_undo_and_redo(editor: EditorPage, undo: str, redo: str) -> None:
    editor.joint("right wrist").focus()
    nudged = press(editor, "ArrowRight")
    assert press(editor, undo, count=2) == FIGURE
    assert press(editor, redo, count=3) == nudged


def test_key_presses_that_follow_each_other_are_one_step(editor: EditorPage) -> None:
    editor.joint("right wrist").focus()
    press(editor, "ArrowRight", "Shift+ArrowDown")
    assert press(editor, "Control+z", count=2) == FIGURE


def test_undo_comes_before_the_pause_of_a_nudge_is_over(editor: EditorPage) -> None:
    editor.joint("right wrist").focus()
    assert press(editor, "ArrowRight", "Control+z", count=2) == FIGURE


@pytest.mark.parametrize(
    ("keys", "zoom"),
    [(["+"], 1.4), (["="], 1.4), (["+", "+"], 1.96), (["+", "-"], 1), (["-"], 1), (["+", "0"], 1)],
)
def test_zoom(editor: EditorPage, keys: list[str], zoom: float) -> None:
    before = float(editor.text("zoom").removesuffix(" %"))
    editor.page.locator("svg.canvas").focus()
    for key in keys:
        editor.page.keyboard.press(key)
    assert float(editor.text("zoom").removesuffix(" %")) == pytest.approx(before * zoom, abs=1)


def test_arrows_move_a_whole_person_that_is_chosen_and_erasing_removes_it(
    editor: EditorPage,
) -> None:
    choose_limb(editor)
    one = press(editor, "Shift+ArrowLeft")
    assert box(one) == pytest.approx((LEFT - 10, TOP, RIGHT - 10, BOTTOM))
    editor.page.keyboard.press("Delete")
    assert editor.answer(2)["people"] == []


def choose_limb(editor: EditorPage) -> None:
    """Click the middle of the right thigh, which chooses the person."""
    hip, knee = editor.joint("right hip").bounding_box(), editor.joint("right knee").bounding_box()
    assert hip
    assert knee
    x, y = (hip["x"] + knee["x"] + hip["width"]) / 2, (hip["y"] + knee["y"] + hip["height"]) / 2
    editor.page.mouse.click(x, y)


@pytest.mark.parametrize("key", ["Enter", "ContextMenu"])
def test_a_key_opens_the_menu_whose_items_are_walked(editor: EditorPage, key: str) -> None:
    editor.joint("right wrist").focus()
    editor.page.keyboard.press(key)
    focused = editor.page.locator("[role=menuitem]:focus")
    assert focused.inner_text() == "Hide joint"
    editor.page.keyboard.press("ArrowUp")
    assert focused.inner_text() == "Remove person"
    editor.page.keyboard.press("ArrowDown")
    assert press(editor, "Enter")["body"][4] == at(*WRIST, hidden=True)


def test_escape_lets_go_of_the_menu_then_of_the_joint(editor: EditorPage) -> None:
    editor.joint("right wrist").focus()
    editor.page.keyboard.press("Enter")
    editor.page.keyboard.press("Escape")
    assert editor.page.locator("[role=menuitem]:focus").count() == 0
    assert editor.text("about").startswith("Person 1 · right wrist")
    editor.page.keyboard.press("Escape")
    assert editor.text("about") == "1 person"
    assert editor.answers() == []


def test_escape_takes_a_drag_back(editor: EditorPage) -> None:
    wrist = editor.joint("right wrist").bounding_box()
    assert wrist
    editor.page.mouse.move(wrist["x"] + 3, wrist["y"] + 3)
    editor.page.mouse.down()
    editor.page.mouse.move(wrist["x"] + 60, wrist["y"] + 3, steps=3)
    editor.page.wait_for_function(
        "([node, x]) => Number(node.getAttribute('cx')) > x + 20",
        arg=[editor.joint("right wrist").element_handle(), WRIST[0]],
    )
    editor.page.keyboard.press("Escape")
    editor.page.mouse.up()
    assert editor.shown("right wrist") == WRIST
    assert editor.answers() == []


@pytest.mark.parametrize(
    "key", some(("Control+ArrowRight", "Meta+Delete", "Control+]", "a", "F2"), 2)
)
def test_other_keys_are_left_to_the_browser(editor: EditorPage, key: str) -> None:
    editor.joint("right wrist").focus()
    heard = editor.page.evaluate_handle(
        "() => { const heard = []; document.addEventListener('keydown',"
        " (event) => heard.push(event.defaultPrevented)); return heard; }"
    )
    editor.page.keyboard.press(key)
    assert not any(heard.json_value())
    assert heard.json_value()
    assert editor.shown("right wrist") == WRIST


@pytest.mark.parametrize(
    ("keys", "tool"),
    [
        (["End"], "help"),
        (["Home"], "add"),
        (["Home", "ArrowLeft"], "help"),
        (["Home", "ArrowRight"], "duplicate"),
    ],
)
def test_the_tool_bar_is_walked(editor: EditorPage, keys: list[str], tool: str) -> None:
    editor.page.locator(".tools button:enabled").first.focus()
    for key in keys:
        editor.page.keyboard.press(key)
    assert editor.page.locator(".tools button:focus").get_attribute("data-tool") == tool


def test_no_key_does_anything_where_nobody_stands(editor: EditorPage) -> None:
    editor.say(Skeleton(width=512, height=512, people=()), rev="2")
    editor.page.locator("svg.canvas").focus()
    for key in ("ArrowLeft", "Delete", "[", ".", "Enter"):
        editor.page.keyboard.press(key)
    assert editor.answers() == []
