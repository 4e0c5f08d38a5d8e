"""Starts the local AWS as a process of its own, or attaches to the one that runs on a folder.

Only the standard library is imported here, so that a dashboard pays nothing for it.
"""

import logging
import os
import shlex
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from local_aws.data_folder import ConnectionInfo, DataFolder, make_private

_logger = logging.getLogger(__name__)
_STOP_TIMEOUT_S = 10.0
_MAX_LOG_BYTES = 5_000_000


class LocalAws:
    """A local AWS that answers at `url`; closing it stops the process only if it was started here.

    The process also ends by itself within 5 s when the one that launched it is gone.
    """

    def __init__(self, connection: ConnectionInfo, process: subprocess.Popen[str] | None) -> None:
        self.url = connection.url
        self.access_key = connection.access_key
        self.secret_key = connection.secret_key
        self.region = connection.region
        self.pid = connection.pid
        self._process = process

    @property
    def attached(self) -> bool:
        """Whether another process started it (and will stop it)."""
        return self._process is None

    def environment(self) -> dict[str, str]:
        """The four AWS_* variables that point an SDK or a tool at it."""
        return ConnectionInfo(
            self.url, self.access_key, self.secret_key, self.region, self.pid
        ).environment()

    def close(self) -> None:
        """Stop the process with its containers and wait for it; leaves an attached one alone."""
        if self._process is not None:
            _stop(self._process)
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def launch(
    data: Path,
    *,
    container_command: Sequence[str] | None = None,
    port: int = 0,
    timeout: float = 60,
) -> LocalAws:
    """Start a local AWS on the folder `data`, or attach to the one that already runs there.

    `container_command` starts one container (default: the project's own, in its environment);
    `port` 0 takes the port of the last run when it is free, else any. Waits up to `timeout` s.
    Raises `RuntimeError` with the end of the process's log when it doesn't start.
    """
    folder = DataFolder(data)
    if connection := folder.active_connection():
        return LocalAws(connection, None)
    log = _log_file(folder.path)
    with log.open("ab") as log_stream:
        # The pipe to stdin closes when this process ends, however it ends.
        process = subprocess.Popen(
            _command(folder.path, container_command, port),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log_stream,
            text=True,
            start_new_session=True,  # Ctrl-C reaches the parent alone, which then stops it in order
        )
    try:
        is_serving = _wait_for_exports(process, timeout)
    except BaseException:
        _stop(process)
        raise
    connection = folder.active_connection() if is_serving else None
    if connection is None:
        _stop(process)
        raise RuntimeError(f"the local AWS did not start:\n{_tail(log)}")
    if connection.pid != process.pid:  # another launcher was faster
        _stop(process)
        return LocalAws(connection, None)
    _logger.info("event=local_aws_started url=%s pid=%d", connection.url, connection.pid)
    return LocalAws(connection, process)


def _command(data: Path, container_command: Sequence[str] | None, port: int) -> list[str]:
    command = [sys.executable, "-m", "local_aws", "--data", str(data), "--port", str(port)]
    command += ["--exit-with-stdin", "--exit-with-pid", str(os.getpid())]
    if container_command is not None:
        command += ["--container-command", shlex.join(container_command)]
    return command


def _log_file(data: Path) -> Path:
    make_private(data)
    log = data / "local_aws.log"
    if log.exists() and log.stat().st_size > _MAX_LOG_BYTES:
        log.replace(data / "local_aws.log.1")
    return log


def _wait_for_exports(process: subprocess.Popen[str], timeout: float) -> bool:
    """Whether the process printed its exports within `timeout` s; it prints them when it serves."""
    lines: list[str] = []
    reader = threading.Thread(target=_read_lines, args=(process.stdout, lines), daemon=True)
    reader.start()
    reader.join(timeout)
    return bool(lines and lines[0])


def _read_lines(stream: IO[str] | None, lines: list[str]) -> None:
    if stream is not None:
        lines.append(stream.readline())


def _stop(process: subprocess.Popen[str]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(_STOP_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _tail(log: Path, size: int = 2000) -> str:
    return log.read_bytes()[-size:].decode(errors="replace").strip()
