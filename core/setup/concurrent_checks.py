"""Makes the checks at the same time, and waits for none of them longer than a page may."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final

from core.setup.checks import Check
from core.texts import setup as texts

log = logging.getLogger(__name__)

WAIT: Final = 5.0
"""Seconds in which a page says what AWS answered, and what it did not."""

_MOST: Final = 16
"""Checks at a time, so that none waits for a thread."""


Wait = Callable[[], Check | None]
"""Waits for a check that was begun; None where it has no sense."""


class ConcurrentChecks:
    """Checks that were begun, in the order in which they are shown."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(_MOST, thread_name_prefix="setup-check")
        self._begun: list[tuple[Future[Check | None], Check]] = []

    def begin(self, late: Check, make: Callable[[], Check | None]) -> Wait:
        """Make a check; `late` is shown where it takes too long.

        What is returned is for another check, which begins with what this one found.
        """
        future = self._pool.submit(_make, make, late)
        self._begun.append((future, late))
        return future.result

    def results(self) -> tuple[Check, ...]:
        """What came out in time. A check that is late ends by itself, and removes what it wrote."""
        done, _ = wait([future for future, _ in self._begun], WAIT)
        self._pool.shutdown(wait=False)
        found = (future.result() if future in done else late for future, late in self._begun)
        return tuple(check for check in found if check)


def _make(make: Wait, late: Check) -> Check | None:
    try:
        return make()
    except Exception as error:  # the worker's edge: one answer in no form of AWS stops no other
        log.exception("event=check_failed name=%s", late.name)
        return late.model_copy(update={"detail": texts.unexpected_answer(type(error).__name__)})
