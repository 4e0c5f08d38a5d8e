"""Chromium, and pages in it that fail the test when a script in them fails."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.chromium import FLAGS, chromium_path
from tests.core.conftest import tiny_models  # noqa: F401  # a fixture to share

NewPage = Callable[[], Page]
# Streamlit loads its widgets one by one; on a busy machine that takes a while.
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """The system's Chromium, else the one that playwright installed."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
        yield chromium
        chromium.close()


@contextmanager
def _sessions(browser: Browser) -> Iterator[NewPage]:
    failures: list[str] = []
    contexts = []

    def open_page() -> Page:
        context = browser.new_context(
            viewport={"width": 1440, "height": 1000}, timezone_id="Europe/Berlin"
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: failures.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not failures


@pytest.fixture
def new_page(browser: Browser) -> Iterator[NewPage]:
    """Opens a browser session of its own with each call."""
    with _sessions(browser) as open_page:
        yield open_page


@pytest.fixture(scope="module")
def new_session(browser: Browser) -> Iterator[NewPage]:
    """The same for what a whole file of tests shares."""
    with _sessions(browser) as open_page:
        yield open_page
