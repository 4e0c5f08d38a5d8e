"""The pose editor by keyboard, by finger and for screen readers."""

import pytest
from playwright.sync_api import expect

from formats.openpose.skeleton import Point
from tests.browser.pose_editor.editor_driver import place
from tests.browser.pose_studio.figure_checks import LEFT_SHOULDER, WRIST, Open, near, off

pytestmark = pytest.mark.browser


def test_keys_walk_nudge_and_undo(editor: Open) -> None:
    page = editor()
    start = page.held()
    x, y = place(start.people[0].body, WRIST)
    keyboard = page.page.keyboard
    page.joint("right wrist").focus()
    for key in ["ArrowRight", "ArrowRight", "Shift+ArrowDown"]:
        keyboard.press(key)
    page.until(lambda pose: near(pose.people[0].body[WRIST], (x + 2, y + 10), 0.01))
    assert page.page.locator("svg.canvas .ring").get_attribute("display") == "inline"
    label = page.joint("right wrist").get_attribute("aria-label")
    assert label == f"person 1, right wrist, x {x + 2:.0f}, y {y + 10:.0f}"
    keyboard.press("Tab")
    keyboard.press("ArrowUp")
    above = off(place(start.people[0].body, LEFT_SHOULDER), 0, -1)
    page.until(lambda pose: near(pose.people[0].body[LEFT_SHOULDER], above, 0.01))
    keyboard.press("Control+z")
    keyboard.press("Control+z")
    page.until(lambda pose: pose == start)


def test_the_tool_bar_is_one_tab_stop_and_is_walked_by_arrow_keys(editor: Open) -> None:
    page = editor()
    bar, keyboard = page.page.locator(".tools"), page.page.keyboard
    assert bar.locator("button[tabindex='0']").count() == 1
    bar.locator("button[tabindex='0']").focus()
    keyboard.press("Home")
    keyboard.press("ArrowLeft")
    assert bar.locator("button:focus").get_attribute("data-tool") == "help"
    keyboard.press("Enter")
    assert bar.locator("button:focus").get_attribute("aria-expanded") == "true"
    expect(page.page.get_by_text("Drag a joint")).to_be_visible()
    keyboard.press("Enter")
    expect(page.page.get_by_text("Drag a joint")).to_be_hidden()
    keyboard.press("Tab")
    assert page.page.locator("svg.canvas:focus").count() == 1
    keyboard.press("Tab")
    label = page.page.locator("circle.joint:focus").get_attribute("aria-label") or ""
    assert label.startswith("person 1, nose,")


def test_everything_has_a_name_for_screen_readers(editor: Open) -> None:
    page = editor("hands=1&picture=1")
    page.page.locator("[data-hand=right_hand]").select_option("fist")
    page.until(lambda pose: pose.people[0].right_hand is not None)
    nameless = page.page.locator(".root[data-rev]").evaluate(NAMELESS)
    assert nameless == []


NAMELESS = """root => [...root.querySelectorAll("button, select, input, [role]")]
  .filter(one => one.closest("[display=none], [hidden]") === null)
  .filter(one => !["menu", "status"].includes(one.getAttribute("role")))
  .filter(one => !(one.getAttribute("aria-label") || one.labels?.[0]?.textContent.trim()))
  .map(one => one.outerHTML.slice(0, 120))"""


def test_fingers_zoom_and_open_the_menu(editor: Open) -> None:
    phone = {"width": 390, "height": 844}
    page = editor("phone=3", viewport=phone, has_touch=True, is_mobile=True)
    zoom = page.page.locator(".zoom")
    before = zoom.text_content()
    page.touch([(200, 250), (150, 250), (100, 250)], [(300, 250), (350, 250), (400, 250)])
    expect(zoom).not_to_have_text(before or "")
    page.page.locator("[data-tool=fit]").tap()
    expect(zoom).to_have_text(before or "")
    wrist = place(page.held().people[0].body, WRIST)
    page.touch([wrist], hold=700)
    page.page.get_by_role("menuitem", name="Hide joint").tap()
    hidden = Point(x=wrist[0], y=wrist[1], hidden=True)
    page.until(lambda pose: pose.people[0].body[WRIST] == hidden)


def test_a_finger_finds_everything_on_a_phone(editor: Open) -> None:
    phone = {"width": 390, "height": 844}
    page = editor("phone=2&hands=1", viewport=phone, has_touch=True, is_mobile=True)
    small = page.page.locator(".root[data-rev]").evaluate(
        "root => [...root.querySelectorAll('button, select')].filter(one => one.offsetParent)"
        ".filter(one => Math.min(one.offsetWidth, one.offsetHeight) < 44)"
        ".map(one => one.outerHTML.slice(0, 80))"
    )
    assert small == []
    assert page.page.evaluate("document.documentElement.scrollWidth") <= phone["width"]


def test_a_finger_drags_a_joint_on_a_phone(editor: Open) -> None:
    phone = {"width": 390, "height": 844}
    page = editor("phone=1", viewport=phone, has_touch=True, is_mobile=True)
    wrist = place(page.held().people[0].body, WRIST)
    page.touch([wrist, off(wrist, -30, -20), off(wrist, -60, -40)])
    page.until(lambda pose: near(pose.people[0].body[WRIST], off(wrist, -60, -40), 2))
    assert page.page.evaluate("document.documentElement.scrollWidth") <= phone["width"]
