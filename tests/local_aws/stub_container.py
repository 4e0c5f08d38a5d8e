"""A container that does what its environment and its requests ask: the contract, no pictures."""

import json
import os
import signal
import socket
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

READY = os.environ.get("STUB_READY")
"""A file that must be there before it answers a ping."""
BASE = Path(os.environ["SAGEMAKER_BASE_DIR"])
SHOWN = ("AWS_ENDPOINT_URL", "AWS_DEFAULT_REGION", "NO_PROXY", "OMP_WAIT_POLICY", "GREETING")


class Handler(BaseHTTPRequestHandler):
    """`/ping`, and `/invocations` with a JSON body of knobs."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        ready = READY is None or Path(READY).exists()
        self.answer(200 if self.path == "/ping" and ready else 503, {})

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
        busy = self.busy(asked)
        time.sleep(asked.get("sleep", 0))
        while not Path(asked.get("until", BASE)).exists():
            time.sleep(0.01)
        if asked.get("die"):
            print("out of memory, said the stub", flush=True)
            self.linger(asked.get("linger", 0))
            os._exit(9)
        if busy:
            return self.answer(503, {"code": "busy"})
        if "status" in asked:
            return self.answer(asked["status"], {"code": "asked_for"})
        if "header" in asked:
            return self.answer(200, {}, {"X-Large": "x" * asked["header"]})
        if asked.get("chunked"):
            return self.answer_chunked()
        return self.answer(200, self.report(asked))

    def busy(self, asked: dict[str, Any]) -> bool:
        """Answer 503 the first `busy` times that this inference id comes."""
        seen = BASE / f"seen-{self.headers['X-Amzn-SageMaker-Inference-Id']}"
        with seen.open("a") as file:
            file.write("x")
        return seen.stat().st_size <= int(asked.get("busy", 0))

    def linger(self, seconds: float) -> None:
        """Break what is connected and take no connection, as a process whose end takes long."""
        if seconds:
            self.server.server_close()
            self.connection.shutdown(socket.SHUT_RDWR)
            time.sleep(seconds)

    def report(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {
            "asked": asked,
            "pid": os.getpid(),
            "headers": dict(self.headers),
            "environment": {name: os.environ.get(name) for name in SHOWN},
            "files": {
                str(path.relative_to(BASE)): path.stat().st_nlink
                for path in sorted(BASE.rglob("*"))
                if path.is_file() and not path.name.startswith("seen-")
            },
        }

    def answer_chunked(self) -> None:
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"2\r\n{}\r\n0\r\n\r\n")

    def answer(
        self, status: int, document: dict[str, Any], headers: dict[str, str] | None = None
    ) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


def drain(*_: Any) -> None:
    """Take some time to end."""
    time.sleep(float(os.environ["STUB_DRAIN_S"]))
    print("drained", flush=True)
    os._exit(0)


if __name__ == "__main__":
    if "STUB_EXIT" in os.environ:
        sys.exit(f"the stub was told to exit: {os.environ['STUB_EXIT']}")
    if "STUB_STUBBORN" in os.environ:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if "STUB_DRAIN_S" in os.environ:
        signal.signal(signal.SIGTERM, drain)
    port = int(os.environ["SAGEMAKER_BIND_TO_PORT"])
    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
