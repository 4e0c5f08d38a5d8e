"""An Application Load Balancer as far as a login goes: sessions by cookie, signed headers, keys.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-authenticate-users.html
"""

import base64
import json
import secrets
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final
from urllib.parse import parse_qs, quote, urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ARN: Final = (
    "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/studio/0123456789abcdef"
)
COOKIE: Final = "AWSELBAuthSessionCookie-0"
ISSUER: Final = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_pool"
_LIFE_SECONDS: Final = 120


def encoded(value: object) -> str:
    """JSON in base64url with its padding, as the load balancer writes it."""
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


@dataclass
class SigningKey:
    """A key of the load balancer under its id."""

    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    private: EllipticCurvePrivateKey = field(
        default_factory=lambda: generate_private_key(SECP256R1())
    )

    def pem(self) -> bytes:
        """The public half."""
        public = self.private.public_key()
        return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    def header(self, claims: dict[str, Any], **changed: Any) -> str:
        """The value of `x-amzn-oidc-data` for these claims; `changed` is of the JOSE header."""
        jose: dict[str, Any] = {"typ": "JWT", "kid": self.id, "alg": "ES256", "iss": ISSUER}
        jose |= {"signer": ARN, "exp": int(time.time()) + _LIFE_SECONDS}
        signed = f"{encoded(jose | changed)}.{encoded(claims)}"
        r, s = decode_dss_signature(self.private.sign(signed.encode(), ECDSA(SHA256())))
        signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return f"{signed}.{base64.urlsafe_b64encode(signature).decode()}"


@dataclass
class KeyServer:
    """Where the public keys lie; `asked` has the paths that were asked for."""

    url: str
    published: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def publish(self, key: SigningKey) -> SigningKey:
        """Serve the key from now on."""
        self.published[f"/{key.id}"] = key.pem()
        return key


@contextmanager
def key_server() -> Iterator[KeyServer]:
    """A server of keys on a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    keys = KeyServer(f"http://127.0.0.1:{server.server_port}")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            keys.asked.append(self.path)
            body = keys.published.get(self.path)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            """Say nothing of each call."""

    server.RequestHandlerClass = Handler
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield keys
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class LoadBalancer:
    """Signs in whoever `claims` names, and forwards with their header to `target`."""

    listener: socket.socket
    key: SigningKey
    target: int = 0
    claims: dict[str, Any] = field(default_factory=dict)
    access: dict[str, Any] = field(default_factory=dict)
    """What the access token adds to the claims, such as the groups."""
    sessions: dict[str, tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def headers_of(self, session: str) -> dict[str, str]:
        """What it adds to a request of this session."""
        claims, access = self.sessions[session]
        token = f"{encoded({'alg': 'RS256'})}.{encoded({'iss': ISSUER, **claims, **access})}.x"
        return {
            "x-amzn-oidc-data": self.key.header(claims),
            "x-amzn-oidc-accesstoken": token,
            "X-Forwarded-For": "127.0.0.1",
            "X-Forwarded-Proto": "http",
        }

    def serve(self) -> None:
        """Take connections until the listener is closed."""
        with suppress(OSError):
            while True:
                browser, _ = self.listener.accept()
                Thread(target=self._connection, args=(browser,), daemon=True).start()

    def _connection(self, browser: socket.socket) -> None:
        """One request, then bytes in both directions: a websocket needs no more."""
        with browser, suppress(OSError):
            head, rest = _read_head(browser)
            if not head:
                return
            request, *lines = head.decode("latin-1").split("\r\n")
            path = request.split(" ")[1]
            session = _session_of(lines)
            if path.startswith("/oauth2/idpresponse"):
                browser.sendall(self._signed_in(path))
            elif session not in self.sessions:
                browser.sendall(_sign_in_page(path))
            else:
                self._forward(browser, request, lines, session, rest)

    def _signed_in(self, path: str) -> bytes:
        session = secrets.token_urlsafe()
        self.sessions[session] = (dict(self.claims), dict(self.access))
        to = parse_qs(urlsplit(path).query)["to"][0]
        return _answer(
            "302 Found", b"", f"Location: {to}", f"Set-Cookie: {COOKIE}={session}; Path=/; HttpOnly"
        )

    def _forward(
        self, browser: socket.socket, request: str, lines: list[str], session: str, rest: bytes
    ) -> None:
        own = self.headers_of(session)
        replaced = {*(name.lower() for name in own), "x-amzn-oidc-identity"}
        kept = [line for line in lines if line.partition(":")[0].lower() not in replaced]
        if not any(line.lower().startswith("upgrade:") for line in kept):
            kept = [line for line in kept if not line.lower().startswith("connection:")]
            kept.append("Connection: close")
        added = [f"{name}: {value}" for name, value in own.items()]
        with socket.create_connection(("127.0.0.1", self.target)) as app:
            app.sendall("\r\n".join((request, *kept, *added, "", "")).encode("latin-1") + rest)
            back = Thread(target=_pump, args=(app, browser), daemon=True)
            back.start()
            _pump(browser, app)
            back.join()


@contextmanager
def load_balancer(keys: KeyServer) -> Iterator[LoadBalancer]:
    """A load balancer on a free port, whose key is published there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        balancer = LoadBalancer(listener, keys.publish(SigningKey()))
        Thread(target=balancer.serve, daemon=True).start()
        yield balancer
        listener.shutdown(socket.SHUT_RDWR)


def _read_head(browser: socket.socket) -> tuple[bytes, bytes]:
    received = b""
    while b"\r\n\r\n" not in received:
        more = browser.recv(65536)
        if not more:
            return b"", b""
        received += more
    head, _, rest = received.partition(b"\r\n\r\n")
    return head, rest


def _session_of(lines: list[str]) -> str:
    cookies: SimpleCookie = SimpleCookie()
    for line in lines:
        name, _, value = line.partition(":")
        if name.lower() == "cookie":
            cookies.load(value.strip())
    return cookies[COOKIE].value if COOKIE in cookies else ""


def _sign_in_page(path: str) -> bytes:
    page = f"<title>Provider</title><a href='/oauth2/idpresponse?to={quote(path)}'>Continue</a>"
    return _answer("200 OK", page.encode(), "Content-Type: text/html")


def _answer(status: str, body: bytes, *headers: str) -> bytes:
    lines = (f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close")
    return "\r\n".join((*lines, "", "")).encode("latin-1") + body


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
