"""The frame of outpaint: edges that are dragged, and moved by keys."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from PIL import Image
from playwright.sync_api import Page

from tests.ui.components.mask_editor.mask_page import url
from tests.ui.components.module_page import FOLDER, url_of
from ui.texts.form import outpaint as texts

pytestmark = pytest.mark.browser

_ENTRY: Final = FOLDER / "form" / "outpaint_frame" / "index.js"
_MOUNT: Final = """async ([url, style, data]) => {
  const { default: draw } = await import(url);
  const sheet = Object.assign(document.createElement("style"), { textContent: style });
  const host = document.createElement("div");
  host.style.width = "600px";
  host.innerHTML = "<div class='root'></div>";
  document.body.replaceChildren(sheet, host);
  window.answers = [];
  const setStateValue = (name, value) => window.answers.push(value);
  draw({ data, parentElement: host, setStateValue });
}"""


@pytest.fixture
def answers(empty_page: Page) -> Callable[[], list[dict[str, Any]]]:
    """What the frame of an image of 400 x 300 pixels said so far."""
    data = {
        "image": url(Image.new("RGB", (400, 300), "navy")),
        "width": 400,
        "height": 300,
        "margins": {"left": 64, "right": 0, "up": 0, "down": 0},
        "most": 2048,
        "step": 8,
        "texts": {**texts.FRAME, "size": "the image"},
    }
    style = (_ENTRY.parent / "style.css").read_text("utf-8")
    empty_page.evaluate(_MOUNT, [url_of(_ENTRY), style, data])
    empty_page.get_by_role("slider", name="Left edge").wait_for()
    return lambda: list(empty_page.evaluate("window.answers"))


@pytest.mark.parametrize(
    ("edge", "by", "side", "pixels"),
    [
        ("Left edge", (-60, 0), "left", 128),
        ("Left edge", (300, 0), "left", 0),
        ("Right edge", (60, 0), "right", 64),
        ("Upper edge", (0, -30), "up", 32),
        ("Lower edge", (10, 60), "down", 64),
        ("Lower edge", (0, -60), None, 0),
    ],
)
def test_an_edge_is_dragged(
    empty_page: Page,
    answers: Callable[[], list[dict[str, Any]]],
    edge: str,
    by: tuple[int, int],
    side: str | None,
    pixels: int,
) -> None:
    """664 pixels of image, frame and room are 600 pixels of the page wide."""
    box = empty_page.get_by_role("slider", name=edge).bounding_box()
    assert box
    x, y = box["x"] + 12, box["y"] + 12
    empty_page.mouse.move(x, y)
    empty_page.mouse.down()
    empty_page.mouse.move(x + by[0], y + by[1], steps=4)
    empty_page.mouse.up()
    if side is None:
        assert answers() == []
        return
    (margins,) = answers()
    assert margins[side] == pixels
    assert {name: margins[name] for name in margins if name != side} == {
        name: 64 if name == "left" else 0 for name in margins if name != side
    }


@pytest.mark.parametrize(
    ("edge", "key", "side", "pixels"),
    [
        ("Left edge", "ArrowLeft", "left", 72),
        ("Left edge", "ArrowRight", "left", 56),
        ("Right edge", "Shift+ArrowRight", "right", 64),
        ("Upper edge", "ArrowUp", "up", 8),
        ("Lower edge", "ArrowUp", "down", 0),
    ],
)
def test_an_edge_is_moved_by_keys(
    empty_page: Page,
    answers: Callable[[], list[dict[str, Any]]],
    edge: str,
    key: str,
    side: str,
    pixels: int,
) -> None:
    handle = empty_page.get_by_role("slider", name=edge)
    handle.press(key)
    assert answers()[-1][side] == pixels
    assert handle.get_attribute("aria-valuenow") == str(pixels)
    assert handle.get_attribute("aria-valuetext") == f"{pixels} pixels added"
