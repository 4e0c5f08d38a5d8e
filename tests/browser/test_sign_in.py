"""Signing in with a real provider: the way back to a link, the end of a session, signing out."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Response, expect

from tests.browser.app_process import App, running
from tests.browser.conftest import NewPage
from tests.support.oidc_provider import CLIENT_ID, CLIENT_SECRET, Provider, oidc_provider

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ANN = {"sub": "ann", "email": "ann@example.com", "email_verified": True}
SECRETS = """
[auth]
redirect_uri = "http://127.0.0.1:{{port}}/oauth2callback"
cookie_secret = "{secret}"
[auth.{name}]
client_id = "{client_id}"
client_secret = "{client_secret}"
server_metadata_url = "{url}"
"""
HOSTED: dict[str, Any] = {"CONTRAPPOSTO_IDENTITY": "oidc", "CONTRAPPOSTO_SECRET": "s" * 32}
JOB = "/jobs?job=01ARZ3NDEKTSV4RRFFQ69G5FAV"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with oidc_provider() as opened:
        yield opened


@pytest.fixture(autouse=True)
def ann(provider: Provider) -> None:
    """Who signs in, unless a test says otherwise."""
    provider.claims = dict(ANN)
    provider.asked.clear()


def secrets(folder: Path, provider: Provider, name: str = "okta") -> tuple[str, ...]:
    """The options that name a file of secrets with this provider."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "secrets.toml"
    text = SECRETS.format(
        secret="c" * 32,
        name=name,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        url=provider.metadata_url,
    )
    file.write_text(text, "utf-8")
    return ("--secrets.files", str(file))


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[App]:
    """A dashboard with a login."""
    folder = tmp_path_factory.mktemp("guarded")
    with running(folder / "data", *secrets(folder, provider), **HOSTED) as app:
        yield app


def sign_in(page: Page) -> None:
    page.get_by_role("button", name="Sign in with okta").click()
    page.get_by_role("link", name="Continue").click()


def title(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", name=text).first).to_be_visible()


def address(page: Page, app: App) -> str:
    return page.url.removeprefix(app.url)


@pytest.fixture
def opened(guarded: App, new_page: NewPage) -> Callable[[str], Page]:
    def open_page(path: str) -> Page:
        page = new_page()
        page.goto(guarded.url + path)
        return page

    return open_page


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/", "Your picture appears here"),
        ("/models?x=1&y=%C3%A9", "Models"),
        (JOB, "This job is not in the list any more"),  # which the page says of this id alone
    ],
)
def test_the_way_through_the_provider_leads_to_what_was_asked_for(
    guarded: App, opened: Callable[[str], Page], path: str, shown: str
) -> None:
    page = opened(path)
    expect(page.get_by_text("Sign in to see")).to_be_visible()
    assert address(page, guarded) == path
    sign_in(page)
    expect(page.get_by_text(shown).first).to_be_visible()
    assert address(page, guarded).partition("job=")[0] == path.partition("job=")[0]
    assert "contrapposto_return" not in {cookie["name"] for cookie in page.context.cookies()}
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()


def test_signing_out_ends_the_login_in_every_tab_and_at_the_provider(
    guarded: App, provider: Provider, opened: Callable[[str], Page]
) -> None:
    page = opened("/models?x=1")
    sign_in(page)
    title(page, "Models")
    other = page.context.new_page()
    other.goto(f"{guarded.url}/jobs")
    title(other, "Jobs")
    stolen = page.context.cookies()
    with page.expect_response(lambda answer: leads_to(answer, f"{guarded.url}/models?x=1")):
        page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("Sign in to see")).to_be_visible()
    assert "/end" in provider.asked
    assert not [c for c in page.context.cookies() if c["name"].startswith("_streamlit_user")]
    other.get_by_role("link", name="Endpoints").first.click()
    expect(other.get_by_text("You have signed out.")).to_be_visible()
    page.context.add_cookies(
        [{"name": c["name"], "value": c["value"], "url": guarded.url} for c in stolen]
    )
    page.reload()
    expect(page.get_by_text("You have signed out.")).to_be_visible()
    sign_in(page)
    title(page, "Models")
    assert address(page, guarded) == "/models?x=1"


def leads_to(answer: Response, url: str) -> bool:
    """Whether this is what the browser gets for a page that it goes to."""
    return answer.request.is_navigation_request() and answer.url == url


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"email_verified": False}, "your e-mail address is not verified"),
        ({"iat": 0}, "Your session is over."),
    ],
)
def test_who_is_not_let_in_reads_why(
    provider: Provider, opened: Callable[[str], Page], claims: dict[str, object], reason: str
) -> None:
    provider.claims |= claims
    page = opened("/jobs")
    sign_in(page)
    expect(page.get_by_text(reason)).to_be_visible()
    expect(page.get_by_role("heading", name="Jobs")).to_have_count(0)
    provider.claims = dict(ANN)
    sign_in(page)
    title(page, "Jobs")


def test_a_session_ends_while_a_page_is_open(
    tmp_path: Path, provider: Provider, new_page: NewPage
) -> None:
    options = secrets(tmp_path, provider)
    hosted = HOSTED | {"CONTRAPPOSTO_SESSION_HOURS": "0.003"}
    with running(tmp_path / "data", *options, **hosted) as app:
        page = new_page()
        page.goto(f"{app.url}/jobs")
        sign_in(page)
        over = page.get_by_text("Your session is over.")
        while not over.is_visible():  # whatever the page asks the server for finds it out
            page.keyboard.press("r")
            page.wait_for_timeout(500)
        expect(page.get_by_role("button", name="Sign in with okta")).to_be_visible()
        expect(page.get_by_role("button", name="Sign out")).to_have_count(0)


@pytest.mark.parametrize(
    "kept",
    [
        "%2F%2Fevil.example.com",
        "https%3A%2F%2Fevil.example.com",
        "%2F%5Cevil.example.com",
        "%2Fx%0D%0ASet-Cookie%3A%20a%3Db",
        "%2F%09%2Fevil.example.com",
        "javascript%3Aalert(1)",
        "%2Foauth2callback%3Fcode%3D1",
    ],
)
def test_no_cookie_leads_to_another_host(guarded: App, kept: str) -> None:
    answer = httpx.get(
        f"{guarded.url}/oauth2callback",
        headers={"Cookie": f"contrapposto_return={kept}"},
        trust_env=False,
    )
    assert answer.status_code == 302
    assert answer.headers["location"] == "/"
    assert not [c for c in answer.headers.get_list("set-cookie") if c.startswith("a=")]


@pytest.mark.parametrize("way", ["/auth/logout", "/auth/login?provider=none"])
@pytest.mark.parametrize(
    ("page", "kept"),
    [
        ("{own}/models?x=1&y=%C3%A9#z", "/models?x=1&y=%C3%A9"),
        ("{own}/", "/"),
        ("{own}", "/"),
        ("{own}//evil.example.com", "/"),
        ("{own}/oauth2callback?code=1", "/"),
        ("https://evil.example.com/models", "/"),
        ("http://[/models", "/"),
        ("", "/"),
    ],
)
def test_only_a_page_of_this_host_is_led_back_to(
    guarded: App, way: str, page: str, kept: str
) -> None:
    headers = {"Referer": page.format(own=guarded.url)} if page else {}
    answer = httpx.get(guarded.url + way, headers=headers, trust_env=False)
    assert (answer.status_code, answer.headers["location"]) == (302, kept)
