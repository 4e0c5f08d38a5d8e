"""When the follower does what."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.settings import Settings

_POLLS_OF_A_START: Final = 2
"""Whether a queued job that somebody looks at has begun is asked with every second poll."""

_POLLS_OF_A_SWEEP: Final = 10
_SWEEPS_OF_A_SILENCE: Final = 4
"""A sweep comes so often in the time that a running job may be silent, for the reaper's sake."""


@dataclass(frozen=True)
class Schedule:
    """How far apart the looks are, in seconds."""

    poll_seconds: float
    start_seconds: float
    sweep_seconds: float
    tells_of: Callable[[str], bool]
    """Whether SageMaker tells of an endpoint's ends, so that they need not be looked for."""

    @classmethod
    def of(cls, settings: Settings, tells_of: Callable[[str], bool]) -> "Schedule":
        """What the settings ask for."""
        return cls(
            poll_seconds=settings.poll_seconds,
            start_seconds=settings.poll_seconds * _POLLS_OF_A_START,
            sweep_seconds=min(
                settings.poll_seconds * _POLLS_OF_A_SWEEP,
                settings.heartbeat_seconds / _SWEEPS_OF_A_SILENCE,
            ),
            tells_of=tells_of,
        )

    def between_sweeps(self, *, is_idle: bool, awaited_endpoints: Collection[str]) -> float:
        """Where nothing is open each poll is a sweep, and polls are seldom."""
        if is_idle:
            return 0
        if not all(map(self.tells_of, awaited_endpoints)):
            return self.start_seconds
        return self.sweep_seconds


class Timer:
    """Says when something is due again."""

    def __init__(self) -> None:
        self._last: datetime | None = None

    def is_due(self, now: datetime, seconds: float) -> bool:
        """Whether so many seconds have passed, or the clock was set back; begins anew if so."""
        last = self._last
        if last is not None and 0 <= (now - last).total_seconds() < seconds:
            return False
        self._last = now
        return True
