"""A team in two browsers: an admin gives roles and removes somebody, whose key works until then."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.app_process import App, running
from tests.browser.conftest import NewPage
from tests.browser.test_sign_in import HOSTED, secrets, sign_in
from tests.support.helpers import wait_for
from tests.support.oidc_provider import Provider, oidc_provider

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with oidc_provider() as opened:
        yield opened


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, provider: Provider) -> Iterator[App]:
    """A dashboard whose settings name Ann as an admin."""
    folder = tmp_path_factory.mktemp("team")
    options = secrets(folder, provider)
    environment = HOSTED | {"CONTRAPPOSTO_ADMINS": "ann@example.com"}
    with running(folder / "data", *options, **environment) as opened:
        yield opened


def open_team(page: Page, app: App, provider: Provider, who: str) -> Page:
    email = f"{who}@example.com"
    provider.claims = {"sub": who, "email": email, "email_verified": True}
    page.goto(f"{app.url}/team")
    sign_in(page)
    expect(
        page.get_by_role("heading", name="My account" if who != "ann" else "Team")
    ).to_be_visible()
    return page


def me(app: App, key: str) -> httpx.Response:
    header = {"Authorization": f"Bearer {key}"}
    return httpx.get(f"{app.url}/api/v1/me", headers=header, trust_env=False)


def choose(page: Page, who: str) -> None:
    """By the keyboard alone."""
    page.get_by_role("combobox", name="Change a person").click()
    page.keyboard.type(who)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Remove")).to_be_visible()


def test_a_key_works_until_its_person_is_removed(
    app: App, provider: Provider, new_page: NewPage
) -> None:
    bob = open_team(new_page(), app, provider, "bob")
    bob.get_by_label("Name of the key").fill("nightly script")
    bob.get_by_role("button", name="Make a key").click()
    key = bob.locator("code", has_text="cpk_").inner_text()
    answer = me(app, key)
    assert (answer.status_code, answer.json()["title"]) == (200, "bob@example.com")
    assert answer.json()["role"] == "artist"
    assert "content-security-policy" in answer.headers
    bob.reload()
    expect(bob.get_by_text("nightly script").first).to_be_attached()
    expect(bob.get_by_text(key)).to_have_count(0)

    ann = open_team(new_page(), app, provider, "ann")
    choose(ann, "bob")
    ann.get_by_role("combobox", name="Role").click()
    ann.get_by_role("option", name="operator").click()
    ann.get_by_role("button", name="Give this role").click()
    expect(ann.get_by_role("button", name="Give this role")).to_be_disabled()
    assert me(app, key).json()["role"] == "operator"

    ann.get_by_role("button", name="Remove", exact=True).click()
    ann.get_by_role("dialog").get_by_role("textbox").fill("bob@example.com")
    ann.get_by_role("dialog").get_by_role("button", name="Remove").click()
    wait_for(lambda: me(app, key).status_code == 401)
    assert me(app, key).json()["error"]["code"] == "unknown_key"
    expect(ann.get_by_text("is being removed")).to_be_visible()
    expect(ann.get_by_text("is being removed")).to_have_count(0)
    ann.get_by_role("radio", name="API keys").click()
    expect(ann.get_by_text("Nobody has a key.")).to_be_visible()
    assert key not in (app.data / "dashboard.log").read_text("utf-8")
