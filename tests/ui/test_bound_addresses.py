"""An address that a page gave to one person opens nothing for another, nor for that one later."""

import dataclasses
import json
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import anyio
import httpx
import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import Message, Receive, Scope, Send
from streamlit import config
from streamlit.runtime.secrets import secrets_singleton
from streamlit.web.server.starlette.starlette_app_utils import (
    create_signed_value,
    decode_signed_value,
)
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from core.aws.client import Connection
from core.jobs.records import Job, JobState
from core.records.edit import edit
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.audit.entries import AuditEntry, AuditEvent
from core.team.audit.trail import AuditFilter
from core.team.people import PEOPLE, Person
from core.team.permissions import Visibility
from core.team.rate_limit import RateLimit
from core.team.users import LOCAL, Role, User
from core.texts.team import IS_DISABLED
from formats.keys import output_key
from tests.core.jobs.store.jobs import job as job_record
from tests.pages.steps import png
from tests.support.helpers import wait_for
from tests.support.load_balancer import ARN, ISSUER, KeyServer, SigningKey, key_server
from tests.support.served import served
from ui import routes
from ui.auth import alb, oidc
from ui.auth.claims import sign_in_of
from ui.auth.page import SIGN_OUT_ROUTE
from ui.routes import asking, sign_out
from ui.routes.media import MediaFiles
from ui.routes.rotated_cookies import RotatedCookies, with_signature_of_now
from ui.state import set_studio

SECRET = "c" * 32
ORIGIN = "http://studio.example.com"
AUTH = f"""
[auth]
redirect_uri = "{ORIGIN}/oauth2callback"
cookie_secret = "{SECRET}"
client_id = "studio"
client_secret = "s"
server_metadata_url = "http://login.example.com/"
"""


NOW = int(time.time())


def claims_of(name: str) -> dict[str, Any]:
    return {"iss": ISSUER, "sub": name, "email": f"{name}@example.com", "iat": NOW, "nonce": name}


def name_of(name: str) -> str:
    found = sign_in_of(claims_of(name))
    assert found
    return found.name


class CookieLogin:
    """A login by Streamlit's signed cookie."""

    settings: Mapping[str, Any] = {"identity": "oidc"}

    def headers_of(self, name: str, secret: str = SECRET, **changed: Any) -> dict[str, str]:
        user = claims_of(name) | {"origin": ORIGIN, "is_logged_in": True} | changed
        cookie = create_signed_value(secret, USER_COOKIE_NAME, json.dumps(user)).decode()
        return {"Cookie": f"{USER_COOKIE_NAME}={cookie}"}

    def sign_out(self, _client: httpx.Client, _headers: dict[str, str]) -> None:
        """As the page does."""
        oidc.end_login(claims_of("ann"), time.time(), 60)


class HeaderLogin:
    """A login by the header of a load balancer."""

    def __init__(self, keys: KeyServer) -> None:
        self.key = keys.publish(SigningKey())
        self.settings = {"identity": "alb", "alb_arn": ARN, "alb_keys_url": keys.url}

    def headers_of(self, name: str) -> dict[str, str]:
        return {"x-amzn-oidc-data": self.key.header(claims_of(name))}

    def sign_out(self, client: httpx.Client, headers: dict[str, str]) -> None:
        answer = client.get(SIGN_OUT_ROUTE, headers=headers)
        expired = answer.headers.get_list("set-cookie")
        assert sorted(cookie.partition("=")[0] for cookie in expired) == [
            f"AWSELBAuthSessionCookie-{number}" for number in range(4)
        ]
        assert all("Max-Age=0" in cookie for cookie in expired)


class House(NamedTuple):
    """A studio with an identity and its routes."""

    studio: Studio
    client: httpx.Client
    login: CookieLogin | HeaderLogin


@pytest.fixture
def _secrets(tmp_path: Path) -> Iterator[None]:
    usual, file = config.get_option("secrets.files"), tmp_path / "secrets.toml"
    file.write_text(AUTH, "utf-8")
    config.set_option("secrets.files", [str(file)])
    secrets_singleton._reset()
    yield
    config.set_option("secrets.files", usual)
    secrets_singleton._reset()


@pytest.fixture(params=["oidc", "alb"])
def house(
    request: pytest.FixtureRequest, connection: Connection, tmp_path: Path, _secrets: None
) -> Iterator[House]:
    with key_server() as keys:
        login = CookieLogin() if request.param == "oidc" else HeaderLogin(keys)
        settings = Settings(
            demo=False, data=tmp_path, bucket="bound", secret="s" * 32, **login.settings
        )
        app = Starlette(
            routes=[*routes.routes, *sign_out.routes],
            middleware=[Middleware(RotatedCookies), Middleware(MediaFiles)],
        )
        with open_studio(settings, connection) as opened, served(app) as client:
            set_studio(opened)
            yield House(opened, client, login)
            set_studio(None)
    oidc._ended.clear()
    alb._ended.clear()


