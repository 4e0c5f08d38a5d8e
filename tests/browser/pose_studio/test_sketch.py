"""A sketch in the browser becomes a figure, or goes to a unit as it is."""

from functools import partial

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app_process import App
from tests.browser.pose_studio.pose_studio_page import PHOTO, SIDE, WRIST, PoseStudio, loads, same
from tests.support.helpers import wait_for

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTH = 520
"""Of the canvas that these strokes are on, and its height."""

STROKES = (
    [
        (260, 60),
        (295, 75),
        (310, 110),
        (295, 145),
        (260, 160),
        (225, 145),
        (210, 110),
        (225, 75),
        (260, 60),
    ],
    [(260, 160), (260, 330)],
    [(260, 190), (200, 240), (150, 300)],
    [(260, 190), (320, 240), (370, 300)],
    [(260, 330), (225, 410), (205, 490)],
    [(260, 330), (295, 410), (315, 490)],
)


def sketched(page: Page, app: App) -> None:
    canvas = page.locator(".st-key-sketch-canvas canvas")
    expect(canvas).to_be_visible()
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    before, scale = app.strokes("strokes.json"), box["width"] / WIDTH
    for number, (first, *rest) in enumerate(STROKES, 1):
        page.mouse.move(box["x"] + first[0] * scale, box["y"] + first[1] * scale)
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(box["x"] + x * scale, box["y"] + y * scale, steps=4)
        page.mouse.up()
        wait_for(partial(told, app, before + number))


def told(app: App, strokes: int) -> bool:
    """Whether so many are kept."""
    return app.strokes("strokes.json") == strokes


def test_a_sketch_becomes_a_figure(studio: PoseStudio, dashboard: App) -> None:
    old = studio.map()
    studio.page.get_by_text("Sketch", exact=True).first.click()
    sketched(studio.page, dashboard)
    studio.button("Make a skeleton of it")
    expect(studio.joint(WRIST)).to_be_visible()
    loads(studio, lambda: not same(studio.map(), old))
    (person,) = studio.pose().people
    scale = SIDE / WIDTH
    nose, hand, foot = (person.body[index] for index in (0, 4, 13))
    assert nose
    assert hand
    assert foot
    assert abs(nose.x - 260 * scale) < 15
    assert abs(hand.x - 150 * scale) < 15
    assert abs(foot.y - 490 * scale) < 15


def test_a_photo_may_lie_under_a_sketch(studio: PoseStudio) -> None:
    studio.page.get_by_text("Sketch", exact=True).first.click()
    expect(studio.page.locator(".st-key-sketch-canvas canvas")).to_be_visible()
    studio.give("astronaut.jpg", "image/jpeg", PHOTO.read_bytes())
    studio.sees("Draw over it")
    expect(studio.page.locator(".st-key-sketch-canvas canvas")).to_be_visible()
    studio.page.get_by_role("button", name="Remove astronaut.jpg").click()
    studio.page.get_by_text("Pose editor", exact=True).first.click()
    expect(studio.joint(WRIST)).to_be_visible()
    expect(studio.page.locator("svg.canvas image")).to_be_hidden()


def test_strokes_survive_a_reload(studio: PoseStudio, dashboard: App) -> None:
    studio.page.get_by_text("Sketch", exact=True).first.click()
    sketched(studio.page, dashboard)
    studio.button("Use the sketch as it is")
    drawn = studio.page.get_by_alt_text("The sketch on the drawing board")
    expect(drawn.first).to_be_visible()
    studio.page.reload()
    studio.open_studio()
    expect(drawn.first).to_be_visible()
    studio.page.get_by_text("Sketch", exact=True).first.click()
    studio.button("Make a skeleton of it")
    expect(studio.joint(WRIST)).to_be_visible()
