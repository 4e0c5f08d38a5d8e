"""Asks a web site for something, follows its redirects by hand, and bounds what comes back."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from ssl import SSLContext
from typing import Final

import httpcore

from core.errors import InvalidInput, RemoteError
from core.models.remote.http.network import CheckedNetwork, PacedStream
from core.models.remote.http.urls import HttpsUrl
from core.texts import remote as texts
from formats.version import VERSION

MAX_REDIRECTS: Final = 5
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_TIMEOUTS: Final = {"connect": 10.0, "read": 30.0, "write": 10.0, "pool": 30.0}
"""Seconds: to connect, between two blocks that come, to send the request, for a free connection."""

_MOST_CONNECTIONS: Final = 20
_KEPT_SECONDS: Final = 15.0
_LOGIN_PAGES: Final = frozenset({"login", "signin", "sign-in", "sign_in", "sso", "authorize"})
"""Last parts of the path of a page that asks who somebody is."""


@dataclass(frozen=True)
class Query:
    """What to ask for; `token` is for the host of `url` alone."""

    url: HttpsUrl
    token: str = ""
    range: str = ""
    """Such as `bytes=0-7`; empty asks for all."""
    if_range: str = ""
    """The version that the range is wanted of."""

    def headers(self) -> list[tuple[str, str]]:
        """As they are sent. Nothing is to be compressed, as sizes and ranges count the bytes."""
        optional = {
            "Authorization": f"Bearer {self.token}" if self.token else "",
            "Range": self.range,
            "If-Range": self.if_range,
        }
        return [
            ("Host", self.url.authority),
            ("User-Agent", f"contrapposto/{VERSION}"),
            ("Accept", "*/*"),
            ("Accept-Encoding", "identity"),
            *((name, value) for name, value in optional.items() if value),
        ]


@dataclass(frozen=True)
class Answer:
    """A site's answer, its body yet to come; `url` is where it came from after all redirects."""

    url: HttpsUrl
    status: int
    headers: tuple[tuple[str, str], ...]
    """Names in lower case."""
    hops: tuple["Answer", ...]
    """The redirects that led here."""
    blocks: Iterator[bytes]

    def header(self, name: str) -> str:
        """A header's value; empty where it is missing. Raises RemoteError for one told twice."""
        values = {value.strip() for key, value in self.headers if key == name}
        if len(values) > 1:
            raise RemoteError(texts.contradicting_headers(self.url.host, name))
        return next(iter(values), "")

    def told(self, name: str) -> str:
        """The same, of the first answer on the way that has it."""
        return next(filter(None, (each.header(name) for each in (*self.hops, self))), "")

    def read(self, limit: int) -> bytes:
        """The whole body. Raises RemoteError where it has more bytes than the limit."""
        body = bytearray()
        for block in self.blocks:
            body += block
            if len(body) > limit:
                raise RemoteError(texts.answer_too_long(self.url.host))
        return bytes(body)

    def start(self, size: int) -> bytes:
        """The first bytes of the body; the rest is not fetched."""
        body = bytearray()
        for block in self.blocks:
            body += block
            if len(body) >= size:
                break
        return bytes(body[:size])


class WebClient:
    """Keeps connections for a while; any thread may use it."""

    def __init__(self, network: CheckedNetwork, tls: SSLContext) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            network_backend=network,
            max_connections=_MOST_CONNECTIONS,
            max_keepalive_connections=_MOST_CONNECTIONS,
            keepalive_expiry=_KEPT_SECONDS,
        )

    @contextmanager
    def get(self, query: Query) -> Iterator[Answer]:
        """The answer after at most five redirects, each to an https address of a public host.

        The token is sent for as long as the host stays the same, and not again after another one.
        A redirect to a login page is not followed: it is the answer. Raises RemoteError.
        """
        with ExitStack() as opened, _translated(query.url.host):
            yield self._follow(opened, query)

    def close(self) -> None:
        """Close all connections."""
        self._pool.close()

    def _follow(self, opened: ExitStack, query: Query) -> Answer:
        hops: list[Answer] = []
        while True:
            with ExitStack() as hop:
                answer = hop.enter_context(self._send(query, tuple(hops)))
                target = _next(answer) if answer.status in REDIRECTS else None
                if target is None:
                    opened.push(hop.pop_all())
                    return answer
            hops.append(answer)
            if len(hops) > MAX_REDIRECTS:
                raise RemoteError(texts.too_many_redirects(hops[0].url.host, MAX_REDIRECTS))
            is_same = target.authority == query.url.authority
            query = replace(query, url=target, token=query.token if is_same else "")

    @contextmanager
    def _send(self, query: Query, hops: tuple[Answer, ...]) -> Iterator[Answer]:
        url = query.url
        address = httpcore.URL(
            scheme=b"https", host=url.host.encode(), port=url.port, target=url.target.encode()
        )
        extensions = {"timeout": _TIMEOUTS}
        headers = query.headers()
        with self._pool.stream("GET", address, headers=headers, extensions=extensions) as response:
            connection = response.extensions["network_stream"]
            if isinstance(connection, PacedStream):
                connection.head_ended()
            yield Answer(
                url=url,
                status=response.status,
                headers=tuple(
                    (name.decode("latin-1").lower(), value.decode("latin-1"))
                    for name, value in response.headers
                ),
                hops=hops,
                blocks=_translated_blocks(url.host, response.iter_stream()),
            )


def _next(answer: Answer) -> HttpsUrl | None:
    """Where a redirect leads; None for a login page. Raises RemoteError."""
    try:
        target = answer.url.joined(answer.header("location"))
    except InvalidInput as error:
        raise RemoteError(texts.bad_redirect(answer.url.host, str(error))) from error
    is_login = target.path.rstrip("/").rpartition("/")[2].lower() in _LOGIN_PAGES
    return None if is_login else target


@contextmanager
def _translated(host: str) -> Iterator[None]:
    """Raises httpcore's errors as RemoteError, without their words: these may have an address."""
    try:
        yield
    except httpcore.TimeoutException as error:
        raise RemoteError(texts.too_slow(host), can_retry=True) from error
    except httpcore.ConnectError as error:
        is_tls = "CERTIFICATE" in str(error).upper()
        message = texts.bad_certificate(host) if is_tls else texts.no_connection(host)
        raise RemoteError(message, can_retry=not is_tls) from error
    except httpcore.NetworkError as error:
        raise RemoteError(texts.connection_lost(host), can_retry=True) from error
    except httpcore.RemoteProtocolError as error:
        is_lost = any(words in str(error).lower() for words in _LOST)
        message = texts.connection_lost(host) if is_lost else texts.bad_answer(host)
        raise RemoteError(message, can_retry=is_lost) from error
    except (httpcore.LocalProtocolError, httpcore.ProtocolError) as error:
        raise RemoteError(texts.bad_answer(host)) from error


_LOST: Final = ("disconnected", "peer closed connection")
"""httpcore's and h11's words on an answer that ends before its time."""


def _translated_blocks(host: str, blocks: Iterator[bytes]) -> Iterator[bytes]:
    with _translated(host):
        yield from blocks
