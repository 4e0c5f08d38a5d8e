"""Start the local AWS as a process of its own, or attach to the one that runs on a folder.

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

from local_aws.data_folder import DataFolder, Running

_log = logging.getLogger(__name__)
_STOP_S = 10.0
_LOG_LIMIT = 5_000_000


class LocalAws:
    """A local AWS that answers at `url`; closing it stops the process only if it was started here.

    The process also ends by itself within 5 s when the one that launched it is gone.
    """

    def __init__(self, running: Running, process: subprocess.Popen[str] | None) -> None:
        self.url = running.url
        self.access_key = running.access_key
        self.secret_key = running.secret_key
        self.region = running.region
        self.pid = running.pid
        self._process = process

    @property
    def attached(self) -> bool:
        """Whether somebody else started it (and will stop it)."""
        return self._process is None

    def environment(self) -> dict[str, str]:
        """The four AWS_* variables that point an SDK or a tool at it."""
        return Running(
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
    Raises `RuntimeError` with the process's last words when it doesn't come up.
    """
    folder = DataFolder(data)
    if running := folder.published():
        return LocalAws(running, None)
    log = _log_file(folder.path)
    with log.open("ab") as words:
        # The pipe to stdin is the leash: it closes when this process ends, however it ends.
        process = subprocess.Popen(
            _command(folder.path, container_command, port),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=words,
            text=True,
            start_new_session=True,  # Ctrl-C reaches the owner, which then stops it in order
        )
    try:
        came_up = _first_line(process, timeout)
    except BaseException:
        _stop(process)
        raise
    running = folder.published() if came_up else None
    if running is None:
        _stop(process)
        raise RuntimeError(f"the local AWS did not start:\n{_tail(log)}")
    if running.pid != process.pid:  # another launcher was a moment faster
        _stop(process)
        return LocalAws(running, None)
    _log.info("event=local_aws_started url=%s pid=%d", running.url, running.pid)
    return LocalAws(running, process)


def _command(data: Path, container_command: Sequence[str] | None, port: int) -> list[str]:
    command = [sys.executable, "-m", "local_aws", "--data", str(data), "--port", str(port)]
    command += ["--owner-stdin", "--owner-pid", str(os.getpid())]
    if container_command is not None:
        command += ["--container-command", shlex.join(container_command)]
    return command


def _log_file(data: Path) -> Path:
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    log = data / "local_aws.log"
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(data / "local_aws.log.1")
    return log


def _first_line(process: subprocess.Popen[str], timeout: float) -> bool:
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
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _tail(log: Path, size: int = 2000) -> str:
    return log.read_bytes()[-size:].decode(errors="replace").strip()
