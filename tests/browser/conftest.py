"""Chromium, and pages in it that fail the test when a script in them fails."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.app_process import App, opened, running
from tests.browser.chromium import FLAGS, chromium_path
from tests.browser.pose_editor.editor_driver import Editor, options, served
from tests.browser.pose_studio.figure_checks import Open
from tests.browser.pose_studio.pose_studio_page import PoseStudio

NewPage = Callable[[], Page]
Report = Generator[None, pytest.TestReport, pytest.TestReport]
# Streamlit loads its widgets one by one; on a busy machine that takes a while.
expect.set_options(timeout=60_000)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Report:
    """Show with a failure what the dashboards and what they started wrote to their logs."""
    report = yield
    if report.failed:
        for app in opened:
            report.sections.extend(app.log_tails())
    if report.when == "teardown":
        opened[:] = [app for app in opened if app.process.poll() is None]
    return report


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
        page.set_default_timeout(120_000)
        page.on("pageerror", lambda error: note(str(error)))
        return page

    def note(error: str) -> None:
        # A race of Streamlit's, after which our page loads itself anew (test_pages has a test).
        if not error.startswith("Bad delta path"):
            failures.append(error)

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


@pytest.fixture(scope="module")
def editor(browser: Browser) -> Iterator[Open]:
    """Opens the pose editor's page with a query, or starts again where it is open already."""
    opened: dict[str, Editor] = {}
    with served() as url:

        def open_page(query: str = "", **more: object) -> Editor:
            if query in opened:
                opened[query].start_again()
            else:
                opened[query] = Editor(browser.new_context(**options(**more)), f"{url}/?{query}")
            return opened[query]

        yield open_page
        for one in opened.values():
            one.page.context.close()
            assert one.errors == []


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A dashboard without models."""
    with running(tmp_path_factory.mktemp("dashboard") / "data") as app:
        yield app


@pytest.fixture
def url(dashboard: App) -> str:
    """Where it serves."""
    return dashboard.url


@pytest.fixture
def studio(new_page: NewPage, url: str) -> PoseStudio:
    """Its pose studio, with the default pose on a small canvas."""
    return PoseStudio(new_page(), url).begin()
