"""What only a browser can tell: the guard on a deep link, typing, sessions, narrow screens."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Locator, expect
from pydantic import SecretStr

from core.aws.client import Aws, Connection
from core.aws.storage import Storage
from formats.generation.infotext import PNG_KEY, Infotext, read
from formats.generation.request import parse_request
from formats.keys import output_key
from formats.version import VERSION
from local_aws.data_folder import DataFolder
from tests.browser.app_process import App, running
from tests.browser.conftest import NewPage
from tests.browser.studio_page import StudioPage
from tests.support.helpers import wait_for
from tests.support.soak import some

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
FITS = """selector => {
  const element = document.querySelector(selector);
  return element.scrollWidth <= element.clientWidth;
}"""
UNSEEN = """
  Document.prototype.hasFocus = () => false;
  window.shown = [];
  window.Notification = class {
    static permission = "granted";
    constructor(title, options) { shown.push([title, options.body]); }
  };
"""
PAGES = ("/", "/controlnet", "/jobs", "/models", "/endpoints", "/setup")


@pytest.fixture(scope="module")
def app(
    tmp_path_factory: pytest.TempPathFactory, models: Path, new_session: NewPage
) -> Iterator[App]:
    """A dashboard with a checkpoint and an endpoint InService."""
    with running(tmp_path_factory.mktemp("pages") / "data") as started:
        user = StudioPage(new_session(), started.url)
        user.open("/models")
        user.upload_models([models / CHECKPOINT])
        user.go("Endpoints")
        user.button("Create endpoint")
        user.is_in_service()
        yield started


def test_a_deep_link_to_a_fresh_server_shows_the_guard(tmp_path: Path, new_page: NewPage) -> None:
    secrets = tmp_path / "secrets.toml"
    secrets.write_text(LOGIN)
    hosted: dict[str, Any] = {"CONTRAPPOSTO_IDENTITY": "oidc", "CONTRAPPOSTO_SECRET": "s" * 32}
    with running(tmp_path / "data", "--secrets.files", str(secrets), **hosted) as guarded:
        page = new_page()
        page.goto(f"{guarded.url}/jobs?job=abc")
        expect(page.get_by_role("button", name="Sign in")).to_be_visible()
        expect(page.get_by_role("link", name="Models")).to_have_count(0)
        expect(page.get_by_text("No jobs yet")).to_have_count(0)
        assert page.url.endswith("/jobs?job=abc")
        assert httpx.get(f"{guarded.url}/api/files/x/jobs/y", trust_env=False).status_code == 403


def test_the_menu_tells_the_version(app: App, new_page: NewPage) -> None:
    page = new_page()
    page.goto(app.url)
    page.get_by_test_id("stMainMenuButton").click()
    page.get_by_text("About").click()
    expect(page.get_by_role("dialog").get_by_text(f"Contrapposto {VERSION}")).to_be_visible()


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
    kept = app.data / "drafts"
    wait_for(lambda: any("in the mist" in p.read_text() for p in kept.glob("*/controlnet.json")))
    expect(prompt).to_be_focused()
    user.page.reload()
    user.prompt_is("a heron in the mist")


PROMPT, PATHS = ("/controlnet", "Prompt", "Models"), ("/models", "Paths of model files", "Jobs")


@pytest.mark.parametrize(
    ("place", "pause"),
    [(PROMPT, 0), (PROMPT, 510), (PATHS, 0)],  # 510: handed over just now, and not kept yet
)
def test_a_link_that_is_pressed_while_typing_waits_for_the_text(
    app: App, new_page: NewPage, place: tuple[str, str, str], pause: float
) -> None:
    path, box, link = place
    user = StudioPage(new_page(), app.url)
    user.open(path)
    field = user.field(box)
    # Only then does the page listen to what is typed.
    user.page.locator("body[data-autosave]").wait_for(state="attached")
    field.fill("/a heron")
    user.page.wait_for_timeout(pause)
    user.go(link)
    user.page.wait_for_url(f"**/{link.lower()}")
    user.open(path)
    expect(user.field(box)).to_have_text("/a heron")
    user.page.locator("body[data-autosave]").wait_for(state="attached")
    field.fill("")
    user.go(link)
    user.page.wait_for_url(f"**/{link.lower()}")


def test_a_double_click_makes_one_job(app: App, new_page: NewPage) -> None:
    user = StudioPage(new_page(), app.url)
    user.open()
    user.small()
    user.box("Prompt", "only once")
    user.page.get_by_role("button", name="Generate on Cloud").dblclick()
    user.finished()
    user.go("Jobs")
    expect(user.page.locator(".row", has_text="only once")).to_have_count(1)


def test_a_page_that_lost_its_place_reloads_itself(app: App, new_page: NewPage) -> None:
    user = StudioPage(new_page(), app.url)
    user.open("/endpoints")
    user.sees("Endpoints")
    watching = user.page.locator("[data-watching]")
    watching.wait_for(state="attached")
    torn = "Bad delta path index 1 (should be between [0, 0])"
    user.page.evaluate(f"window.torn = 1; setTimeout(() => {{ throw Error('{torn}') }})")
    user.page.wait_for_function("!window.torn")
    watching.wait_for(state="attached")
    user.sees("Endpoints")


def test_cancel_stops_it_and_retry_begins_anew(app: App, new_page: NewPage) -> None:
    user = StudioPage(new_page(), app.url)
    user.open()
    user.small(768, 150)
    user.sends("much too long")
    user.go("Jobs")
    user.button("Cancel")
    user.sees("Cancelled before there was a picture")
    first = user.shown_job()
    expect(row(user, first)).to_contain_text("cancelled")
    user.button("Retry")
    expect(row(user, "much too long")).to_have_count(2)
    expect(user.page.get_by_text(f"→ {first}")).to_have_count(1)  # in the list alone
    user.button("Cancel")
    user.sees("Cancelled before there was a picture")
    assert user.shown_job() != first


def test_reuse_fills_the_form_and_the_trash_gives_back(app: App, new_page: NewPage) -> None:
    user = StudioPage(new_page(), app.url)
    user.open()
    user.small(64, 3)
    user.number("Seed", 7)
    user.generate("seven")
    job = user.finished()
    user.number("Seed", 8)
    user.box("Prompt", "another")
    user.go("Jobs")
    row(user, "seven").click()
    user.button("Reuse parameters")
    user.prompt_is("seven")
    expect(user.page.get_by_role("spinbutton", name="Seed", exact=True)).to_have_value("7")
    user.go("Jobs")
    row(user, "seven").click()
    user.finished()
    bar = user.page.locator(".st-key-jobs-bulk")
    row(user, job).get_by_role("checkbox").check()
    with user.page.expect_download() as download:
        bar.get_by_role("button", name="Download zip").click()
    with ZipFile(download.value.path()) as archive:
        assert [job in name for name in archive.namelist()] == [True, False]
    bar.get_by_role("button", name="Move to trash").click()
    expect(row(user, job)).to_have_count(0)
    user.button("Undo")
    expect(row(user, job)).to_have_count(1)
    user.button("Move to trash")
    expect(row(user, job)).to_have_count(0)
    user.page.locator(".st-key-jobs-trash label").first.click()
    row(user, job).click()
    user.button("Delete for good")
    user.button("Keep it")
    expect(user.page.get_by_role("dialog")).to_have_count(0)
    user.button("Delete for good")
    user.page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(row(user, job)).to_have_count(0)


def row(user: StudioPage, text: str) -> Locator:
    return user.page.locator(".row", has_text=text)


def test_two_users_send_twenty_jobs_at_once(app: App, new_page: NewPage) -> None:
    """Every job ends well, none is lost, every picture is the one its own request asked for."""
    users = {name: StudioPage(new_page(), app.url) for name in ("ann", "bob")}
    for user in users.values():
        user.open()
        user.small()
    prompts = [f"picture {n} of {name}" for n in range(10) for name in users]
    for prompt in prompts:
        users[prompt[-3:]].sends(prompt)
    for user in users.values():
        user.go("Jobs")
        for prompt in prompts:
            row = user.page.locator(".row", has=user.page.get_by_text(prompt, exact=True))
            expect(row).to_contain_text("succeeded", timeout=180_000)
    bucket = bucket_of(app)
    requests = [parse_request(bucket.read(key).data) for key in keys(bucket, "request.json")]
    asked = {request.id: request for request in requests if request.prompt in prompts}
    assert sorted(request.prompt for request in asked.values()) == sorted(prompts)
    for request in asked.values():
        info = infotext(bucket.read(output_key(request.id, 0)).data)
        assert (info.prompt, info.parameters["Seed"]) == (request.prompt, str(request.seed))
    for job, request in list(asked.items())[:3]:
        page = users["ann"].page
        page.locator(".row", has_text=job).click()
        picture = page.get_by_role("img", name=request.prompt).first
        expect(picture).to_be_visible()
        shown = page.request.get(app.url + str(picture.get_attribute("src")))
        assert infotext(shown.body()).prompt == request.prompt


def bucket_of(app: App) -> Storage:
    """What the app's embedded AWS keeps."""
    running = DataFolder(app.data).active_connection()
    assert running
    secret = SecretStr(running.secret_key)
    connection = Connection(
        url=running.url, access_key=running.access_key, secret_key=secret, region=running.region
    )
    return Storage(Aws(connection), "contrapposto")


