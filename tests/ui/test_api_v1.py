"""The routes for programs answer to an API key, and to nothing else."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.aws.client import Connection
from core.errors import AwsUnreachable
from core.ids import utc_now
from core.settings import Identity, Settings
from core.studio.service import Studio, open_studio
from core.team.api_keys import Scope
from core.team.people import SignIn
from core.team.rate_limit import RateLimit
from core.team.users import Role, User
from tests.support.served import served
from ui.routes import api_v1, asking
from ui.state import set_studio

ADMIN = User(name="root", role=Role.ADMIN)
BOB = User(name="idp.example/bob", role=Role.ARTIST, title="bob@example.com")


class Moved:
    """The time, some days ahead."""

    days = 0.0

    def __call__(self) -> datetime:
        return utc_now() + timedelta(days=self.days)


@pytest.fixture(scope="module")
def clock() -> Moved:
    return Moved()


@pytest.fixture(scope="module")
def team(
    connection: Connection, clock: Moved, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    data = tmp_path_factory.mktemp("api")
    settings = Settings(demo=False, data=data, bucket="api-v1", identity=Identity.OIDC)
    with open_studio(settings, connection, clock) as opened:
        set_studio(opened)
        yield opened
        set_studio(None)


@pytest.fixture(scope="module")
def client(team: Studio) -> Iterator[httpx.Client]:
    with served(Starlette(routes=list(api_v1.routes))) as opened:
        yield opened


@pytest.fixture
def key(team: Studio) -> str:
    team.people.enter(SignIn(name=BOB.name, title=BOB.title))
    team.administration.set_disabled(ADMIN, BOB.name, disabled=False)
    for old in team.api_keys.list(BOB):
        team.api_keys.revoke(BOB, old.owner, old.id)
    made = team.api_keys.create(BOB, "script", [Scope.READ, Scope.GENERATE], 30)
    return made.text.get_secret_value()


def ask(client: httpx.Client, authorization: str | bytes | None) -> httpx.Response:
    headers = {} if authorization is None else {b"Authorization": authorization}
    return client.get("/api/v1/me", headers=headers)  # type: ignore[arg-type]  # bytes go as they are


def refused_with(answer: httpx.Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/json"
    assert set(answer.json()) == {"error"}
    error = answer.json()["error"]
    assert set(error) == {"code", "message"}
    assert error["message"].endswith(".")
    return answer.status_code, error["code"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER  "])
def test_me(client: httpx.Client, team: Studio, key: str, scheme: str) -> None:
    answer = ask(client, f"{scheme} {key}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    expires = datetime.fromisoformat(answer.json().pop("expires_at"))
    assert expires == team.api_keys.list(BOB)[0].expires_at
    assert {name: value for name, value in answer.json().items() if name != "expires_at"} == {
        "name": BOB.name,
        "title": BOB.title,
        "role": "artist",
        "scopes": ["read", "generate"],
    }


@pytest.mark.parametrize(
    ("template", "code"),
    [
        (None, "missing_key"),
        ("", "missing_key"),
        ("Bearer", "missing_key"),
        ("{key}", "missing_key"),
        ("Basic {key}", "missing_key"),
        ("Bearer secret", "malformed_key"),
        ("Bearer {key}x", "malformed_key"),
        ("Bearer {key} {key}", "malformed_key"),
        (b"Bearer \xff\xfe", "malformed_key"),
        ("Bearer cpk_000000000000_" + "A" * 43, "unknown_key"),
    ],
)
def test_without_a_right_key_there_is_one_shape_of_error(
    client: httpx.Client, key: str, template: str | bytes | None, code: str
) -> None:
    sent = template.format(key=key) if isinstance(template, str) else template
    answer = ask(client, sent)
    assert refused_with(answer) == (401, code)
    assert answer.headers["www-authenticate"] == "Bearer"


def test_who_calls_too_often_waits(
    client: httpx.Client, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "REQUESTS", RateLimit(0.1, 1, lambda: 0.0))
    headers = {"Authorization": f"Bearer {key}"}
    first, second = (client.get("/api/v1/me", headers=headers) for _ in range(2))
    assert (first.status_code, second.status_code) == (200, 429)
    assert second.headers["retry-after"] == "10"
    assert second.json()["error"]["code"] == "too_many_requests"


def test_a_key_in_the_address_is_no_key(client: httpx.Client, key: str) -> None:
    answer = client.get("/api/v1/me", params={"key": key, "access_token": key})
    assert refused_with(answer) == (401, "missing_key")


def test_revoked_disabled_and_expired_keys(
    client: httpx.Client, team: Studio, key: str, clock: Moved
) -> None:
    team.administration.set_disabled(ADMIN, BOB.name, disabled=True)
    assert refused_with(ask(client, f"Bearer {key}")) == (401, "unknown_key")
    team.administration.set_disabled(ADMIN, BOB.name, disabled=False)
    clock.days = 30
    assert refused_with(ask(client, f"Bearer {key}")) == (401, "expired_key")
    clock.days = 0
    assert ask(client, f"Bearer {key}").status_code == 200
    team.api_keys.revoke(BOB, BOB.name, team.api_keys.list(BOB)[0].id)
    assert refused_with(ask(client, f"Bearer {key}")) == (401, "unknown_key")


def test_a_route_may_need_a_scope(team: Studio, key: str) -> None:
    def managed(request: Request) -> Response:
        return api_v1.answer_to_key(request, api_v1._me, Scope.MANAGE)

    with served(Starlette(routes=[Route("/api/v1/me", managed)])) as client:
        assert refused_with(ask(client, f"Bearer {key}")) == (403, "out_of_scope")


def test_a_silent_aws_is_not_the_keys_fault(
    client: httpx.Client, team: Studio, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(*_: object, **__: object) -> None:
        raise AwsUnreachable("DynamoDB does not answer. Try again.")

    monkeypatch.setattr(team.records, "page", silent)
    assert refused_with(ask(client, f"Bearer {key}")) == (503, "unavailable")


def test_no_key_is_logged(client: httpx.Client, key: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for sent in (key, key[:-2] + "AA", key + "x"):
        ask(client, f"Bearer {sent}")
    server = [
        r.getMessage() for r in caplog.records if not r.name.startswith(("httpx", "httpcore"))
    ]
    assert server
    assert key[20:50] not in "\n".join(server)
