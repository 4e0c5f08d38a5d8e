"""Owns how a connection is read: HTTP/1.1, with limits that no sender can outwait.

Nothing of a body is asked for (100 Continue) or read before the application wants it, which is
after the signature was verified.
"""

import io
import logging
import socket
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape

from werkzeug.serving import WSGIRequestHandler

from local_aws.s3.http.request import HEADERS_KEY

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

_logger = logging.getLogger(__name__)

_IDLE_S: Final = 60.0
_GRACE_S: Final = 60.0  # what a sender may be late in all, on top of the least rate
_MIN_BYTES_PER_S: Final = 1024
# Once the answer was sent the rest of a body is read so that the client sees the answer.
_DRAINED_BYTES: Final = 64 << 20
_DRAIN_S: Final = 5.0
_TLS_HANDSHAKE: Final = b"\x16"  # RFC 8446 section 5.1: the first byte of a TLS connection
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class TimedInput(io.RawIOBase):
    """What a connection receives. Raises TimeoutError for a sender slower than 1 KiB/s.

    `clock` returns seconds that never go back.
    """

    def __init__(
        self, connection: socket.socket, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._connection = connection
        self._clock = clock
        self._started = clock()
        self._received = 0
        self._left: int | None = None
        self.expects_continue = False

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Receive up to a buffer full; 0 at the end."""
        view = memoryview(buffer)[: self._left]
        if not view:
            return 0
        if self.expects_continue:
            self.expects_continue = False
            self._connection.sendall(_CONTINUE)
        late = self._clock() - self._started - self._received / _MIN_BYTES_PER_S
        if late > _GRACE_S:
            raise TimeoutError("the sender is too slow")
        self._connection.settimeout(min(_IDLE_S, _GRACE_S - late + 0.001))
        count = self._connection.recv_into(view)
        self._connection.settimeout(_IDLE_S)
        self._received += count
        if self._left is not None:
            self._left -= count
        return count

    def drain_only(self) -> None:
        """From now on a little more is received, for a few seconds, and thrown away."""
        self.expects_continue = False
        if self._left is None:
            self._left = _DRAINED_BYTES
            self._started = self._clock() - _GRACE_S + _DRAIN_S
            self._received = 0


class S3RequestHandler(WSGIRequestHandler):
    """Speaks HTTP/1.1, keeps headers as received and leaves queries out of the log.

    WSGI makes `-` and `_` one character and werkzeug drops names with `_`; a client may sign
    x-amz-meta-my_name. A query may hold the signature of a presigned URL.
    """

    protocol_version = "HTTP/1.1"
    timeout = _IDLE_S

    def setup(self) -> None:
        """Put the limits between the connection and its reader."""
        super().setup()
        self.rfile.close()
        self._input = TimedInput(self.connection)
        self._reader = io.BufferedReader(self._input, 1 << 16)
        self.rfile = self._reader

    def handle_one_request(self) -> None:
        """Handle a request; what is no HTTP is answered 400, a slow sender is dropped."""
        try:
            if self._reader.peek(1)[:1] == _TLS_HANDSHAKE:
                self._refuse("This port speaks HTTP, not TLS.")
                return
            super().handle_one_request()
        except TimeoutError:
            self.close_connection = True

    def _refuse(self, message: str) -> None:
        self.requestline, self.command = "", ""
        self.send_error(400, message)

    def handle_expect_100(self) -> bool:
        """Say nothing yet: `TimedInput` says 100 Continue when the body is first read."""
        return True

    def run_wsgi(self) -> None:
        """Run the application, unless the head of the request can't be understood."""
        lengths = set(self.headers.get_all("Content-Length", []))
        if len(lengths) > 1 or not all(_is_length(length) for length in lengths):
            self.send_error(400, "The Content-Length is not valid.")
            return
        self._received_headers = list(self.headers.items())
        expected = self.headers.get("Expect", "").strip().lower()
        self._input.expects_continue = expected == "100-continue"
        del self.headers["Expect"]  # werkzeug would say 100 Continue at once
        try:
            super().run_wsgi()
        except ValueError:
            self.send_error(400, "The request's address is not valid.")

    def make_environ(self) -> "WSGIEnvironment":
        """Add the raw headers to the WSGI environment."""
        environ = super().make_environ()
        environ[HEADERS_KEY] = [(name.lower(), value) for name, value in self._received_headers]
        return environ

    def send_response(self, code: int, message: str | None = None) -> None:
        """Begin the answer; the body is not needed any more."""
        self._input.drain_only()
        super().send_response(code, message)

    def send_error(self, code: int, message: str | None = None, _: str | None = None) -> None:
        """Answer what never reached the application, as S3's front end does."""
        said = escape(message or "")
        text = f"<Error><Code>BadRequest</Code><Message>{said}</Message></Error>"
        body = text.encode() if code == HTTPStatus.BAD_REQUEST else b""
        self.close_connection, self.request_version = True, self.protocol_version
        self.send_response(code)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log a request without its query."""
        path = getattr(self, "path", "").partition("?")[0]
        fields = (self.command, path, code, size)
        _logger.debug("event=request method=%s path=%s status=%s size=%s", *fields)

    def log(self, level_name: str, /, message: str, *args: Any) -> None:
        """Log what werkzeug reports, mostly errors."""
        level = logging.ERROR if level_name == "error" else logging.INFO
        _logger.log(level, message.rstrip(), *args)


def _is_length(text: str) -> bool:
    return text.isascii() and text.isdecimal()
