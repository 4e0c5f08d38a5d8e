"""Where people sign in: one address, cookies that stay with it, and bounds for everybody."""

from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from streamlit import config
from streamlit.web.server.starlette.starlette_websocket import _is_origin_allowed, is_host_allowed

from core.errors import ConfigurationError
from core.settings import Settings
from core.studio.service import Studio
from core.team.rate_limit import RateLimit
from tests.support.load_balancer import ARN
from tests.support.served import served
from ui.auth import hosting
from ui.routes import limits
from ui.routes.cookies import SecureCookies, mended
from ui.routes.limits import RequestLimits

PUBLIC = "https://studio.example.com"


@pytest.fixture
def options() -> Iterator[None]:
    """Streamlit's options are as they were afterwards."""
    names = ("server.allowedHosts", "server.corsAllowedOrigins")
    usual = {name: config.get_option(name) for name in names}
    yield
    for name, value in usual.items():
        config.set_option(name, value)
    hosting.forget_own_address()


def settings(**more: Any) -> Settings:
    return Settings(**{"identity": "alb", "alb_arn": ARN, "secret": "s" * 32} | more)


@pytest.mark.usefixtures("options")
def test_no_other_host_and_origin_is_served() -> None:
    config.set_option("server.allowedHosts", ["localhost", "127.0.0.1", "intranet"])
    hosting.serve_own_address(settings(public_url=f"{PUBLIC}/"))
    hosts = ("studio.example.com", "intranet", "localhost", "evil.example.com", None)
    assert [is_host_allowed(host) for host in hosts] == [True, True, False, False, False]
    proxied = [(PUBLIC, "intranet"), ("https://evil.example.com", "studio.example.com")]
    assert [_is_origin_allowed(*each) for each in proxied] == [True, False]
    assert hosting.is_encrypted()


@pytest.mark.usefixtures("options")
def test_this_machine_needs_no_encryption() -> None:
    hosting.serve_own_address(settings(public_url="http://127.0.0.1:8501"))
    assert is_host_allowed("127.0.0.1:8501")
    assert not hosting.is_encrypted()


@pytest.mark.usefixtures("options")
@pytest.mark.parametrize(
    ("more", "hosts", "message"),
    [
        ({}, [], "Set CONTRAPPOSTO_PUBLIC_URL"),
        ({"public_url": "http://studio.example.com"}, [], "not encrypted"),
        ({"public_url": PUBLIC}, ["*"], "any host name"),
    ],
)
def test_what_leaves_it_open_refuses_the_start(
    more: dict[str, Any], hosts: list[str], message: str
) -> None:
    config.set_option("server.allowedHosts", hosts)
    with pytest.raises(ConfigurationError, match=message):
        hosting.serve_own_address(settings(**more))


@pytest.mark.usefixtures("options")
def test_without_an_identity_streamlit_says_who_is_served() -> None:
    config.set_option("server.allowedHosts", ["localhost"])
    hosting.serve_own_address(Settings(public_url=PUBLIC))
    assert config.get_option("server.allowedHosts") == ["localhost"]


@pytest.mark.parametrize(
    ("cookie", "is_https", "expected"),
    [
        ("a=b", False, "a=b; HttpOnly; SameSite=Lax"),
        ("a=b", True, "a=b; Secure; HttpOnly; SameSite=Lax"),
        ("a=b; HttpOnly; Path=/", True, "a=b; HttpOnly; Path=/; Secure; SameSite=Lax"),
        ("a=b; secure; httponly; samesite=strict", True, "a=b; secure; httponly; samesite=strict"),
        ("_streamlit_xsrf=b; Path=/", True, "_streamlit_xsrf=b; Path=/; Secure; SameSite=Lax"),
        ("secure=httponly", True, "secure=httponly; Secure; HttpOnly; SameSite=Lax"),
    ],
)
def test_a_cookie_gets_what_it_lacks(cookie: str, is_https: bool, expected: str) -> None:
    assert mended(cookie, is_https=is_https) == expected


async def _echo(request: Request) -> PlainTextResponse:
    answer = PlainTextResponse(str(len(await request.body())))
    answer.set_cookie("one", "1")
    answer.set_cookie("two", "2")
    return answer


PATHS = ("/api/x", "/sdapi/x", "/other", "/auth/login")
APP = Starlette(
    routes=[Route(path, _echo, methods=["GET", "POST"]) for path in PATHS],
    middleware=[Middleware(SecureCookies), Middleware(RequestLimits)],
)


def test_cookies_are_secure_where_a_proxy_says_https(studio: Studio) -> None:
    with served(APP) as client:
        plain = client.get("/other").headers
        forwarded = client.get("/other", headers={"X-Forwarded-Proto": "https"}).headers
    assert [c.partition("=")[0] for c in forwarded.get_list("set-cookie")] == ["one", "two"]
    assert all("; Secure" in cookie for cookie in forwarded.get_list("set-cookie"))
    assert not any("; Secure" in cookie for cookie in plain.get_list("set-cookie"))
    assert "strict-transport-security" in forwarded
    assert "strict-transport-security" not in plain


def test_a_body_is_bounded_with_and_without_its_length(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_BODY", 1000)
    with served(APP) as client:
        for path in ("/api/x", "/sdapi/x"):
            for body in (b"x" * 1001, iter([b"x" * 100] * 11)):
                answer = client.post(path, content=body)
                assert answer.status_code == 413
                assert "too large" in answer.text
            assert client.post(path, content=b"x" * 1000).text == "1000"
            assert client.post(path, content=iter([b"x" * 100] * 10)).text == "1000"
        assert client.post("/other", content=b"x" * 1001).text == "1001"


def test_tries_to_sign_in_are_counted_by_address(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "SIGN_INS", RateLimit(0.1, 2, lambda: 0.0))
    with served(APP) as client:
        answers = [client.get("/auth/login") for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[-1].headers["retry-after"] == "10"
        assert client.get("/other").status_code == 200
