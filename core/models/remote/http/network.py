"""Connects to hosts at public addresses alone: it resolves, checks, and uses what it checked."""

import socket
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from ssl import SSLContext
from typing import Any, Final

import httpcore

from core.errors import RemoteError
from core.models.remote.http.public_addresses import is_public
from core.models.remote.http.urls import HTTPS_PORT
from core.texts import remote as texts

_MOST_ADDRESSES: Final = 4
"""Of a host that are tried."""

_SLOW_SECONDS: Final = 30.0
_LEAST_BYTES: Final = 16 * 1024
"""A site that sends less in so many seconds of waiting is given up."""

_MOST_HEAD_BYTES: Final = 256 * 1024
"""Received before an answer's headers have ended: h11 takes 100 KB of them, but any number of
answers 1xx before."""

SocketOptions = Iterable[Any] | None
Resolve = Callable[[str, int], list[str]]
"""The IP addresses of a host. Raises OSError."""


def resolve(host: str, port: int) -> list[str]:
    """As this machine's resolver says, each once."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True)
class NamedHosts:
    """Hosts and ports that the operator named, which may be private and on any port."""

    hosts: frozenset[tuple[str, int]] = frozenset()

    def check_port(self, host: str, port: int) -> None:
        """Raises RemoteError where only a named host may be asked."""
        if port != HTTPS_PORT and (host, port) not in self.hosts:
            raise RemoteError(texts.port_not_allowed(host, port))

    def __contains__(self, host_and_port: tuple[str, int]) -> bool:
        return host_and_port in self.hosts


class CheckedNetwork(httpcore.NetworkBackend):
    """Resolves a host once for each connection and connects to the very addresses it checked.

    Another answer of the resolver in between (DNS rebinding) thus changes nothing. Proxies of the
    environment are not asked: what they connect to can't be checked from here.
    """

    def __init__(
        self,
        named: NamedHosts,
        resolve: Resolve = resolve,
        network: httpcore.NetworkBackend | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._named = named
        self._resolve = resolve
        self._network = network or httpcore.SyncBackend()
        self._monotonic = monotonic

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: SocketOptions = None,
    ) -> httpcore.NetworkStream:
        """Raises RemoteError for a host that may not be asked, httpcore's where none answers."""

        def connect(address: str) -> httpcore.NetworkStream:
            stream = self._network.connect_tcp(
                address, port, timeout, local_address, socket_options
            )
            return PacedStream(stream, self._monotonic)

        *first, last = self._addresses(host, port)[:_MOST_ADDRESSES]
        for address in first:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return connect(address)
        return connect(last)

    def _addresses(self, host: str, port: int) -> list[str]:
        """Every address of the host must be public, or the host a named one."""
        self._named.check_port(host, port)
        try:
            addresses = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise RemoteError(texts.no_such_host(host), can_retry=True) from error
        if not addresses:
            raise RemoteError(texts.no_such_host(host), can_retry=True)
        if (host, port) not in self._named and not all(map(is_public, addresses)):
            raise RemoteError(texts.private_host(host))
        return addresses


class PacedStream(httpcore.NetworkStream):
    """A connection that the other side can't keep open by a byte now and then, nor by headers
    without an end."""

    def __init__(self, stream: httpcore.NetworkStream, monotonic: Callable[[], float]) -> None:
        self._stream = stream
        self._monotonic = monotonic
        self._waited = 0.0
        self._received = 0
        self._head_left: int | None = _MOST_HEAD_BYTES

    def head_ended(self) -> None:
        """What comes now is the body."""
        self._head_left = None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Raises httpcore.ReadTimeout where nothing, or too little, comes, RemoteProtocolError
        where the headers don't end."""
        started = self._monotonic()
        block = self._stream.read(max_bytes, timeout)
        self._waited += self._monotonic() - started
        self._received += len(block)
        if self._head_left is not None:
            self._head_left -= len(block)
            if self._head_left < 0:
                raise httpcore.RemoteProtocolError
        if self._waited >= _SLOW_SECONDS:
            if self._received < _LEAST_BYTES:
                raise httpcore.ReadTimeout
            self._waited, self._received = 0.0, 0
        return block

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """A new request: the counts begin anew."""
        self._waited, self._received, self._head_left = 0.0, 0, _MOST_HEAD_BYTES
        self._stream.write(buffer, timeout)

    def close(self) -> None:
        """Close the connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """The same over TLS, its certificate checked against the host's name."""
        stream = self._stream.start_tls(ssl_context, server_hostname, timeout)
        return PacedStream(stream, self._monotonic)

    def get_extra_info(self, info: str) -> Any:
        """What the connection underneath says."""
        return self._stream.get_extra_info(info)
