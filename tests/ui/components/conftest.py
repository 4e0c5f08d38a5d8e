"""One Chromium for the tests of the components' scripts, and their modules in it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.pose_editor.editor_driver import chromium
from tests.ui.components.module_page import PoseModules, served


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The system's Chromium, else the one that playwright installed."""
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="package")
def modules_url() -> Iterator[str]:
    """Where an empty page and the scripts are."""
    with served() as url:
        yield url


@pytest.fixture
def empty_page(browser: Browser, modules_url: str) -> Iterator[Page]:
    """A page of its own that fails the test when a script in it fails."""
    errors: list[str] = []
    page = browser.new_page(viewport={"width": 800, "height": 900})
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(modules_url)
    yield page
    page.close()
    assert errors == []


@pytest.fixture(scope="package")
def pose(browser: Browser, modules_url: str) -> Iterator[PoseModules]:
    """The modules that know poses and no page."""
    page = browser.new_page()
    page.goto(modules_url)
    yield PoseModules(page)
    page.close()
