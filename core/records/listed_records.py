"""All records of a kind and an owner in memory: read whole, and changed by what they hold."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Final, Generic, NamedTuple

from core.aws.shared_listing import SharedListing
from core.ids import Clock
from core.records.edit import edit
from core.records.interface import Record, RecordKind, RecordStore, V
from core.records.paging import every_record

_PAGE: Final = 1000
"""Records that one query asks for; DynamoDB ends an answer at 1 MB, and is asked on."""

_OWN_FOR: Final = timedelta(seconds=10)
"""So long what was written here counts more than what a query says, which may be older."""


class _Own(NamedTuple, Generic[V]):
    value: V | None
    at: datetime


class ListedRecords(Generic[V]):
    """Kept in memory until they are read again; what is written through it counts at once."""

    def __init__(
        self,
        store: RecordStore,
        kind: RecordKind[V],
        owner: str,
        clock: Clock,
        fresh_seconds: float,
    ) -> None:
        self._store = store
        self._kind = kind
        self._owner = owner
        self._clock = clock
        self._listing = SharedListing(self._read, clock, fresh_seconds)
        self._lock = Lock()
        self._own: dict[str, _Own[V]] = {}
        self._built_of: tuple[Record[V], ...] | None = None
        self._known: Mapping[str, V] = {}

    def all(self, *, refresh: bool = False) -> Mapping[str, V]:
        """By their ids; the same mapping until something changes. Raises AwsError where they were
        never read."""
        found = self._listing.get(refresh=refresh)
        with self._lock:
            if found is not self._built_of:
                self._built_of = found
                self._known = self._with_own({one.id: one.value for one in found})
            return self._known

    def problem(self) -> str:
        """What the store did not answer; empty where the records are as it has them."""
        return self._listing.problem()

    def edit(self, record_id: str, change: Callable[[V | None], V | None]) -> V | None:
        """Store what `change` makes of a value, of None where there is none, and return what is
        stored then.

        `change` answers None to leave things as they are. Raises AwsError, Conflict.
        """
        stored = edit(self._store, self._kind, self._owner, record_id, change)
        self._remember(record_id, stored)
        return stored

    def add(self, record_id: str, value: V) -> None:
        """Store a new one. Raises Conflict, InvalidInput for one that is too large, AwsError."""
        self._store.add(self._kind, self._owner, record_id, value)
        self._remember(record_id, value)

    def stored(self) -> tuple[Record[V], ...]:
        """As the store has them now. Raises AwsError."""
        return tuple(every_record(self._store, self._kind, self._owner, _PAGE))

    def get(self, record_id: str) -> Record[V] | None:
        """One, as the store has it now. Raises AwsError."""
        return self._store.get(self._kind, self._owner, record_id)

    def delete(self, record: Record[V]) -> None:
        """Forget one. Raises Conflict where it was written since it was read, AwsError."""
        self._store.delete(record)
        self._remember(record.id, None)

    def _read(self) -> tuple[Record[V], ...]:
        began = self._clock()
        found = self.stored()
        with self._lock:
            self._own = {k: own for k, own in self._own.items() if own.at > began - _OWN_FOR}
        return found

    def _remember(self, record_id: str, value: V | None) -> None:
        with self._lock:
            self._own[record_id] = _Own(value, self._clock())
            self._known = self._with_own(self._known)

    def _with_own(self, known: Mapping[str, V]) -> Mapping[str, V]:
        own = {record_id: each.value for record_id, each in self._own.items()}
        both = {**known, **own}
        return {record_id: value for record_id, value in both.items() if value is not None}
