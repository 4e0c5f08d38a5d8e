"""axe-core on every page and its main states, in both themes: nothing serious, nothing critical.

https://github.com/dequelabs/axe-core; the rules are those of WCAG 2 and of best practice.
"""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.app_process import App, running
from tests.browser.conftest import NewPage
from tests.browser.layout_shift import settled, watch
from tests.browser.studio_page import StudioPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
RUN = """async () => {
  const { violations } = await axe.run();
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ html, target, failureSummary }) =>
      `${id}: ${target} ${html.slice(0, 200)} ${failureSummary.slice(0, 300)}`));
}"""
PAGES = ("/", "/controlnet", "/jobs", "/models", "/endpoints", "/setup")
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


@pytest.fixture(scope="module")
def used(
    tmp_path_factory: pytest.TempPathFactory, models: Path, new_session: NewPage
) -> Iterator[App]:
    """A dashboard with models, an endpoint and a finished job."""
    with running(tmp_path_factory.mktemp("used") / "data") as started:
        user = StudioPage(new_session(), started.url)
        user.open("/models")
        user.upload_models([models / "tiny-noise-v1.safetensors"])
        user.go("Endpoints")
        user.button("Create endpoint")
        user.is_in_service()
        user.go("Generate")
        user.small()
        user.generate("a dog")
        user.finished()
        yield started


@pytest.fixture(params=THEMES)
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """In one of the themes."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 1000}, color_scheme=request.param
    )
    opened = context.new_page()
    opened.set_default_timeout(120_000)
    watch(opened)
    yield opened
    context.close()


def findings(page: Page) -> list[Any]:
    page.evaluate(AXE)
    return list(page.evaluate(RUN))


@pytest.mark.parametrize("path", PAGES)
def test_an_empty_page(page: Page, url: str, path: str) -> None:
    page.goto(url + path)
    settled(page)
    assert not findings(page)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_in_use(page: Page, used: App, path: str) -> None:
    page.goto(used.url + path)
    settled(page)
    assert not findings(page)


def test_a_job_and_the_question_before_it_is_deleted(page: Page, used: App) -> None:
    page.goto(f"{used.url}/jobs")
    page.locator(".row", has_text="a dog").click()
    StudioPage(page, used.url).finished()
    assert not findings(page)
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("dialog")).to_be_visible()
    settled(page)
    assert not findings(page)
