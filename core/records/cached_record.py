"""One record that every run needs, asked for once in ten seconds."""

import logging
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, Generic, NamedTuple

from core.errors import AwsError
from core.ids import Clock
from core.records.interface import RecordKind, RecordStore, V

log = logging.getLogger(__name__)

_FRESH: Final = timedelta(seconds=10)
"""For so long a dashboard doesn't ask again: another one's change counts after that."""


class _Read(NamedTuple, Generic[V]):
    value: V | None
    until: datetime


class CachedRecord(Generic[V]):
    """A record as it was ten seconds ago at most; while AWS is silent, as it was last known."""

    def __init__(
        self, records: RecordStore, kind: RecordKind[V], owner: str, record_id: str, clock: Clock
    ) -> None:
        self._records = records
        self._kind = kind
        self._owner = owner
        self._id = record_id
        self._clock = clock
        self._lock = Lock()
        self._read: _Read[V] | None = None

    def get(self) -> V | None:
        """The value, or None where there is none. Raises AwsError where it was never read."""
        now = self._clock()
        with self._lock:
            read = self._read
        if read and now < read.until:
            return read.value
        try:
            found = self._records.get(self._kind, self._owner, self._id)
        except AwsError as error:
            if read is None:
                raise
            log.warning("event=record_not_read kind=%s error=%s", self._kind.name, error)
            self.remember(read.value)
            return read.value
        value = found.value if found else None
        self.remember(value)
        return value

    def remember(self, value: V | None) -> None:
        """Take this for the value: it was written here just now."""
        with self._lock:
            self._read = _Read(value, self._clock() + _FRESH)

    def forget(self) -> None:
        """Ask again at the next call."""
        with self._lock:
            self._read = None
