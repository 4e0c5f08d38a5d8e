"""Tell when the process that owns the local AWS is gone, however it ended."""

import os
import sys
import threading
from collections.abc import Callable

_LOOK_EVERY_S = 1.0


def end_with_stdin(end: Callable[[], None]) -> None:
    """Call `end` once standard input closes: the owner holds the other end of that pipe."""
    threading.Thread(target=_wait_for_end_of_input, args=(end,), daemon=True).start()


def _wait_for_end_of_input(end: Callable[[], None]) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    end()


def end_with_process(pid: int, end: Callable[[], None], stopped: threading.Event) -> None:
    """Call `end` within 2 s of the death of the process `pid`; looks until `stopped` is set.

    Beside the pipe, because a child that the owner forked may keep the pipe open.
    """
    threading.Thread(target=_wait_for_process, args=(pid, end, stopped), daemon=True).start()


def _wait_for_process(pid: int, end: Callable[[], None], stopped: threading.Event) -> None:
    parent = os.getppid()
    while not stopped.wait(_LOOK_EVERY_S):
        orphaned = pid == parent and os.getppid() != pid
        if orphaned or not _is_alive(pid):
            end()
            return


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
