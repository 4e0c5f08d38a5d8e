"""The guard: who sees a page, and who may be served at all."""

import pytest
from streamlit.testing.v1 import AppTest

import app as dashboard
from core.access import User
from core.errors import ConfigurationError
from core.settings import Settings
from core.studio import Studio
from tests.pages.conftest import Open
from tests.support import ROOT
from ui.drafts import Drafts
from ui.form_values import FormValues

ANYWHERE = "0.0.0.0"  # noqa: S104
AUTH = {"redirect_uri": "http://localhost/oauth2callback", "cookie_secret": "c" * 32}


def guarded() -> AppTest:
    found = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=120)
    found.secrets["auth"] = AUTH
    return found


def test_a_configured_login_shows_the_guard_and_no_page(studio: Studio) -> None:
    found = guarded().run()
    assert [button.label for button in found.button] == ["Sign in"]
    found.switch_page("../pages/jobs.py").run()
    assert [button.label for button in found.button] == ["Sign in"]
    assert not found.exception


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


def test_drafts_are_not_shared_between_users(studio: Studio) -> None:
    drafts = Drafts(studio.settings.data / "own-drafts")
    ann, bob = User(name="ann@example.com"), User(name="../ann@example.com")
    drafts.keep_values(ann, "generate", FormValues(prompt="hers"))
    drafts.keep_file(ann, "generate", "init_picture", b"png")
    assert drafts.values(bob, "generate", FormValues()).prompt == ""
    assert drafts.file(bob, "generate", "init_picture") is None
    assert drafts.values(ann, "generate", FormValues()).prompt == "hers"
    drafts.keep_file(ann, "generate", "init_picture", None)
    assert drafts.file(ann, "generate", "init_picture") is None
