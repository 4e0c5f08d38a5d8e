"""The login fails closed: secrets that are wrong refuse the start and let nobody in."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit import config
from streamlit.runtime.secrets import secrets_singleton

from core.errors import ConfigurationError
from core.settings import Settings
from tests.support.helpers import ROOT
from tests.support.load_balancer import ARN
from ui.auth import configuration as auth
from ui.auth.claims import _PLAIN_NAME, Login, sign_in_of
from ui.auth.oidc import end_login, login_of

KEYS = {
    "redirect_uri": "https://studio.example.com/oauth2callback",
    "cookie_secret": "c" * 32,
    "client_id": "studio",
    "client_secret": "s",
    "server_metadata_url": "https://login.example.com/.well-known/openid-configuration",
}


def section(header: str, **changed: str) -> str:
    lines = (f'{name} = "{value}"' for name, value in (KEYS | changed).items() if value != "-")
    return "\n".join((header, *lines))


COMPLETE = section("[auth]")


def named(*names: str, **changed: str) -> str:
    """One shared section, and one for each named provider."""
    own = dict.fromkeys(("client_id", "client_secret", "server_metadata_url"), "-")
    shared = dict.fromkeys(("redirect_uri", "cookie_secret"), "-")
    sections = (section(f"[auth.{name}]", **(shared | changed)) for name in names)
    return "\n".join((section("[auth]", **own), *sections))


@pytest.fixture
def secrets(tmp_path: Path) -> Iterator[Path]:
    """The file of secrets that Streamlit reads."""
    usual = config.get_option("secrets.files")
    file = tmp_path / "secrets.toml"
    config.set_option("secrets.files", [str(tmp_path / "none.toml"), str(file)])
    secrets_singleton._reset()
    yield file
    secrets_singleton._reset()
    config.set_option("secrets.files", usual)
    auth.forget_login()


def settings(identity: str, **more: Any) -> Settings:
    return Settings(**{"identity": identity, "secret": "s" * 32} | more)


@pytest.mark.parametrize(
    ("content", "chosen", "names"),
    [
        (None, {"identity": "none", "secret": ""}, ()),
        ("", {"identity": "none"}, ()),
        ("other = 1", {"identity": "none"}, ()),
        (COMPLETE, {"identity": "oidc"}, ("default",)),
        (None, {"identity": "alb", "alb_arn": ARN}, ()),
    ],
)
def test_the_setting_says_how_people_are_known(
    secrets: Path, content: str | None, chosen: dict[str, Any], names: tuple[str, ...]
) -> None:
    if content is not None:
        secrets.write_text(content, "utf-8")
    auth.decide_login(settings(**chosen))
    assert auth.providers() == names


@pytest.mark.parametrize(
    ("content", "chosen", "message"),
    [
        (COMPLETE, {"identity": "none"}, "CONTRAPPOSTO_IDENTITY is none"),
        (None, {"identity": "oidc"}, "has no login"),
        (COMPLETE, {"identity": "oidc", "secret": ""}, "CONTRAPPOSTO_SECRET is empty"),
        (COMPLETE, {"identity": "alb", "alb_arn": ARN}, r"a login in `\[auth\]` too"),
        (None, {"identity": "alb"}, "CONTRAPPOSTO_ALB_ARN"),
        (None, {"identity": "alb", "alb_arn": ARN, "secret": ""}, "CONTRAPPOSTO_SECRET is empty"),
    ],
)
def test_what_contradicts_the_setting_refuses_the_start(
    secrets: Path, content: str | None, chosen: dict[str, Any], message: str
) -> None:
    if content is not None:
        secrets.write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match=message):
        auth.decide_login(settings(**chosen))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[auth", "can't be read"),
        ("\N{REPLACEMENT CHARACTER}[auth]", "can't be read"),
        (section("[auth]") + "\nclient_id = 'twice'", "can't be read"),
        (section("[Auth]"), "has `Auth`"),
        (section("[AUTH]"), "has `AUTH`"),
        (section("['auth ']"), "has `auth `"),
        (section(""), "has `redirect_uri`"),
        ("auth = true", "lacks redirect_uri"),
        ("[auth]", "lacks redirect_uri, cookie_secret, client_id"),
        (section("[auth]", client_id="-"), "lacks client_id"),
        (section("[auth]", client_secret=""), "lacks client_secret"),
        (section("[auth]", server_metadata_url="-"), "lacks server_metadata_url"),
        (section("[auth.okta]"), "lacks redirect_uri"),
        (section("[auth]", cookie_secret="c"), "shorter than 32 bytes"),
        (named("okta", client_id="-"), "lacks okta.client_id"),
        (named("my_okta"), "underscore"),
        (COMPLETE + "\n[auth.okta]\nclient_id = 'x'", "lacks okta.client_secret, okta.server"),
        (section("[auth]", redirect_uri="https://studio.example.com"), "end with /oauth2callback"),
        (section("[auth]", redirect_uri="studio/oauth2callback"), "end with /oauth2callback"),
        (section("[auth]", server_metadata_url="login.example.com"), "the provider's metadata"),
    ],
)
def test_wrong_secrets_refuse_the_start(secrets: Path, content: str, message: str) -> None:
    secrets.write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match=message) as refused:
        auth.decide_login(settings("oidc"))
    assert "\n" not in str(refused.value)


def test_secrets_that_are_no_text_or_no_file_are_refused(secrets: Path) -> None:
    secrets.write_bytes(b"\xff\xfe[\x00a\x00")
    with pytest.raises(ConfigurationError, match="can't be read"):
        auth.decide_login(settings("oidc"))
    secrets.unlink()
    secrets.symlink_to("nowhere")
    with pytest.raises(ConfigurationError, match="can't be read"):
        auth.decide_login(settings("oidc"))


@pytest.mark.parametrize("later", ["", "[auth", section("[Auth]"), None])
def test_a_change_while_it_runs_changes_nothing(secrets: Path, later: str | None) -> None:
    secrets.write_text(COMPLETE, "utf-8")
    auth.decide_login(settings("oidc"))
    secrets.unlink() if later is None else secrets.write_text(later, "utf-8")
    secrets_singleton._reset()
    assert auth.providers() == ("default",)


def test_the_dashboard_does_not_start(secrets: Path, tmp_path: Path) -> None:
    secrets.write_text("[auth", "utf-8")
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", "0"]
    done = subprocess.run(
        [*command, "--secrets.files", str(secrets)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 1
    lines = (done.stdout + done.stderr).splitlines()
    assert len([line for line in lines if "event=start_failed error=Not started:" in line]) == 1
    assert not any("Traceback" in line for line in lines)


CLAIMS = {"iss": "https://login.example.com/", "sub": "1234", "email": "ann@example.com"}


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({}, "login.example.com/1234"),
        ({"email": "bob@example.com"}, "login.example.com/1234"),
        ({"email_verified": True}, "login.example.com/1234"),
        ({"email_verified": "true"}, "login.example.com/1234"),
        ({"email_verified": False}, None),
        ({"email_verified": "false"}, None),
        ({"email_verified": None}, None),
        ({"sub": ""}, None),
        ({"iss": None}, None),
    ],
)
def test_a_user_is_issuer_and_subject(claims: dict[str, Any], name: str | None) -> None:
    found = sign_in_of(CLAIMS | claims)
    assert (found and found.name) == name


def test_two_people_never_share_a_name() -> None:
    claims = [
        CLAIMS,
        CLAIMS | {"iss": "https://other.example.com/"},
        CLAIMS | {"sub": "auth0|1234"},
        CLAIMS | {"sub": "auth0'1234"},
        CLAIMS | {"sub": "x" * 300},
        CLAIMS | {"sub": "x" * 301},
    ]
    names = {found.name for one in claims if (found := sign_in_of(one))}
    assert len(names) == len(claims)
    assert all(_PLAIN_NAME.fullmatch(name) and len(name) <= 128 for name in names)


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("", ()),
        (COMPLETE, ("default",)),
        (COMPLETE + "\n[auth.client_kwargs]\nprompt = 'login'", ("default",)),
        (named("okta"), ("okta",)),
        (named("okta", "google"), ("okta", "google")),
        (COMPLETE + named("okta").partition("c" * 32 + '"')[2], ("default", "okta")),
        (section("[auth]", redirect_uri="http://localhost:{port}/oauth2callback"), ("default",)),
    ],
)
def test_each_provider_can_be_chosen(secrets: Path, content: str, names: tuple[str, ...]) -> None:
    secrets.write_text(content, "utf-8")
    auth.decide_login(settings("oidc" if names else "none"))
    assert auth.providers() == names


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iat": 1000}, ""),
        ({"iat": 941}, ""),
        ({"iat": 1300}, ""),
        ({"iat": 940}, "session is over"),
        ({"iat": 1301}, "session is over"),
        ({"iat": None}, "session is over"),
        ({"iat": "1000"}, "session is over"),
        ({"iat": 1000, "email_verified": False}, "not verified"),
        ({"iat": 1000, "sub": ""}, "does not say who you are"),
    ],
)
def test_a_login_counts_for_the_session_alone(claims: dict[str, Any], reason: str) -> None:
    found = login_of(CLAIMS | claims, now=1000, session_seconds=60)
    assert (found.sign_in is None) is bool(reason)
    assert reason in found.reason


def test_a_login_that_was_ended_counts_no_more_and_others_do() -> None:
    mine, later = ({**CLAIMS, "iat": 1000, "nonce": nonce} for nonce in ("a", "b"))
    end_login(mine, now=1000, session_seconds=60)
    assert login_of(mine, 1000, 60) == Login(None, "You have signed out.", "signed_out")
    assert login_of(later, 1000, 60).sign_in
    end_login(CLAIMS, now=2000, session_seconds=60)  # what is over anyway is forgotten
    assert login_of(mine, 1000, 60).sign_in
