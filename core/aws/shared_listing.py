"""Owns a listing that all sessions share: read by one of them, and kept while AWS is silent."""

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from typing import Final, Generic, NamedTuple, TypeVar

from core.errors import AwsError
from core.ids import Clock
from core.texts import aws as texts

log = logging.getLogger(__name__)

_YOUNG_SECONDS: Final = 30.0
"""A listing that is no older is shown at once while somebody reads a new one."""

_WAIT_SECONDS: Final = 2.0
"""So long a page waits for somebody else's reading before it shows an older listing."""

_PAUSE_SECONDS: Final = 5.0
"""AWS is left alone for so long after it failed, so that not every page waits for it."""

T = TypeVar("T")


class _Listing(NamedTuple, Generic[T]):
    items: tuple[T, ...]
    read_at: datetime


class SharedListing(Generic[T]):
    """The newest listing that AWS gave, read again when it is older than `fresh_seconds`."""

    def __init__(
        self, read: Callable[[], tuple[T, ...]], clock: Clock, fresh_seconds: float
    ) -> None:
        self._read = read
        self._clock = clock
        self._fresh_seconds = fresh_seconds
        self._reading = Lock()
        self._listing: _Listing[T] | None = None
        self._changes = 1
        self._changes_read = 0
        """How often `expire` was called, and before which call the listing was read."""
        self._failed_at: datetime | None = None
        self.error: AwsError | None = None
        """Why the listing could not be read again; None where it is what AWS said last."""

    @property
    def read_at(self) -> datetime | None:
        """When AWS gave the listing."""
        return self._listing.read_at if self._listing else None

    def get(self, *, refresh: bool = False) -> tuple[T, ...]:
        """The items. An older listing beats none; without one, raises AwsError."""
        if self._needs_reading(refresh=refresh) and self._reading.acquire(
            timeout=self._patience(refresh=refresh)
        ):
            try:
                if self._needs_reading(refresh=refresh):  # another session may have read it
                    self._update()
            finally:
                self._reading.release()
        if self._listing is None and self.error:
            raise type(self.error)(str(self.error), self.error.code) from self.error
        return self._listing.items if self._listing else ()

    def problem(self) -> str:
        """What AWS did not answer, and from when the items are; empty where they are new."""
        if self.error and self._listing:
            return texts.listing_is_old(self._listing.read_at, str(self.error))
        return ""

    def expire(self) -> None:
        """Make the next call read again."""
        self._changes += 1
        self._failed_at = None

    @property
    def _expired(self) -> bool:
        """Also while it is read: who has changed something must not see the older listing."""
        return self._changes_read != self._changes

    def _update(self) -> None:
        changes = self._changes
        try:
            self._listing = _Listing(self._read(), self._clock())
            self._changes_read = changes
        except AwsError as error:
            self._changes_read, self._failed_at, self.error = 0, self._clock(), error
            log.warning("event=listing_failed last_read_at=%s error=%s", self.read_at, error)
        else:
            self._failed_at = self.error = None

    def _needs_reading(self, *, refresh: bool) -> bool:
        return not self._is_pausing() and (refresh or not self._is_fresh())

    def _is_fresh(self) -> bool:
        return not self._expired and self._age(self.read_at) <= self._fresh_seconds

    def _is_pausing(self) -> bool:
        return self._age(self._failed_at) <= _PAUSE_SECONDS

    def _patience(self, *, refresh: bool) -> float:
        """Seconds to wait for another session's reading; -1 waits for its end."""
        if self._listing is None or refresh:
            return -1
        is_young = not self._expired and self._age(self.read_at) <= _YOUNG_SECONDS
        return 0 if is_young else _WAIT_SECONDS

    def _age(self, moment: datetime | None) -> float:
        return (self._clock() - moment).total_seconds() if moment else float("inf")
