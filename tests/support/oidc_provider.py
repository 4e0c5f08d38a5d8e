"""An OpenID Connect provider over HTTP: authorization code flow with PKCE, signed ID tokens.

https://openid.net/specs/openid-connect-core-1_0.html, RFC 7636, RP-Initiated Logout 1.0.
"""

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID: Final = "studio"
CLIENT_SECRET: Final = "secret-of-the-studio"
_PAGE: Final = (
    "<!doctype html><meta name='viewport' content='width=device-width'><title>Provider</title>"
    "<a href='{accept}'>Continue</a>"
)
_MINUTES: Final = 600

Query = Mapping[str, str]


class Answer(NamedTuple):
    """An answer over HTTP."""

    status: int
    body: bytes
    headers: Mapping[str, str]


@dataclass
class Provider:
    """`claims` are those of whoever signs in next; `asked` has the paths that were asked for."""

    url: str
    claims: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048))
    codes: dict[str, Query] = field(default_factory=dict)

    @property
    def metadata_url(self) -> str:
        """Where its metadata are."""
        return f"{self.url}/.well-known/openid-configuration"

    def metadata(self) -> dict[str, Any]:
        """What a client needs to know of it."""
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "end_session_endpoint": f"{self.url}/end",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
        }

    def code(self, query: Query) -> str:
        """A code for one token; what was asked for is kept with it."""
        code = secrets.token_urlsafe()
        self.codes[code] = query
        return code

    def token(self, form: Query) -> dict[str, Any] | None:
        """The tokens for a code; None where it is not this client's."""
        asked = self.codes.pop(form["code"], None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge:
            return None
        now = int(time.time())
        claims = {"iss": self.url, "aud": CLIENT_ID, "iat": now, "exp": now + _MINUTES}
        claims |= {"nonce": asked["nonce"]} | self.claims
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self.key)
        return {"access_token": secrets.token_urlsafe(), "token_type": "Bearer", "id_token": token}


@contextmanager
def oidc_provider() -> Iterator[Provider]:
    """A provider on a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    server.daemon_threads = True
    provider = Provider(f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = _handler(provider)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield provider
    server.shutdown()
    server.server_close()
    thread.join()


def _answer_to(provider: Provider, path: str, query: Query) -> Answer:
    match path:
        case "/.well-known/openid-configuration":
            return _json(provider.metadata())
        case "/keys":
            public = provider.key.as_dict(private=False, kid="1", alg="RS256", use="sig")
            return _json({"keys": [public]})
        case "/authorize":
            found = {"code": provider.code(query), "state": query["state"]}
            back = f"{query['redirect_uri']}?{urlencode(found)}".replace("&", "&amp;")
            return Answer(200, _PAGE.format(accept=back).encode(), {"Content-Type": "text/html"})
        case "/end":
            return Answer(302, b"", {"Location": query["post_logout_redirect_uri"]})
    return Answer(404, b"", {})


def _json(content: Mapping[str, Any], status: int = 200) -> Answer:
    return Answer(status, json.dumps(content).encode(), {"Content-Type": "application/json"})


def _handler(provider: Provider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            address = urlsplit(self.path)
            provider.asked.append(address.path)
            self._send(_answer_to(provider, address.path, dict(parse_qsl(address.query))))

        def do_POST(self) -> None:
            form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            basic = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
            known = self.headers["Authorization"] == f"Basic {basic}"
            token = provider.token(form) if known else None
            self._send(_json(token or {"error": "invalid_grant"}, 200 if token else 400))

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Say nothing of each call."""

    return Handler
