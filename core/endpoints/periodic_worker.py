"""A thread of the dashboard that takes its steps again and again, whatever goes wrong in them."""

import logging
from collections.abc import Callable
from threading import Event, Thread

from core.errors import ContrappostoError

log = logging.getLogger(__name__)


class PeriodicWorker:
    """One of each dashboard; what several dashboards do must be the same.

    `seconds` pass between two rounds, and `failed_seconds` where a step of the last one failed.
    """

    def __init__(
        self,
        name: str,
        *steps: Callable[[], object],
        seconds: float,
        failed_seconds: float | None = None,
    ) -> None:
        self._name = name
        self._steps = steps
        self._seconds = seconds
        self._failed_seconds = seconds if failed_seconds is None else failed_seconds
        self._stopping = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Take the steps now, and then again and again."""
        self._thread.start()

    def close(self) -> None:
        """Stop after the step under way."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(10)

    def _run(self) -> None:
        while not self._stopping.is_set():
            taken = [self._take(step) for step in self._steps]
            self._stopping.wait(self._seconds if all(taken) else self._failed_seconds)

    def _take(self, step: Callable[[], object]) -> bool:
        """Whether it went well, or was left out since the dashboard ends."""
        if self._stopping.is_set():
            return True
        try:
            step()
        except ContrappostoError as error:
            log.warning("event=step_failed worker=%s error=%s", self._name, error)
            return False
        except Exception:  # the worker's edge: it must outlive any error
            log.exception("event=step_failed worker=%s", self._name)
            return False
        return True
