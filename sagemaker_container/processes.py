"""What all processes below the front one do: leave signals to that, and end with their parent."""

import multiprocessing
import os
import signal
import threading


def follow_parent() -> None:
    """From now on exit with the parent process, even in the middle of work and even if it was
    killed. The front process decides when to end, so that signals are ignored."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    threading.Thread(target=_exit_with_parent, name="exit-with-parent", daemon=True).start()


def _exit_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
