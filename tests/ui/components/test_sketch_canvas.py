"""The freehand canvas: strokes, undo, redo and clear, and what Python is told of them."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from playwright.sync_api import Page

from tests.ui.components.module_page import FOLDER, url_of
from ui.texts.pose.sketch import TEXTS

pytestmark = pytest.mark.browser

_ENTRY: Final = FOLDER / "form" / "sketch_canvas" / "index.js"
_MOUNT: Final = """async ([url, style, data]) => {
  const { default: draw } = await import(url);
  const sheet = Object.assign(document.createElement("style"), { textContent: style });
  const host = document.createElement("div");
  host.style.width = "512px";
  host.innerHTML = "<div class='root'></div>";
  document.body.replaceChildren(sheet, host);
  window.answers ??= [];
  const setStateValue = (name, value) => window.answers.push(value);
  return draw({ data, parentElement: host, setStateValue });
}"""
LOADED: Final = [[[10, 10], [100, 100]]]


@pytest.fixture
def shown(empty_page: Page) -> Callable[..., Any]:
    """Shows the canvas of 256 x 256 pixels with the strokes of a message."""

    def show(rev: str = "a", **more: Any) -> Any:
        data = {
            "rev": rev,
            "width": 256,
            "height": 256,
            "strokes": LOADED,
            "background": None,
            "pen": 3,
            "colour": "#1f6f63",
            "texts": TEXTS,
            **more,
        }
        style = (_ENTRY.parent / "style.css").read_text("utf-8")
        return empty_page.evaluate_handle(_MOUNT, [url_of(_ENTRY), style, data])

    return show


def answers(page: Page) -> list[dict[str, Any]]:
    return list(page.evaluate("window.answers"))


def stroke(page: Page, *points: tuple[float, float]) -> None:
    """In pixels of the request; the canvas is 510 pixels wide on the page."""
    box = page.locator("canvas").bounding_box()
    assert box
    scale = box["width"] / 256
    (x, y), *rest = points
    page.mouse.move(box["x"] + x * scale, box["y"] + y * scale)
    page.mouse.down()
    for x, y in rest:
        page.mouse.move(box["x"] + x * scale, box["y"] + y * scale)
    page.mouse.up()


def test_a_stroke_is_told_in_pixels_of_the_request(
    empty_page: Page, shown: Callable[..., Any]
) -> None:
    shown()
    stroke(empty_page, (20, 200), (120, 200), (120, 60))
    (told,) = answers(empty_page)
    assert told["rev"] == "a"
    assert told["strokes"][0] == LOADED[0]
    assert [point for x, y in told["strokes"][1] for point in (x, y)] == pytest.approx(
        [20, 200, 120, 200, 120, 60], abs=0.6
    )


@pytest.mark.parametrize(
    ("keys", "counts"),
    [
        (["Control+z"], [2, 1]),
        (["Control+z", "Control+z"], [2, 1]),
        (["Control+z", "Control+Shift+Z"], [2, 1, 2]),
        (["Control+z", "Control+y", "Control+y"], [2, 1, 2]),
        (["clear"], [2, 0]),
        (["clear", "Control+z"], [2, 0, 2]),
    ],
)
def test_steps(
    empty_page: Page, shown: Callable[..., Any], keys: list[str], counts: list[int]
) -> None:
    shown()
    stroke(empty_page, (20, 200), (120, 200))
    for key in keys:
        if key == "clear":
            empty_page.get_by_role("button", name="Clear the sketch").click()
        else:
            empty_page.locator("canvas").press(key)
    assert [len(told["strokes"]) for told in answers(empty_page)] == counts


def test_a_dot_is_no_stroke(empty_page: Page, shown: Callable[..., Any]) -> None:
    shown()
    stroke(empty_page, (20, 200), (20, 200))
    assert answers(empty_page) == []


def test_a_page_that_is_drawn_anew_has_its_strokes_and_steps(
    empty_page: Page, shown: Callable[..., Any]
) -> None:
    shown().evaluate("close => close()")
    stroke(empty_page, (20, 200), (120, 200))
    shown(strokes=LOADED)
    assert len(answers(empty_page)[-1]["strokes"]) == 2
    empty_page.locator("canvas").press("Control+z")
    assert answers(empty_page)[-1]["strokes"] == LOADED
    shown("b", strokes=[])
    stroke(empty_page, (20, 200), (120, 200))
    assert len(answers(empty_page)[-1]["strokes"]) == 1
