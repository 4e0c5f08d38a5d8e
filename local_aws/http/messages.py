"""Owns the HTTP request and response as plain values, read from and written to WSGI."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


@dataclass(frozen=True)
class Request:
    """One request. `uri` is the path and query exactly as sent; header names are lower-case."""

    method: str
    uri: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The path as sent, without the query."""
        return self.uri.partition("?")[0]

    @property
    def operation(self) -> str:
        """The operation's name, in the JSON, CBOR (path) and query protocols; "" in REST."""
        if target := self.headers.get("x-amz-target"):
            return target.rpartition(".")[2]
        if "/operation/" in self.path:
            return self.path.rpartition("/")[2]
        return parse_qs(self.body.decode("latin-1")).get("Action", [""])[0]

    @classmethod
    def from_environ(cls, environ: "WSGIEnvironment", body: bytes) -> "Request":
        """Read a WSGI environment whose body has been read already."""
        headers = {
            name[5:].replace("_", "-").lower(): value
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        for name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            if environ.get(name):
                headers[name.replace("_", "-").lower()] = environ[name]
        uri = str(environ.get("REQUEST_URI") or environ.get("RAW_URI") or environ["PATH_INFO"])
        return cls(environ["REQUEST_METHOD"], uri, headers, body)


@dataclass(frozen=True)
class Response:
    """One response: status, headers, whole body in bytes."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def json(cls, document: Mapping[str, Any], status: int = 200) -> "Response":
        """A response of the AWS JSON protocol."""
        body = json.dumps(document).encode()
        return cls(status, {"Content-Type": "application/x-amz-json-1.1"}, body)

    def to_wsgi(self, start_response: "StartResponse") -> list[bytes]:
        """Start the WSGI response and return its body."""
        headers = [*self.headers.items(), ("Content-Length", str(len(self.body)))]
        start_response(f"{self.status} {HTTPStatus(self.status).phrase}", headers)
        return [self.body]
