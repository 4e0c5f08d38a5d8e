"""An internet of this machine: names lead to public addresses, and these to the local server."""

import socket
from dataclasses import dataclass, field
from typing import Any, Final

import httpcore

from core.models.remote.http.public_addresses import is_public
from tests.support.web.server import NAMES

PUBLIC: Final = "93.184.215.14"


@dataclass
class LocalInternet(httpcore.NetworkBackend):
    """Resolves and connects; what `names` lacks resolves as a number does, or not at all."""

    port: int
    names: dict[str, list[str]] = field(
        default_factory=lambda: {
            name: [PUBLIC] for name in NAMES if "." in name and name[0].isalpha()
        }
    )
    in_turn: dict[str, list[list[str]]] = field(default_factory=dict)
    """The addresses of one look-up after the other, for names that change."""
    connected: list[tuple[str, int]] = field(default_factory=list)

    def resolve(self, host: str, port: int) -> list[str]:
        """As a resolver would."""
        if self.in_turn.get(host):
            return self.in_turn[host].pop(0)
        if host in self.names:
            return self.names[host]
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        return [str(entry[4][0]) for entry in found]

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Any = None,
    ) -> httpcore.NetworkStream:
        """To the local server, whatever public address is meant."""
        self.connected.append((host, port))
        if not is_public(host):
            raise httpcore.ConnectError
        return httpcore.SyncBackend().connect_tcp(
            "127.0.0.1", self.port, timeout, local_address, socket_options
        )