@pytest.fixture
def job(house: House) -> Job:
    """A job of ann's that is over, with one image."""
    changes: dict[str, Any] = {
        "owner": name_of("ann"),
        "state": JobState.SUCCEEDED,
        "image_count": 1,
    }
    kept = job_record(**changes)
    house.studio.storage.write(output_key(kept.id, 0), png(), "image/png")
    house.studio._workers.store.add(kept)
    return kept


def addresses(house: House, name: str, job: Job) -> tuple[str, str]:
    """What a page of that person has: an image, and where the job's state is asked for."""
    user = User(name=name_of(name))
    return (
        house.studio.urls(user).output(job.id, 0, job.bucket),
        routes.status_url(house.studio, user, job.id),
    )


def statuses(house: House, urls: tuple[str, str], headers: dict[str, str]) -> list[int]:
    return [house.client.get(url, headers=headers).status_code for url in urls]


def audited(house: House) -> tuple[AuditEntry, ...]:
    """What the audit has, the newest first."""
    return house.studio.audit_trail.page(LOCAL, AuditFilter()).entries


def test_its_own_person_sees_it_and_nobody_else(house: House, job: Job) -> None:
    urls = addresses(house, "ann", job)
    assert statuses(house, urls, house.login.headers_of("ann")) == [200, 200]
    assert statuses(house, urls, house.login.headers_of("bob")) == [403, 403]
    assert statuses(house, urls, {}) == [403, 403]


def test_a_sign_out_ends_it(house: House, job: Job) -> None:
    urls, headers = addresses(house, "ann", job), house.login.headers_of("ann")
    assert statuses(house, urls, headers) == [200, 200]
    house.login.sign_out(house.client, headers)
    assert statuses(house, urls, headers) == [403, 403]
    assert wait_for(lambda: [e for e in audited(house) if e.reason == "signed_out"])


def test_who_is_disabled_sees_nothing(house: House, job: Job) -> None:
    urls, headers = addresses(house, "ann", job), house.login.headers_of("ann")
    assert statuses(house, urls, headers) == [200, 200]

    def disable(person: Person | None) -> Person | None:
        return person and person.model_copy(update={"disabled": True})

    edit(house.studio.records, PEOPLE, name_of("ann"), "person", disable)
    house.studio.people.forget_known(name_of("ann"))
    answer = house.client.get(urls[0], headers=headers)
    assert (answer.status_code, answer.text) == (403, IS_DISABLED)
    assert statuses(house, urls, headers) == [403, 403]
    entry = wait_for(lambda: audited(house))[0]
    assert (entry.event, entry.reason) == (AuditEvent.SIGN_IN, "disabled")
    assert (entry.user, entry.title) == (name_of("ann"), "ann@example.com")


def test_what_is_shared_no_more_is_not_seen(house: House, job: Job) -> None:
    store = house.studio._workers.store
    urls, headers = addresses(house, "bob", job), house.login.headers_of("bob")
    assert statuses(house, urls, headers) == [404, 404]
    for changes, status in (
        ({"shared_with": (name_of("bob"),)}, 200),
        ({"shared_with": ()}, 404),
        ({"visibility": Visibility.TEAM}, 200),
        ({"visibility": Visibility.PRIVATE}, 404),
    ):
        assert store.update(job.id, set(JobState), dict(changes))
        assert statuses(house, urls, headers) == [status, status], changes


@pytest.mark.parametrize("role", Role)
def test_every_role_at_every_route(house: House, job: Job, role: Role) -> None:
    """No role opens what is private, an admin's neither; each opens what it may look into."""
    settings = {"name": name_of("bob"), "first_seen": job.created_at, "last_seen": job.created_at}
    edit(
        house.studio.records,
        PEOPLE,
        name_of("bob"),
        "person",
        lambda _: Person(role=role, **settings),
    )
    urls, headers = addresses(house, "bob", job), house.login.headers_of("bob")
    for changes, status in (
        ({}, 404),
        ({"shared_with": (name_of("bob"),)}, 200),
        ({"shared_with": (), "visibility": Visibility.TEAM}, 200),
        ({"visibility": Visibility.PRIVATE, "owner": name_of("bob")}, 200),
    ):
        assert house.studio._workers.store.update(job.id, set(JobState), dict(changes))
        assert statuses(house, urls, headers) == [status, status], changes


