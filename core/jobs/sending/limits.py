"""Remembers how many jobs each endpoint is handed at once, so that a look at the line is free."""

import logging
from collections.abc import Callable

from core.endpoints.service import SendLimit
from core.errors import AwsError
from core.ids import Clock
from core.records.recent_answers import RecentAnswers

log = logging.getLogger(__name__)

FindLimit = Callable[[str], SendLimit]
"""The limit of the endpoint of a name, as AWS describes it; raises AwsError."""


class SendLimits:
    """The limits as asked for within ten seconds, as instances come and go in minutes."""

    def __init__(self, find: FindLimit, clock: Clock) -> None:
        self._find = find
        self._answers = RecentAnswers[SendLimit](clock)

    def note(self, endpoint: str, limit: SendLimit) -> None:
        """Keep what somebody else has just asked for."""
        self._answers.remember(endpoint, limit)

    def of(self, endpoint: str) -> SendLimit:
        """The limit; where AWS does not answer, the last that is known, else none is sent."""
        try:
            return self._answers.get(endpoint, lambda: self._find(endpoint))
        except AwsError as error:
            log.warning("event=limit_unknown endpoint=%s error=%s", endpoint, error)
        unknown = SendLimit(jobs=0)
        self.note(endpoint, unknown)  # not asked again at each look at the line
        return unknown
