"""Runs something once a minute in a thread of its own, whatever goes wrong in it."""

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Final

from core.errors import AwsError

log = logging.getLogger(__name__)

LOOK_SECONDS: Final = 60.0

_AGAIN_SECONDS: Final = 5.0
"""After a look that failed: at a first start the tables are yet to be created."""


class CostsWorker:
    """The thread that looks at the endpoints for as long as the dashboard runs."""

    def __init__(self, look: Callable[[], object], every: float = LOOK_SECONDS) -> None:
        self._look = look
        self._every = every
        self._again = min(every, _AGAIN_SECONDS)
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="costs", daemon=True)

    def start(self) -> None:
        """Look now, and then again and again."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the look under way."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._stopping.wait(self._every if self._is_looked() else self._again)

    def _is_looked(self) -> bool:
        try:
            self._look()
        except AwsError as error:
            log.warning("event=costs_not_looked_at error=%s", error)
            return False
        except Exception:  # the worker's edge: it must outlive any error
            log.exception("event=costs_not_looked_at")
            return False
        return True
