"""An identity provider's own description fills the template's parameters."""

import json
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from core.errors import ConfigurationError
from deploy.identity_provider import discover


@pytest.fixture
def issuer(tmp_path: Path) -> Iterator[str]:
    """A provider that serves the files of the test's folder."""
    handler = partial(SimpleHTTPRequestHandler, directory=str(tmp_path))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def describe(folder: Path, document: object) -> None:
    (folder / ".well-known").mkdir()
    (folder / ".well-known" / "openid-configuration").write_text(json.dumps(document))


def test_the_three_endpoints_are_found(issuer: str, tmp_path: Path) -> None:
    describe(
        tmp_path,
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "userinfo_endpoint": f"{issuer}/me",
            "jwks_uri": f"{issuer}/keys",
        },
    )
    assert discover(issuer + "/") == {
        "OidcIssuer": issuer,
        "OidcAuthorizationEndpoint": f"{issuer}/authorize",
        "OidcTokenEndpoint": f"{issuer}/token",
        "OidcUserInfoEndpoint": f"{issuer}/me",
    }


@pytest.mark.parametrize("document", [{}, [], "text", {"issuer": "https://a.example.com"}])
def test_a_description_that_is_none_is_told(issuer: str, tmp_path: Path, document: object) -> None:
    describe(tmp_path, document)
    with pytest.raises(ConfigurationError, match="Check OidcIssuer"):
        discover(issuer)


@pytest.mark.parametrize("wrong", ["http://idp.example.com", "file:///etc", "ftp://127.0.0.1:1"])
def test_only_https_is_asked(wrong: str) -> None:
    with pytest.raises(ConfigurationError, match="begins with no https"):
        discover(wrong)


def test_a_provider_that_is_not_there_is_told(issuer: str) -> None:
    with pytest.raises(ConfigurationError, match="404"):
        discover(issuer)
