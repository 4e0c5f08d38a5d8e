"""Runs one container process behind its shim: start, ping, invoke, stop."""

import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import BinaryIO

_logger = logging.getLogger(__name__)
_SHIM_PATH = Path(__file__).with_name("container_shim.py")
_ORPHAN_GRACE_S = 2  # between SIGTERM and SIGKILL when the local AWS is gone
_MAX_RESPONSE_BYTES = 256 << 20  # kept in memory; results of any size belong in S3
_EXIT_POLL_S = 0.1  # between pings of one that may be exiting
PING_TIMEOUT_S = 2.0  # each ping is answered within 2 s (SageMaker's container contract)


class ContainerStartError(Exception):
    """A container can't be started at all; the message is the endpoint's FailureReason."""


@dataclass(frozen=True)
class ContainerSpec:
    """How to start one container: command, environment, its base folder (`/opt/ml` on AWS), log."""

    command: tuple[str, ...]
    environment: Mapping[str, str]
    base: Path
    log: Path


@dataclass(frozen=True)
class ContainerResponse:
    """A container's answer: HTTP status, headers by lower-case name, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the status is a 2xx."""
        return self.status // 100 == 2


class Container:
    """A running container. It is reached at 127.0.0.1 on a port of its own.

    `on_exit` is called once, from another thread, after it exited; `exit_status` is negative for
    a signal. Raises `OSError` when the command can't be started.
    """

    def __init__(self, spec: ContainerSpec, on_exit: Callable[[], None]) -> None:
        self.port = _free_port()
        self._log = spec.log
        self._on_exit = on_exit
        self.exited = threading.Event()
        self._exit_handled = threading.Event()  # set after on_exit, so that stop() outlasts it
        self.exit_status: int | None = None
        self._exit_summary = "it has not exited"
        self.pid: int | None = None
        self._process = self._start(spec)
        threading.Thread(
            target=self._wait_for_exit, name=f"container-{self.port}", daemon=True
        ).start()

    def _start(self, spec: ContainerSpec) -> "subprocess.Popen[str]":
        environment = {
            **spec.environment,
            "SAGEMAKER_BIND_TO_PORT": str(self.port),
            "SAGEMAKER_BASE_DIR": str(spec.base),
        }
        shim = [sys.executable, "-I", str(_SHIM_PATH), str(spec.log), str(_ORPHAN_GRACE_S)]
        with spec.log.open("ab") as log:
            return subprocess.Popen(
                [*shim, *spec.command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=environment,
                start_new_session=True,
            )

    def _wait_for_exit(self) -> None:
        """Read the shim's two lines; the end of its output means that the container exited."""
        if self._process.stdout is None:
            raise RuntimeError("the shim was started without a pipe")
        with self._process.stdout as lines:
            pid = lines.readline().strip()
            self.pid = int(pid) if pid else None
            status = lines.readline().strip()
        self._process.wait()
        if status:
            self.exit_status = int(status)
        elif self.pid:
            _kill_session(self.pid)  # the shim was killed and could not do it
        self._exit_summary = self._summarize_exit()  # now: its log may go once it has exited
        self.exited.set()
        self._on_exit()
        self._exit_handled.set()

    def exit_summary(self) -> str:
        """Its exit status with the last line of its log."""
        return self._exit_summary

    def _summarize_exit(self) -> str:
        written = self._log.read_bytes() if self._log.exists() else b""
        lines = written[-4096:].decode(errors="replace").split("\n")
        last_line = next((line.strip() for line in reversed(lines) if line.strip()), "no output")
        return f"it exited with status {self.exit_status}: {last_line[:300]} (log: {self._log})"

    def ping(self) -> bool:
        """Whether `/ping` answers 200 within 2 s."""
        try:
            return self._send("GET", "/ping", None, {}, PING_TIMEOUT_S).status == 200
        except (OSError, HTTPException):
            return False

    def is_exiting(self) -> bool:
        """Whether a container that broke a connection did so because it exits; waits until it has.

        One that neither exits nor answers is killed by the instance that monitors it.
        """
        while not self.exited.wait(_EXIT_POLL_S):
            if self.ping():
                return False
        return True

    def invoke(
        self, body: bytes | BinaryIO, headers: Mapping[str, str], timeout: float
    ) -> ContainerResponse:
        """POST `/invocations` and wait up to `timeout` s for the answer.

        Raises `TimeoutError`, or another `OSError` or `HTTPException` when the connection breaks.
        """
        return self._send("POST", "/invocations", body, headers, timeout)

    def _send(
        self,
        method: str,
        path: str,
        body: bytes | BinaryIO | None,
        headers: Mapping[str, str],
        timeout: float,
    ) -> ContainerResponse:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            response_headers = {name.lower(): value for name, value in response.getheaders()}
            content = response.read(_MAX_RESPONSE_BYTES + 1)
            if len(content) > _MAX_RESPONSE_BYTES:
                raise HTTPException(f"the answer is over {_MAX_RESPONSE_BYTES >> 20} MiB")
            return ContainerResponse(response.status, response_headers, content)
        finally:
            connection.close()

    def stop(self, grace: float) -> None:
        """Send SIGTERM to the container; after `grace` s kill its whole session."""
        if not self.exited.is_set():
            self._process.terminate()
        if not self._exit_handled.wait(grace) and self.pid:
            _kill_session(self.pid)
        if not self._exit_handled.wait(PING_TIMEOUT_S):
            self._process.kill()
            self._exit_handled.wait(PING_TIMEOUT_S)
        if self._process.stdin is not None:
            self._process.stdin.close()


def container_environment(
    inherited: Mapping[str, str], model: Mapping[str, str], aws: Mapping[str, str]
) -> dict[str, str]:
    """The environment of a container: this process's without AWS_* and ~/.aws, the model's, `aws`.

    `OMP_WAIT_POLICY=passive` keeps idle OpenMP threads from spinning, 3-5 x faster on a machine
    that does other work too. NO_PROXY keeps the loopback address off a proxy.
    """
    clean = {name: value for name, value in inherited.items() if not name.startswith("AWS_")}
    loopback = "127.0.0.1,localhost"
    return {
        **clean,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "OMP_WAIT_POLICY": "passive",
        **model,
        **aws,
        "NO_PROXY": loopback,
        "no_proxy": loopback,
    }


def project_command() -> tuple[str, ...]:
    """The project's own container, in its virtual environment beside the code."""
    root = Path(__file__).parents[3]
    python = root / ".venv-container" / "bin" / "python"
    return (str(python), "-m", "sagemaker_container", "serve")


def check_command(command: Sequence[str]) -> None:
    """Raise `ContainerStartError` when the command's program isn't there or isn't executable."""
    if shutil.which(command[0]) is None:
        raise ContainerStartError(
            f"No container can be started here: there is no program {command[0]}. `make run` sets "
            "the project's own up; --container-command names another."
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _kill_session(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        _logger.debug("event=container_session_gone pid=%d", leader)
