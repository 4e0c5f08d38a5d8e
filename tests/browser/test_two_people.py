"""Two people in two browsers, signed in by the provider or by a load balancer's header."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, NamedTuple

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.browser.app_process import App, running
from tests.browser.conftest import NewPage
from tests.browser.test_sign_in import HOSTED, secrets
from tests.support.load_balancer import ARN, LoadBalancer, key_server, load_balancer
from tests.support.oidc_provider import Provider, oidc_provider

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SIGNING: dict[str, Any] = {"CONTRAPPOSTO_SECRET": "s" * 32, "CONTRAPPOSTO_IDENTITY": "alb"}


class Front(NamedTuple):
    """A dashboard, where people open it, and who signs whoever comes next in."""

    app: App
    url: str
    signs_in: Provider | LoadBalancer

    def sign_in(self, page: Page, name: str) -> None:
        """Go through the provider as this person."""
        self.signs_in.claims = {
            "sub": name,
            "email": f"{name}@example.com",
            "email_verified": True,
        }
        page.goto(f"{self.url}/endpoints")
        if isinstance(self.signs_in, Provider):
            page.get_by_role("button", name="Sign in with okta").click()
        page.get_by_role("link", name="Continue").click()
        self.is_in(page, name)

    def is_in(self, page: Page, name: str) -> None:
        """The page is that of this person."""
        expect(page.get_by_role("heading", name="Endpoints").first).to_be_visible()
        out = page.locator(".st-key-sign-out")
        if isinstance(self.signs_in, Provider):
            out.get_by_role("button").hover()
            expect(page.get_by_role("tooltip")).to_contain_text(f"Signed in as {name}")
        else:
            expect(out.get_by_title(f"Signed in as {name}@example.com")).to_be_visible()

    def sign_out(self, page: Page) -> None:
        """By the button, or by the link that it is behind a load balancer."""
        role: Literal["button", "link"] = (
            "button" if isinstance(self.signs_in, Provider) else "link"
        )
        page.get_by_role(role, name="Sign out").click()


@pytest.fixture(scope="module")
def behind_a_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("oidc")
    with (
        oidc_provider() as provider,
        running(folder / "data", *secrets(folder, provider), **HOSTED) as app,
    ):
        yield Front(app, app.url, provider)


@contextmanager
def serving_behind_a_balancer(folder: Path, **more: Any) -> Iterator[Front]:
    with key_server() as keys, load_balancer(keys) as balancer:
        own: dict[str, Any] = {
            "CONTRAPPOSTO_ALB_ARN": ARN,
            "CONTRAPPOSTO_ALB_KEYS_URL": keys.url,
            "CONTRAPPOSTO_PUBLIC_URL": balancer.url,
            "CONTRAPPOSTO_OPERATOR": "the <b>render</b> team",
        }
        with running(folder / "data", demo=False, **SIGNING, **own, **more) as app:
            balancer.target = int(app.url.rpartition(":")[2])
            yield Front(app, balancer.url, balancer)


@pytest.fixture(scope="module")
def behind_a_balancer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with serving_behind_a_balancer(tmp_path_factory.mktemp("alb")) as front:
        yield front


@pytest.mark.parametrize("way", ["behind_a_provider", "behind_a_balancer"])
def test_two_people_are_told_apart_and_one_leaves(
    request: pytest.FixtureRequest, new_page: NewPage, way: str
) -> None:
    front: Front = request.getfixturevalue(way)
    ann, bob = new_page(), new_page()
    front.sign_in(ann, "ann")
    front.sign_in(bob, "bob")
    ann.reload()
    front.is_in(ann, "ann")
    front.sign_out(ann)
    expect(ann.get_by_text("signed out").or_(ann.get_by_text("Sign in to see"))).to_be_visible()
    bob.reload()
    front.is_in(bob, "bob")
    front.sign_in(ann, "eve")


def test_nobody_is_let_in_beside_the_balancer(behind_a_balancer: Front, new_page: NewPage) -> None:
    app, balancer = behind_a_balancer.app, behind_a_balancer.signs_in
    assert isinstance(balancer, LoadBalancer)
    page = new_page()
    page.goto(app.url)
    expect(page.get_by_text("Nothing says who you are.")).to_be_visible()
    expect(page.get_by_text("run by the <b>render</b> team")).to_be_visible()
    expect(page.get_by_role("link", name="Models")).to_have_count(0)
    forged = balancer.key.header({"sub": "ann"}, signer=ARN.replace("studio", "other"))
    page.set_extra_http_headers({"x-amzn-oidc-data": forged})
    page.reload()
    expect(page.get_by_text("can't be believed")).to_be_visible()
    log = (app.data / "dashboard.log").read_text("utf-8")
    assert "event=alb_header_refused reason=another_signer" in log
    assert forged not in log
    answer = httpx.get(f"{app.url}/api/jobs/x/y", trust_env=False)
    assert (answer.status_code, "Nothing says who you are" in answer.text) == (403, True)


def test_a_session_behind_the_balancer_ends_while_a_page_is_open(
    tmp_path: Path, new_page: NewPage
) -> None:
    with serving_behind_a_balancer(tmp_path, CONTRAPPOSTO_SESSION_HOURS="0.005") as front:
        page = new_page()
        front.sign_in(page, "ann")
        over = page.get_by_text("Your session is over.")
        while not over.is_visible():  # whatever the page asks the server for finds it out
            page.keyboard.press("r")
            page.wait_for_timeout(500)
        page.get_by_role("link", name="Sign in again").click()
        expect(page.get_by_text("You have signed out.")).to_be_visible()
        page.wait_for_timeout(1100)  # a header tells its time by the second
        page.get_by_role("link", name="Sign in again").click()
        page.get_by_role("link", name="Continue").click()
        front.is_in(page, "ann")
