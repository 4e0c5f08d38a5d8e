"""A worker that carries out what endpoints were asked for and AWS did not let be done at once."""

import logging
from collections.abc import Callable
from threading import Event, Thread
from typing import Final

from core.errors import ContrappostoError

log = logging.getLogger(__name__)

_SECONDS: Final = 15.0


class LifecycleWorker:
    """One thread of each dashboard that takes its steps again and again; what two dashboards do
    is the same."""

    def __init__(self, *steps: Callable[[], object], every: float = _SECONDS) -> None:
        self._steps = steps
        self._every = every
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="lifecycle", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the step under way."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def _run(self) -> None:
        while not self._stopping.is_set():
            for step in self._steps:
                if not self._stopping.is_set():
                    _take(step)
            self._stopping.wait(self._every)


def _take(step: Callable[[], object]) -> None:
    try:
        step()
    except ContrappostoError as error:
        log.warning("event=step_failed error=%s", error)
    except Exception:  # the worker's edge: it must outlive any error
        log.exception("event=step_failed")
