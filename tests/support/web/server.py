"""One https server for many hosts, whose answers are sent as they are, right or wrong."""

import socket
import socketserver
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from ssl import SSLContext
from threading import Thread
from typing import Any, Final
from urllib.parse import urlsplit

from tests.support.web.certificates import write_certificates

NAMES: Final = (
    "huggingface.co",
    "hf.co",
    "cas-bridge.xethub.hf.co",
    "civitai.com",
    "auth.civitai.com",
    "worker.r2.cloudflarestorage.com",
    "files.example.com",
    "other.example.com",
    "localhost",
    "127.0.0.1",
)
"""Hosts that the certificate is for."""

THIS_MACHINE: Final = ("localhost", "127.0.0.1")
"""Under these names the host comes first in the path: https://localhost:4433/civitai.com/models."""


@dataclass(frozen=True)
class Asked:
    """A request, its headers' names in lower case."""

    host: str
    path: str
    query: str
    headers: dict[str, str]


Sent = bytes | Iterable[bytes]
Handler = Callable[[Asked], Sent]


def reply(body: bytes = b"", status: int = 200, **headers: Any) -> bytes:
    """A whole answer; `content_type` becomes Content-Type, None leaves a header out."""
    given: dict[str, object] = {
        "content_length": len(body),
        "content_type": "application/octet-stream",
    }
    return head(status, **(given | headers)) + body


def head(status: int = 200, **headers: Any) -> bytes:
    """Status and headers alone."""
    lines = [
        f"{name.replace('_', '-').title()}: {value}"
        for name, value in headers.items()
        if value is not None
    ]
    return "\r\n".join([f"HTTP/1.1 {status} Said", *lines, "Connection: close", "", ""]).encode()


def redirect(location: str, status: int = 302, **headers: Any) -> bytes:
    """To another address."""
    return reply(status=status, location=location, **headers)


def ranged(data: bytes, asked: Asked, etag: str = '"v1"', **headers: Any) -> bytes:
    """A file as storage sends it: the part that was asked for of the version that is there."""
    wanted = asked.headers.get("range", "")
    if not wanted or asked.headers.get("if-range", etag) != etag:
        return reply(data, etag=etag, **headers)
    first, _, last = wanted.removeprefix("bytes=").partition("-")
    start, end = int(first), min(int(last or len(data)), len(data) - 1)
    if start >= len(data):
        return reply(status=416, content_range=f"bytes */{len(data)}")
    place = f"bytes {start}-{end}/{len(data)}"
    return reply(data[start : end + 1], 206, etag=etag, content_range=place, **headers)


@dataclass
class LocalWeb:
    """What is served where; `routes` by host and path: `files.example.com/a.safetensors`."""

    port: int
    authority: Path
    """File of the authority to trust."""
    routes: dict[str, Handler | bytes] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)

    def url(self, host: str, name: str = "localhost") -> str:
        """A host's address for a process that can't be told to resolve names otherwise."""
        return f"https://{name}:{self.port}/{host}"

    def answer(self, asked: Asked) -> Sent:
        """What its route says; 404 where there is none."""
        self.asked.append(asked)
        handler = self.routes.get(f"{asked.host}{asked.path}", reply(status=404))
        return handler if isinstance(handler, bytes) else handler(asked)


def _request(connection: socket.socket) -> Asked | None:
    received = b""
    while b"\r\n\r\n" not in received:
        block = connection.recv(65536)
        if not block:
            return None
        received += block
    first, *lines = received.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
    host, target = headers["host"].rpartition(":")[0] or headers["host"], first.split(" ")[1]
    if host in THIS_MACHINE:
        host, _, rest = target[1:].partition("/")
        target = f"/{rest}"
    parts = urlsplit(target)
    return Asked(host, parts.path, parts.query, headers)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no matter here."""


@contextmanager
def local_web(folder: Path, names: Iterable[str] = NAMES) -> Iterator[LocalWeb]:
    """The server on a free port of this machine."""
    authority, tls = write_certificates(folder, names)

    class Connection(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError), _secured(self.request, tls) as connection:
                asked = _request(connection)
                if asked is None:
                    return
                sent = web.answer(asked)
                for block in (sent,) if isinstance(sent, bytes) else sent:
                    connection.sendall(block)
                with suppress(OSError):
                    connection.unwrap()

    with _Server(("127.0.0.1", 0), Connection) as server:
        web = LocalWeb(server.server_address[1], authority)
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield web
        server.shutdown()
        thread.join()


@contextmanager
def _secured(plain: socket.socket, tls: SSLContext) -> Iterator[Any]:
    plain.settimeout(30)
    with tls.wrap_socket(plain, server_side=True) as connection:
        yield connection
