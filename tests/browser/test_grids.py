"""A grid of two seeds by two numbers of steps, which fills in and whose cells open their jobs."""

import io
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.app_process import running
from tests.browser.conftest import NewPage
from tests.browser.studio_page import StudioPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_grid_fills_in_and_a_cell_opens_its_job(tmp_path: Path, new_page: NewPage) -> None:
    with running(tmp_path / "data", demo=True) as app:
        user = StudioPage(new_page(), app.url)
        user.open("/endpoints")
        user.is_in_service()
        user.go("Generate")
        choose(user, "Script", "X/Y/Z plot")
        user.box("X values", "5-6")
        choose(user, "Y type", "Steps")
        user.box("Y values", "2, 4")
        user.page.keyboard.press("Tab")
        user.sees("4 jobs")
        user.page.keyboard.press("Control+Enter")
        cells = user.page.locator(".st-key-grid-result button.cell")
        expect(cells).to_have_count(4)
        user.sees("4 of 4 pictures", 180)
        expect(cells.locator("img")).to_have_count(4)
        assert sheet(user).size[0] > 2 * 256
        name = "Seed: 6 · Steps: 4: succeeded"
        cells.and_(user.page.get_by_role("button", name=name)).click()
        user.sees("256 x 256")
        user.finished()
        user.sees("Steps")


def choose(user: StudioPage, box: str, option: str) -> None:
    user.page.get_by_role("combobox", name=box).click()
    user.page.get_by_role("option", name=option, exact=True).click()


def sheet(user: StudioPage) -> Image.Image:
    with user.page.expect_download() as waiting:
        user.button("Download the sheet")
    with Image.open(io.BytesIO(waiting.value.path().read_bytes())) as picture:
        return picture.copy()
