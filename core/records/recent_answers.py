"""Answers of AWS that every run needs, each asked for once in ten seconds."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, Generic, NamedTuple, TypeVar

from core.errors import AwsError
from core.ids import Clock

log = logging.getLogger(__name__)

T = TypeVar("T")

_FRESH: Final = timedelta(seconds=10)
"""For so long a dashboard doesn't ask again: another one's change counts after that."""


class _Known(NamedTuple, Generic[T]):
    value: T
    at: datetime


def _any(_answer: object) -> bool:
    return True


class RecentAnswers(Generic[T]):
    """Answers by key, each ten seconds old at most; while AWS is silent, as it was last known."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = Lock()
        self._known: dict[str, _Known[T]] = {}

    def get(self, key: str, read: Callable[[], T], fits: Callable[[T], bool] = _any) -> T:
        """The answer that is known and that `fits`, else what `read` gives.

        Raises AwsError where `read` does and there was no answer before.
        """
        now = self._clock()
        with self._lock:
            known = self._known.get(key)
        # A clock may be set back.
        if known and timedelta() <= now - known.at < _FRESH and fits(known.value):
            return known.value
        try:
            value = read()
        except AwsError as error:
            if known is None:
                raise
            log.warning("event=last_answer_kept error=%s", error)
            value = known.value
        self.remember(key, value)
        return value

    def remember(self, key: str, value: T) -> None:
        """Take this for the answer: it was written here just now."""
        with self._lock:
            self._known[key] = _Known(value, self._clock())

    def forget(self, key: str) -> None:
        """Ask again at the next call."""
        with self._lock:
            self._known.pop(key, None)
