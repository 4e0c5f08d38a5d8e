"""Where things are, and how to wait for them."""

import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).parents[2]
CONTAINER = (
    str(ROOT / ".venv-container" / "bin" / "python"), "-m", "sagemaker_container", "serve",
)  # fmt: skip


T = TypeVar("T")


def wait_for(what: Callable[[], T | None], seconds: float = 180, every: float = 0.1) -> T:
    """Ask until the answer is true; a test fails when the time is over.

    A quick machine never waits so long, and a busy one may need it.
    """
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, f"not within {seconds} s: last answer {found!r}"
        time.sleep(every)
    return found


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
