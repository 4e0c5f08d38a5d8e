"""Remembers how many jobs each endpoint is handed at once, so that a look at the line is free."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from core.endpoints.service import SendLimit
from core.errors import AwsError
from core.ids import Clock

log = logging.getLogger(__name__)

_FRESH: Final = timedelta(seconds=10)
"""Instances come and go in minutes."""

FindLimit = Callable[[str], SendLimit]
"""The limit of the endpoint of a name, as AWS describes it; raises AwsError."""


class SendLimits:
    """The limits as they were asked for within the last seconds."""

    def __init__(self, find: FindLimit, clock: Clock) -> None:
        self._find = find
        self._clock = clock
        self._lock = Lock()
        self._known: dict[str, tuple[SendLimit, datetime]] = {}

    def note(self, endpoint: str, limit: SendLimit) -> None:
        """Keep what somebody else has just asked for."""
        with self._lock:
            self._known[endpoint] = limit, self._clock()

    def of(self, endpoint: str) -> SendLimit:
        """The limit; where AWS does not answer, the last that is known, else none is sent."""
        with self._lock:
            limit, asked_at = self._known.get(endpoint, (SendLimit(jobs=0), None))
        if asked_at and timedelta() <= self._clock() - asked_at < _FRESH:
            return limit
        try:
            limit = self._find(endpoint)
        except AwsError as error:
            log.warning("event=limit_unknown endpoint=%s error=%s", endpoint, error)
        self.note(endpoint, limit)
        return limit
