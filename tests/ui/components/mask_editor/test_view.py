"""Zoom, pan and fingers: the mask is painted where the image is seen."""

from importlib.resources import files
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import CDPSession

from tests.ui.components.mask_editor.mask_page import MaskPage

pytestmark = pytest.mark.browser


def zoom(editor: MaskPage) -> str:
    return editor.page.locator(".zoom").inner_text()


def centre(mask: Any) -> tuple[float, float]:
    rows, columns = np.nonzero(mask > 127)
    return (columns.min() + columns.max() + 1) / 2, (rows.min() + rows.max() + 1) / 2


def dab(editor: MaskPage, x: float, y: float) -> tuple[float, float]:
    """A click at a place of the page; where the mask has it."""
    editor.press("[", "[", "[", "[", "[", "[", "[", "[", "[", "[", "[", "[")
    editor.page.mouse.click(x, y)
    return centre(editor.mask())


def test_keys_zoom_about_the_middle(editor: MaskPage) -> None:
    assert zoom(editor) == "200%"
    middle = editor.at(128, 96)
    editor.press("+", "+")
    assert zoom(editor) == "392%"
    assert dab(editor, *middle) == pytest.approx((128, 96), abs=1)
    assert dab_after_undo(editor, middle[0] + 100, middle[1]) == pytest.approx(
        (128 + 100 / 3.92, 96), abs=1
    )
    editor.press("-", "-", "-", "0")
    assert zoom(editor) == "200%"


def dab_after_undo(editor: MaskPage, x: float, y: float) -> tuple[float, float]:
    editor.press("Control+z")
    return dab(editor, x, y)


def test_the_wheel_zooms_about_the_pointer_once_the_editor_is_in_use(editor: MaskPage) -> None:
    place = editor.at(64, 48)
    editor.page.mouse.move(*place)
    editor.page.mouse.wheel(0, -90)
    assert zoom(editor) == "200%"
    editor.page.locator("canvas").focus()
    for _ in range(6):
        editor.page.mouse.wheel(0, -90)
    editor.page.wait_for_function("document.querySelector('.zoom').innerText !== '200%'")
    editor.page.wait_for_timeout(200)
    assert dab(editor, *place) == pytest.approx((64, 48), abs=1)
    for _ in range(9):
        editor.page.mouse.wheel(0, 90)
    editor.page.wait_for_function("document.querySelector('.zoom').innerText === '200%'")


@pytest.mark.parametrize("button", ["left", "middle"])
def test_the_view_is_moved(editor: MaskPage, button: Any) -> None:
    middle = editor.at(128, 96)
    editor.press("+", "+")
    mouse = editor.page.mouse
    mouse.move(*middle)
    if button == "left":
        editor.page.keyboard.down(" ")
    mouse.down(button=button)
    mouse.move(middle[0] + 78, middle[1] + 39, steps=3)
    mouse.up(button=button)
    editor.page.keyboard.up(" ")
    assert editor.answers() == []
    assert dab(editor, *middle) == pytest.approx((108, 86), abs=1)


def test_the_mask_is_hidden_and_still_there(editor: MaskPage) -> None:
    editor.press("f")
    assert editor.shown(100, 100)[0] > 120
    editor.press("h")
    assert editor.shown(100, 100)[0] == 0
    assert editor.mask().min() == 255


def touch(session: CDPSession, kind: str, *points: tuple[float, float]) -> None:
    places = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
    session.send("Input.dispatchTouchEvent", {"type": f"touch{kind}", "touchPoints": places})


@pytest.fixture
def fingers(editor: MaskPage) -> CDPSession:
    session = editor.page.context.new_cdp_session(editor.page)
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})
    return session


def test_one_finger_paints(editor: MaskPage, fingers: CDPSession) -> None:
    touch(fingers, "Start", editor.at(60, 96))
    for x in (100, 140, 180):
        touch(fingers, "Move", editor.at(x, 96))
    touch(fingers, "End")
    assert editor.mask()[96, 70:170].min() == 255
    assert centre(editor.mask()) == pytest.approx((120, 96), abs=2)


def test_two_fingers_zoom_and_paint_nothing(editor: MaskPage, fingers: CDPSession) -> None:
    first, second = editor.at(108, 96), editor.at(148, 96)
    touch(fingers, "Start", first)
    touch(fingers, "Move", editor.at(104, 96))
    touch(fingers, "Start", first, second)
    touch(fingers, "Move", editor.at(88, 96), editor.at(168, 96))
    touch(fingers, "End")
    assert zoom(editor) == "400%"
    assert editor.answers() == []
    assert editor.shown(106, 96)[0] == 0


def test_a_pen_that_hardly_touches_paints_a_thin_line(editor: MaskPage) -> None:
    heights = []
    for pressure in (0.0, 1.0):
        session = editor.page.context.new_cdp_session(editor.page)
        for kind, x in (("mousePressed", 60), ("mouseMoved", 180), ("mouseReleased", 180)):
            px, py = editor.at(x, 96)
            event = {"type": kind, "x": px, "y": py, "button": "left", "buttons": 1}
            pen = {"pointerType": "pen", "force": pressure, "clickCount": 1}
            session.send("Input.dispatchMouseEvent", {**event, **pen})
        rows, _ = np.nonzero(editor.mask() > 127)
        heights.append(rows.max() - rows.min() + 1)
        editor.press("Control+z")
    assert heights[0] == pytest.approx(0.3 * 24.4, abs=2)
    assert heights[1] == pytest.approx(24.4, abs=2)


def test_axe_finds_nothing(editor: MaskPage) -> None:
    """Names, roles and contrast: https://github.com/dequelabs/axe-core."""
    editor.say(figures=[{"head": [], "hands": [], "figure": []}], frame=[9, 9, 99, 99])
    editor.tool("help")
    editor.page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text("utf-8"))
    found = editor.page.evaluate("axe.run('.root').then(({ violations }) => violations)")
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == []
