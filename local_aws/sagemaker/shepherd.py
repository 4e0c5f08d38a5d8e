"""The small process between the local AWS and one container: ends it when the local AWS is gone.

Started as a file, by path, with the standard library alone, so that it costs little memory:
`python -I shepherd.py LOG GRACE COMMAND...`. The container runs in a session of its own, with its
output in LOG. On standard output stand two lines: the container's process id, then its exit
status. When standard input closes (the local AWS ended, however) or on SIGTERM the container gets
SIGTERM, GRACE seconds later its whole session gets SIGKILL. No Linux-only call is used.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from types import FrameType


def main(log: str, grace: str, *command: str) -> None:
    """Run the command until it ends or has to."""
    started: list[subprocess.Popen[bytes]] = []
    wanted = threading.Event()

    def end(_signal: int = 0, _frame: FrameType | None = None) -> None:
        wanted.set()
        if started:
            _end(started[0], float(grace))

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with open(log, "ab") as output:  # noqa: PTH123 - pathlib would cost 10 ms of start-up
        container = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    started.append(container)
    if wanted.is_set():  # the signal came while the container was being started
        _end(container, float(grace))
    threading.Thread(target=_await_end_of_input, args=(end,), daemon=True).start()
    try:
        print(container.pid, flush=True)
        print(container.wait(), flush=True)
    finally:
        _kill_session(container.pid)  # what the container left behind


def _end(container: subprocess.Popen[bytes], grace: float) -> None:
    container.terminate()
    killer = threading.Timer(grace, _kill_session, (container.pid,))
    killer.daemon = True
    killer.start()


def _await_end_of_input(end: Callable[[], None]) -> None:
    while os.read(0, 1024):
        pass
    end()


def _kill_session(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # macOS answers EPERM for a session of zombies
        return


if __name__ == "__main__":
    main(*sys.argv[1:])
