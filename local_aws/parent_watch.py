"""Detects that the parent process of the local AWS has ended, however it ended."""

import os
import sys
import threading
from collections.abc import Callable

_POLL_INTERVAL_S = 1.0


def stop_on_stdin_eof(stop: Callable[[], None]) -> None:
    """Call `stop` once standard input closes: the parent holds the other end of that pipe."""
    threading.Thread(target=_wait_for_eof, args=(stop,), daemon=True).start()


def _wait_for_eof(stop: Callable[[], None]) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    stop()


def stop_on_process_exit(pid: int, stop: Callable[[], None], stopped: threading.Event) -> None:
    """Call `stop` within 2 s of the end of the process `pid`; polls until `stopped` is set.

    Beside the pipe, because a child that the parent forked may keep the pipe open.
    """
    threading.Thread(target=_wait_for_process, args=(pid, stop, stopped), daemon=True).start()


def _wait_for_process(pid: int, stop: Callable[[], None], stopped: threading.Event) -> None:
    parent = os.getppid()
    while not stopped.wait(_POLL_INTERVAL_S):
        orphaned = pid == parent and os.getppid() != pid
        if orphaned or not _is_alive(pid):
            stop()
            return


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
