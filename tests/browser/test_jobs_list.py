"""The list of jobs as somebody works with it: search, filters, gallery, selection, keys."""

import re
from typing import Final

import pytest
from playwright.sync_api import Page, expect

from core.jobs.records import JobState
from core.jobs.store.sqlite import SqliteJobStore
from tests.browser.app_process import App
from tests.browser.conftest import NewPage
from tests.core.jobs.store.jobs import job

pytestmark = [pytest.mark.browser, pytest.mark.slow]

COUNT: Final = 70


@pytest.fixture(scope="module")
def filled(dashboard: App) -> App:
    """With jobs of which every tenth is of a cat, and every second of these is black."""
    store = SqliteJobStore(dashboard.data / "jobs.sqlite")
    for number in range(COUNT):
        what = ("a cat", "a black cat")[number // 10 % 2] if number % 10 == 0 else "a dog"
        store.add(
            job(
                -number,
                owner="local",
                state=JobState.FAILED,
                prompt=f"{what}, number {number}",
                tags=("keeper",) if number == 1 else (),
            )
        )
    store.close()
    return dashboard


def shows(page: Page, count: int) -> None:
    expect(page.locator(".row")).to_have_count(count)


def test_jobs_are_found_looked_through_and_selected(filled: App, new_page: NewPage) -> None:
    page = new_page()
    page.goto(f"{filled.url}/jobs")
    shows(page, 50)
    search = page.get_by_role("searchbox", name="Search the jobs")
    search.fill("cat -black")
    search.press("Enter")
    shows(page, 4)
    expect(page).to_have_url(re.compile(r"q=cat\+-black"))
    page.reload()
    shows(page, 4)
    expect(page.get_by_text("failed · 4")).to_be_visible()

    rows = page.locator(".row")
    rows.nth(0).locator(".tick input").click()
    rows.nth(2).locator(".tick input").click(modifiers=["Shift"])
    expect(page.locator(".all")).to_contain_text("3 selected")
    expect(page.locator(".row.selected")).to_have_count(3)
    page.keyboard.press("Escape")
    expect(page.locator(".row.selected")).to_have_count(0)

    rows.nth(1).locator(".star").click()
    expect(rows.nth(1).locator(".star")).to_have_attribute("aria-pressed", "true")
    page.get_by_text("Favourites · 1").click()
    shows(page, 1)
    expect(page).to_have_url(re.compile("starred=yes"))

    page.goto(f"{filled.url}/jobs?view=gallery")
    shows(page, 60)
    chosen = page.locator(".row.chosen .open")
    first = chosen.get_attribute("title")
    page.locator("h1").click()  # nothing has the focus
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(re.compile("job="))
    expect(chosen).not_to_have_attribute("title", first or "")
    page.keyboard.press("ArrowLeft")
    expect(chosen).to_have_attribute("title", first or "")

    page.goto(f"{filled.url}/jobs?tag=keeper&tag=none")
    shows(page, 1)
    page.get_by_role("button", name="Filters · 2").click()
    expect(page.get_by_text("keeper · 1")).to_be_visible()
    page.get_by_role("button", name="Clear all filters").click()
    shows(page, 50)

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{filled.url}/jobs?page=2")
    shows(page, COUNT - 50)
    is_wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(is_wide)
