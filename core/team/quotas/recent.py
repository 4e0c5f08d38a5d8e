"""Keeps answers of the store for ten seconds, and the last one while AWS is silent."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, Generic, NamedTuple, TypeVar

from core.errors import AwsError
from core.ids import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")

_FRESH: Final = timedelta(seconds=10)
"""After so long what another dashboard has changed counts here too."""


class _Known(NamedTuple, Generic[T]):
    value: T
    until: datetime


class RecentAnswers(Generic[T]):
    """Answers by key. A page that shows one waits for AWS once in ten seconds at most."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: dict[str, _Known[T]] = {}

    def get(self, key: str, read: Callable[[], T]) -> T:
        """The answer that is known, else what `read` gives.

        Raises AwsError where `read` does and there was no answer before.
        """
        now, known = self._clock(), self._known.get(key)
        if known and now < known.until:
            return known.value
        try:
            value = read()
        except AwsError as error:
            if known is None:
                raise
            log.warning("event=last_answer_kept error=%s", error)
            value = known.value
        self._known[key] = _Known(value, now + _FRESH)
        return value

    def forget(self, key: str) -> None:
        """Ask again the next time: it was changed here."""
        self._known.pop(key, None)