def keys(bucket: Storage, ending: str) -> list[str]:
    return [found.key for found in bucket.list("jobs/") if found.key.endswith(ending)]


def infotext(png: bytes) -> Infotext:
    with Image.open(io.BytesIO(png)) as picture:
        return read(picture.info[PNG_KEY])


@pytest.mark.parametrize("path", some(PAGES, 3))
def test_a_phone_shows_the_page_without_scrolling_sideways(
    app: App, new_page: NewPage, path: str
) -> None:
    page = new_page()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(app.url + path)
    expect(page.get_by_test_id("stMain").get_by_role("button").first).to_be_visible()
    for part in ("stMain", "stHeader"):
        page.wait_for_function(FITS, arg=f"[data-testid={part}]")


def test_the_end_of_a_job_is_told_on_any_page(app: App, new_page: NewPage) -> None:
    page = new_page()
    page.add_init_script(UNSEEN)
    user = StudioPage(page, app.url)
    user.open()
    user.small()
    user.sends("told about")
    user.go("Models")
    expect(page).to_have_title(re.compile(r"^\(1\) "), timeout=120_000)
    ((title, body),) = page.evaluate("shown")
    assert title.endswith(": succeeded")
    assert body == "told about"
    page.evaluate("Document.prototype.hasFocus = () => true; dispatchEvent(new Event('focus'))")
    expect(page).to_have_title(re.compile(r"^(?!\()"))
