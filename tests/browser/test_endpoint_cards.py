"""An endpoint's card: what can be done to it stays in one line, whatever it is called."""

from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.app_process import App, running
from tests.browser.conftest import NewPage
from tests.browser.studio_page import StudioPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME: Final = "never-stop-typing-again"
"""Ends like keys of the style sheet, which hides words and lifts elements out of the page."""

NARROW: Final = {"width": 390, "height": 844}
CONTRAST: Final = """element => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const paint = (...colours) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map(value => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
  };
  const light = ([red, green, blue]) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  const ground = [];
  for (let at = element; at; at = at.parentElement) {
    ground.unshift(getComputedStyle(at).backgroundColor);
  }
  const [text, below] = [[...ground, getComputedStyle(element).color], ground].map(
    colours => light(paint(...colours)));
  return (Math.max(text, below) + 0.05) / (Math.min(text, below) + 0.05);
}"""
"""The contrast of WCAG 2.1, 1.4.3: the text's colour over all grounds below it."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, new_session: NewPage) -> Iterator[App]:
    """A dashboard with a real-time endpoint InService."""
    with running(tmp_path_factory.mktemp("cards") / "data") as started:
        user = StudioPage(new_session(), started.url)
        user.open("/endpoints")
        user.page.get_by_text("Real-time", exact=True).first.click()
        expect(user.page.get_by_role("spinbutton", name="Instances", exact=True)).to_be_visible()
        user.box("Name", NAME)
        user.button("Create endpoint")
        user.is_in_service()
        yield started


@pytest.fixture
def page(app: App, new_page: NewPage) -> Page:
    """The Endpoints page."""
    page = new_page()
    page.goto(f"{app.url}/endpoints")
    expect(button(page, "Update")).to_be_visible()
    return page


def card(page: Page) -> Locator:
    return page.locator(f".st-key-endpoint-{NAME}")


def button(page: Page, name: str) -> Locator:
    return card(page).get_by_role("button", name=name, exact=True)


def word(page: Page, name: str) -> Locator:
    """The text on a button."""
    return card(page).get_by_role("button").get_by_text(name, exact=True).first


def box(locator: Locator) -> tuple[float, float, float]:
    """Left, top and width of an element."""
    found = locator.bounding_box()
    assert found
    return found["x"], found["y"], found["width"]


def test_every_button_says_its_word_and_stands_in_the_line(page: Page) -> None:
    names = ("Charts", "Limits", "Update", "Stop")
    places = [box(word(page, name)) for name in names]
    assert [x for x, _, _ in places] == sorted(x for x, _, _ in places)
    assert all(width > 20 for _, _, width in places)
    assert max(y for _, y, _ in places) - min(y for _, y, _ in places) < 4


def test_a_narrow_screen_holds_the_card(page: Page) -> None:
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    for name in ("Charts", "Limits", "Update", "Stop", "Delete"):
        x, _, width = box(word(page, name))
        assert x >= 0
        assert x + width <= NARROW["width"]
    assert abs(box(button(page, "Delete"))[1] - box(card(page).get_by_text(NAME))[1]) < 60


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_small_texts_and_chosen_days_can_be_read(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.reload()
    page.get_by_text("Office hours and end date").click()
    page.get_by_text("Keep instances running in office hours").click()
    day = page.get_by_role("button", name="Mon", exact=True).get_by_text("Mon")
    expect(day).to_be_visible()
    note = card(page).get_by_text("costs nothing")
    assert day.evaluate(CONTRAST) >= 4.5
    assert note.evaluate(CONTRAST) >= 4.5


def test_the_charts_show_a_whole_day(page: Page) -> None:
    button(page, "Charts").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text(f"{NAME}: the last 24 hours")).to_be_visible()
    expect(dialog.get_by_text("Seconds for a picture")).to_be_visible()
    expect(dialog.get_by_text("Reading from CloudWatch")).to_have_count(0)
