"""Zoom keeps the point under the pointer, and an image never leaves its box."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.ui.components.module_page import FOLDER, url_of

pytestmark = pytest.mark.browser

BOX = {"width": 400, "height": 200}


def call(page: Page, name: str, *arguments: Any) -> Any:
    url = url_of(FOLDER / "jobs" / "viewer" / "pan_zoom.js")
    script = "async ([url, name, given]) => (await import(url))[name](...given)"
    return page.evaluate(script, [url, name, list(arguments)])


def view(scale: float, x: float, y: float) -> dict[str, float]:
    return {"scale": scale, "x": x, "y": y}


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        (view(1, 0, 0), view(1, 0, 0)),
        (view(1, 50, -50), view(1, 0, 0)),
        (view(0.5, -9, -9), view(1, 0, 0)),
        (view(2, -100, -50), view(2, -100, -50)),
        (view(2, 10, 10), view(2, 0, 0)),
        (view(2, -900, -900), view(2, -400, -200)),
        (view(99, 0, 0), view(32, 0, 0)),
    ],
)
def test_clamped(empty_page: Page, asked: dict[str, float], shown: dict[str, float]) -> None:
    assert call(empty_page, "clamped", asked, BOX) == shown


@pytest.mark.parametrize(
    ("before", "factor", "point", "after"),
    [
        (view(1, 0, 0), 2, (200, 100), view(2, -200, -100)),
        (view(1, 0, 0), 2, (0, 0), view(2, 0, 0)),
        (view(1, 0, 0), 4, (400, 200), view(4, -1200, -600)),
        (view(4, -1200, -600), 0.25, (10, 10), view(1, 0, 0)),
        (view(2, -100, -50), 0.1, (0, 0), view(1, 0, 0)),
        (view(16, 0, 0), 4, (0, 0), view(32, 0, 0)),
    ],
)
def test_zoomed(
    empty_page: Page,
    before: dict[str, float],
    factor: float,
    point: tuple[int, int],
    after: dict[str, float],
) -> None:
    where = {"x": point[0], "y": point[1]}
    assert call(empty_page, "zoomed", before, factor, where, BOX) == after


@pytest.mark.parametrize(
    ("width", "height", "pixel_ratio", "scale"),
    [
        (400, 200, 1, 1),
        (1600, 800, 1, 4),
        (1600, 800, 2, 2),
        (800, 1600, 1, 8),
        (100, 50, 1, 1),
        (64_000, 64_000, 1, 32),
    ],
)
def test_one_pixel_for_one(
    empty_page: Page, width: int, height: int, pixel_ratio: float, scale: float
) -> None:
    natural = {"width": width, "height": height}
    assert call(empty_page, "actualScale", natural, BOX, pixel_ratio) == pytest.approx(scale)
