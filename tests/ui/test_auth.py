"""The guard: who sees a page, and who may be served at all."""

import dataclasses
from collections.abc import Iterator
from ipaddress import IPv4Address

import pytest
from streamlit.testing.v1 import AppTest

import app as dashboard
from core.errors import ConfigurationError
from core.settings import Identity, Settings
from core.studio.service import Studio
from core.team.users import User
from tests.support.helpers import ROOT
from tests.support.page_fixtures import Open
from ui.form.storage import FormStorage
from ui.form.values import FormValues
from ui.state import set_studio
from ui.texts.formatting import escape

ANYWHERE = str(IPv4Address(0))
AUTH = {
    "redirect_uri": "http://localhost/oauth2callback",
    "cookie_secret": "c" * 32,
    "client_id": "studio",
    "client_secret": "s",
    "server_metadata_url": "http://localhost/.well-known/openid-configuration",
}


@pytest.fixture
def guarded(studio: Studio) -> Iterator[AppTest]:
    """The entry script of a studio with a login."""
    settings = studio.settings.model_copy(
        update={"identity": Identity.OIDC, "operator": "*Ann* <b>of</b> IT"}
    )
    set_studio(dataclasses.replace(studio, settings=settings))
    found = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=120)
    found.secrets["auth"] = AUTH
    yield found
    set_studio(studio)


def test_a_configured_login_shows_the_guard_and_no_page(guarded: AppTest) -> None:
    found = guarded.run()
    assert [button.label for button in found.button] == ["Sign in"]
    found.switch_page("../pages/jobs.py").run()
    assert [button.label for button in found.button] == ["Sign in"]
    assert not found.exception


def test_the_sign_in_page_says_who_runs_the_studio(guarded: AppTest) -> None:
    captions = [caption.value for caption in guarded.run().caption]
    assert captions == [f"This studio is run by {escape('*Ann* <b>of</b> IT')}"]


def test_without_a_login_everybody_is_local(page: Open) -> None:
    assert not page("jobs").exception


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "localhost"])
def test_this_machine_is_served_without_a_login(address: str) -> None:
    dashboard.refuse_strangers(Settings(), address)


@pytest.mark.parametrize("address", [ANYWHERE, "::", "192.168.1.5", "studio.example.com", None])
def test_other_machines_are_not(address: str | None) -> None:
    with pytest.raises(ConfigurationError, match="no login is configured"):
        dashboard.refuse_strangers(Settings(), address)


def test_unless_somebody_says_so() -> None:
    dashboard.refuse_strangers(Settings(allow_no_login=True), ANYWHERE)


def test_forms_are_not_shared_between_users(studio: Studio) -> None:
    storage = FormStorage(studio.settings.data / "own-drafts")
    ann, bob = User(name="ann@example.com"), User(name="../ann@example.com")
    storage.keep_values(ann, "generate", FormValues(prompt="hers"))
    storage.keep_file(ann, "generate", "init_picture", b"png")
    assert storage.values(bob, "generate", FormValues()).prompt == ""
    assert storage.file(bob, "generate", "init_picture") is None
    assert storage.values(ann, "generate", FormValues()).prompt == "hers"
    storage.keep_file(ann, "generate", "init_picture", None)
    assert storage.file(ann, "generate", "init_picture") is None
