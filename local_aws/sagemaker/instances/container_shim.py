"""The small process between the local AWS and one container: ends it when the local AWS ends.

Started as a file, by path, with the standard library alone, so that it costs little memory:
`python -I container_shim.py LOG GRACE COMMAND...`. The container runs in a session of its own,
with its output in LOG. Standard output gets two lines: the container's process id, then its exit
status. SIGTERM is passed on. When standard input closes (the local AWS ended, however it did) the
container gets SIGTERM too, and its whole session SIGKILL after GRACE seconds. No Linux-only call
is used.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from types import FrameType

_NICENESS = 10
"""A container shares the machine with the dashboard and the browser, which must stay quick."""


def main(log: str, grace: str, *command: str) -> None:
    """Run the command until it exits or is told to."""
    started: list[subprocess.Popen[bytes]] = []
    terminating = threading.Event()

    def forward_signal(_signal: int, _frame: FrameType | None) -> None:
        terminating.set()
        for container in started:
            container.terminate()

    signal.signal(signal.SIGTERM, forward_signal)
    os.nice(_NICENESS)
    # Not by pathlib, whose import takes 10 ms.
    output = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    container = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    os.close(output)
    started.append(container)
    if terminating.is_set():  # the signal came while the container was being started
        container.terminate()
    threading.Thread(target=_end_at_stdin_eof, args=(container, float(grace)), daemon=True).start()
    try:
        print(container.pid, flush=True)
        print(container.wait(), flush=True)
    finally:
        _kill_session(container.pid)  # what the container left behind


def _end_at_stdin_eof(container: subprocess.Popen[bytes], grace: float) -> None:
    while os.read(0, 1024):
        pass
    container.terminate()
    time.sleep(grace)
    _kill_session(container.pid)


def _kill_session(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # macOS answers EPERM for a session of zombies
        return


if __name__ == "__main__":
    main(*sys.argv[1:])