def test_files_of_streamlits_own_are_for_people_who_are_signed_in(house: House) -> None:
    for headers, status in ((house.login.headers_of("ann"), 404), ({}, 403)):
        assert house.client.get("/media/x.png", headers=headers).status_code == status


def test_who_asks_too_often_waits(house: House, job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "REQUESTS", RateLimit(0.1, 2, lambda: 0.0))
    urls = addresses(house, "ann", job)
    assert statuses(house, urls, house.login.headers_of("ann")) == [200, 200]
    answer = house.client.get(urls[0], headers=house.login.headers_of("ann"))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")
    assert "Wait 10 s" in answer.text
    others = addresses(house, "bob", job)
    assert statuses(house, others, house.login.headers_of("bob")) == [404, 404]


@pytest.mark.parametrize("house", ["oidc"], indirect=True)
def test_a_login_outlives_a_change_of_the_secret_that_signed_it(house: House, job: Job) -> None:
    assert isinstance(house.login, CookieLogin)
    urls = addresses(house, "ann", job)
    old = house.login.headers_of("ann", secret="o" * 32)
    assert statuses(house, urls, old) == [403, 403]
    update = {"old_cookie_secret": SecretStr("o" * 32)}
    settings = house.studio.settings.model_copy(update=update)
    set_studio(dataclasses.replace(house.studio, settings=settings))
    assert statuses(house, urls, old) == [200, 200]
    assert statuses(house, urls, house.login.headers_of("ann")) == [200, 200]
    bob, cookie = house.login.headers_of("bob", secret="o" * 32), f"other=1; {old['Cookie']}"
    assert statuses(house, urls, bob) == [403, 403]
    assert statuses(house, urls, {"Cookie": cookie}) == [200, 200]
    assert statuses(house, urls, house.login.headers_of("ann", secret="x" * 32)) == [403, 403]
    aged = house.login.headers_of("ann", secret="o" * 32, iat=NOW - 13 * 3600)
    assert statuses(house, urls, aged) == [403, 403]


@pytest.mark.usefixtures("_secrets")
def test_a_login_in_several_cookies_is_signed_anew_in_each() -> None:
    names = (USER_COOKIE_NAME, f"{USER_COOKIE_NAME}_1", f"{USER_COOKIE_NAME}_tokens")
    for name in names:
        old = f"{name}={create_signed_value('o' * 32, name, 'part').decode()}"
        _, _, value = with_signature_of_now(old, "o" * 32).partition("=")
        assert decode_signed_value(SECRET, name, value) == b"part"
    assert with_signature_of_now("other=1", "o" * 32) == "other=1"
    assert with_signature_of_now(f"{USER_COOKIE_NAME}=x", "o" * 32) == f"{USER_COOKIE_NAME}=x"


@pytest.mark.parametrize("house", ["oidc"], indirect=True)
@pytest.mark.parametrize("kind", ["http", "websocket", "lifespan"])
def test_a_pages_websocket_gets_the_signature_of_now_too(house: House, kind: str) -> None:
    update = {"old_cookie_secret": SecretStr("o" * 32)}
    settings = house.studio.settings.model_copy(update=update)
    set_studio(dataclasses.replace(house.studio, settings=settings))
    old = create_signed_value("o" * 32, USER_COOKIE_NAME, "ann").decode()
    headers = [(b"host", b"x"), (b"cookie", f"{USER_COOKIE_NAME}={old}".encode())]
    seen: list[Scope] = []

    async def app(scope: Scope, _receive: Receive, _send: Send) -> None:
        seen.append(scope)

    async def receive() -> Message:
        return {}

    async def send(_message: Message) -> None:
        """Nobody listens."""

    scope = {"type": kind, "headers": headers}
    anyio.run(partial(RotatedCookies(app), scope, receive, send))
    value = dict(seen[0]["headers"])[b"cookie"].decode().partition("=")[2]
    is_signed = decode_signed_value(SECRET, USER_COOKIE_NAME, value) == b"ann"
    assert is_signed is (kind != "lifespan")


FORGED = [
    {"secret": "d" * 32},
    {"iat": NOW - 13 * 3600},
    {"iat": None},
    {"origin": "http://evil.example.com"},
    {"is_logged_in": False},
    {"email_verified": False},
    {"sub": ""},
]


@pytest.mark.parametrize("house", ["oidc"], indirect=True)
@pytest.mark.parametrize("changed", FORGED)
def test_a_cookie_that_proves_nothing_opens_nothing(
    house: House, job: Job, changed: dict[str, Any]
) -> None:
    assert isinstance(house.login, CookieLogin)
    headers = house.login.headers_of("ann", **changed)
    assert statuses(house, addresses(house, "ann", job), headers) == [403, 403]
