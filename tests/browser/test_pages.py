"""What only a browser can tell: the guard on a deep link, typing, sessions, narrow screens."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.app_process import App, running
from tests.browser.conftest import NewPage
from tests.browser.studio_page import StudioPage

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHECKPOINT = "tiny-noise-v1.safetensors"
LOGIN = """
[auth]
redirect_uri = "http://127.0.0.1/oauth2callback"
cookie_secret = "0123456789abcdef0123456789abcdef"
client_id = "studio"
client_secret = "none"
server_metadata_url = "http://127.0.0.1:9/.well-known/openid-configuration"
"""
PAGES = ("/", "/controlnet", "/jobs", "/models", "/endpoints")


@pytest.fixture(scope="module")
def app(
    tmp_path_factory: pytest.TempPathFactory, tiny_models: Path, new_session: NewPage
) -> Iterator[App]:
    """A dashboard with a checkpoint and an endpoint InService."""
    with running(tmp_path_factory.mktemp("pages") / "data") as started:
        user = StudioPage(new_session(), started.url)
        user.open("/models")
        user.upload_models([tiny_models / CHECKPOINT])
        user.go("Endpoints")
        user.button("Create endpoint")
        user.sees("InService", 120)
        yield started


def test_a_deep_link_to_a_fresh_server_shows_the_guard(tmp_path: Path, new_page: NewPage) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(LOGIN)
    with running(tmp_path / "data", "--secrets.files", str(secrets)) as guarded:
        page = new_page()
        page.goto(f"{guarded.url}/jobs?job=abc")
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        expect(page.get_by_role("link", name="Models")).to_have_count(0)
        expect(page.get_by_text("No jobs yet")).to_have_count(0)
        assert page.url.endswith("/jobs?job=abc")
        assert httpx.get(f"{guarded.url}/api/files/x/jobs/y", trust_env=False).status_code == 403


def test_other_machines_are_refused_without_a_login(tmp_path: Path) -> None:
    with (
        pytest.raises(AssertionError, match="no login is configured"),
        running(tmp_path, "--server.address", "0.0.0.0"),  # noqa: S104
    ):
        pass


def test_typing_survives_a_reload_without_leaving_the_field(app: App, new_page: NewPage) -> None:
    user = StudioPage(new_page(), app.url)
    user.open("/controlnet")
    prompt = user.page.get_by_role("textbox", name="Prompt", exact=True)
    prompt.press_sequentially("a heron in the mist")
    kept = list((app.data / "drafts").glob("*/controlnet.json"))
    expect(prompt).to_be_focused()
    user.page.wait_for_timeout(1500)  # the pause after which typing is handed over
    assert kept or list((app.data / "drafts").glob("*/controlnet.json"))
    user.page.reload()
    expect(prompt).to_have_value("a heron in the mist")


def test_a_double_click_makes_one_job(app: App, new_page: NewPage) -> None:
    user = StudioPage(new_page(), app.url)
    user.open()
    user.small()
    user.box("Prompt", "only once")
    user.page.get_by_role("button", name="Generate on Cloud").dblclick()
    user.finished()
    user.go("Jobs")
    expect(user.page.locator(".row", has_text="only once")).to_have_count(1)


def test_two_sessions_see_each_their_own_form_and_all_jobs(app: App, new_page: NewPage) -> None:
    ann, bob = (StudioPage(new_page(), app.url) for _ in range(2))
    for user, prompt in ((ann, "from the first"), (bob, "from the second")):
        user.open()
        user.small()
        user.generate(prompt)
    for user in (ann, bob):
        user.go("Jobs")
        for prompt in ("from the first", "from the second"):
            row = user.page.locator(".row", has_text=prompt)
            expect(row).to_contain_text("succeeded", timeout=60_000)


@pytest.mark.parametrize("path", PAGES)
def test_a_phone_shows_the_page_without_scrolling_sideways(
    app: App, new_page: NewPage, path: str
) -> None:
    page = new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(app.url + path)
    expect(page.get_by_test_id("stMain").get_by_role("button").first).to_be_visible()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
