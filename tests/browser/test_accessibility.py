"""axe-core on every page and its main states, in both themes: nothing serious, nothing critical.

https://github.com/dequelabs/axe-core; the rules are those of WCAG 2 and of best practice.
"""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app_process import App, running
from tests.browser.conftest import NewPage
from tests.browser.layout_shift import cumulative_layout_shift, settled, watch
from tests.browser.studio_page import StudioPage
from tests.browser.test_sign_in import HOSTED, secrets, sign_in
from tests.support.oidc_provider import Provider, oidc_provider
from tests.support.soak import some

pytestmark = [pytest.mark.browser, pytest.mark.slow]

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
RUN = """async () => {
  const { violations } = await axe.run({ rules: { "target-size": { enabled: true } } });
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ html, target, failureSummary }) =>
      `${id}: ${target} ${html.slice(0, 200)} ${failureSummary.slice(0, 300)}`));
}"""
PAGES = ("/", "/controlnet", "/jobs", "/models", "/endpoints", "/setup")
VIEWS: tuple[tuple[int, Literal["light", "dark"]], ...] = ((1440, "light"), (390, "dark"))
"""Each width and each theme once: colours don't depend on widths."""


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


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with oidc_provider() as opened:
        yield opened


@pytest.fixture(scope="module")
def hosted(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[App]:
    """A dashboard with a login, whose admin is Ann."""
    folder = tmp_path_factory.mktemp("hosted")
    environment = HOSTED | {"CONTRAPPOSTO_ADMINS": "ann@example.com"}
    with running(folder / "data", *secrets(folder, provider), **environment) as started:
        yield started


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """That notes what moves, so that one can wait for its rest."""
    opened = new_page()
    watch(opened)
    return opened


def findings(page: Page) -> list[Any]:
    """What axe finds in the light theme on a desk, and in the dark one on a phone."""
    found = []
    page.evaluate(AXE)
    for width, theme in VIEWS:
        page.set_viewport_size({"width": width, "height": 1000})
        page.emulate_media(color_scheme=theme)
        settled(page)
        found += [f"{theme} {width}: {finding}" for finding in page.evaluate(RUN)]
    return found


@pytest.mark.soak
@pytest.mark.parametrize("path", PAGES)
def test_an_empty_page(page: Page, url: str, path: str) -> None:
    page.goto(url + path)
    settled(page)
    assert not findings(page)


@pytest.mark.parametrize("path", some(PAGES, 3))
def test_a_page_in_use(page: Page, used: App, path: str) -> None:
    page.goto(used.url + path)
    settled(page)
    assert not findings(page)


def test_a_job_and_the_question_before_it_is_deleted(page: Page, used: App) -> None:
    page.goto(f"{used.url}/jobs")
    page.locator(".row", has_text="a dog").click()
    StudioPage(page, used.url).finished()
    page.get_by_role("button", name="Move to trash").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    page.locator(".st-key-jobs-trash label").first.click()
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    settled(page)
    assert not findings(page)


def test_the_details_of_a_model(page: Page, used: App) -> None:
    page.goto(f"{used.url}/models")
    page.locator(".card .open").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    settled(page)
    assert not findings(page)


def test_the_sign_in_and_the_team(page: Page, hosted: App, provider: Provider) -> None:
    page.goto(f"{hosted.url}/team")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    settled(page)
    assert not findings(page)
    provider.claims = {"sub": "ann", "email": "ann@example.com", "email_verified": True}
    sign_in(page)
    expect(page.get_by_role("heading", name="Team")).to_be_visible()
    settled(page)
    assert cumulative_layout_shift(settled(page)) < 0.1
    assert not findings(page)
