"""Styles as an artist uses them: a file comes in, two are chosen, the job tells of them."""

from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import expect

from tests.browser.app_process import running
from tests.browser.conftest import NewPage
from tests.browser.studio_page import StudioPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CSV: Final = (
    "\ufeffname,prompt,negative_prompt\n"
    'Ink,"ink drawing of {prompt}","colour, blur"\n'
    "#--- films ---,,\n"
    'Film,"film still, {prompt}, grain",\n'
)


def test_two_styles_of_a_file_make_a_picture(tmp_path: Path, new_page: NewPage) -> None:
    file = tmp_path / "styles.csv"
    file.write_text(CSV, "utf-8")
    with running(tmp_path / "data", demo=True) as app:
        user = StudioPage(new_page(), app.url)
        user.open("/endpoints")
        user.is_in_service()
        user.go("Generate")
        user.button("Library")
        library = user.page.get_by_role("dialog")
        library.locator("input[type=file]").set_input_files(file)
        expect(library.get_by_text("2 new, 0 with other words")).to_be_visible()
        library.get_by_role("button", name="Import 2 styles").click()
        uses = library.get_by_role("button", name="Use", exact=True)
        expect(uses).to_have_count(2)
        for number in (1, 0):  # Ink, then Film around it
            uses.nth(number).click()
            expect(uses.nth(number)).to_be_disabled()
        library.get_by_role("button", name="Close").click()
        expect(library).to_be_hidden()
        user.small(64, 2)
        user.sends("a dog")
        job = user.finished()
        user.open(f"/jobs?job={job}")
        user.sees("film still, ink drawing of a dog, grain")
        styles = user.page.locator("table.parameters tr", has_text="Styles")
        expect(styles).to_contain_text("Ink, Film")
