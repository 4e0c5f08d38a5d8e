"""Limits how often somebody may do something: a token bucket for each.

https://en.wikipedia.org/wiki/Token_bucket
"""

import math
import time
from collections.abc import Callable
from threading import Lock
from typing import Final

_MOST_KEYS: Final = 10_000
"""Of whom it knows at a time; whoever came first is forgotten then."""


class RateLimit:
    """So many at once, and so many more in each second. Kept in this process."""

    def __init__(
        self, per_second: float, burst: int, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_second = per_second
        self._burst = burst
        self._monotonic = monotonic
        self._lock = Lock()
        self._left: dict[str, tuple[float, float]] = {}
        """How many each may do yet, and when that was counted; the latest last."""

    def seconds_to_wait(self, key: str) -> int:
        """Count one for this key: 0 where it may be, else the seconds until one may be."""
        now = self._monotonic()
        with self._lock:
            left, at = self._left.pop(key, (float(self._burst), now))
            left = min(self._burst, left + (now - at) * self._per_second)
            may = left >= 1
            self._left[key] = (left - 1 if may else left, now)
            if len(self._left) > _MOST_KEYS:
                del self._left[next(iter(self._left))]
        return 0 if may else math.ceil((1 - left) / self._per_second)
