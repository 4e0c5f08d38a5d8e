"""The records of all model files in memory: read whole, and changed by what they hold."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from math import inf
from threading import Lock
from typing import Final, NamedTuple

from core.aws.shared_listing import SharedListing
from core.ids import Clock
from core.models.metadata.records import MODEL_RECORDS_OWNER, MODELS, ModelRecord
from core.records.edit import edit
from core.records.interface import Record, RecordStore
from core.records.paging import every_record

_PAGE: Final = 1000
"""Records that one query asks for; DynamoDB ends an answer at 1 MB, and is asked on."""

_OWN_FOR: Final = timedelta(seconds=10)
"""So long what was written here counts more than what a query says, which may be older."""


class _Own(NamedTuple):
    record: ModelRecord | None
    at: datetime


class ModelRecords:
    """Kept in memory until they are read again; what is written through it counts at once."""

    def __init__(self, store: RecordStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._listing = SharedListing(self._read, clock, fresh_seconds=inf)
        self._lock = Lock()
        self._own: dict[str, _Own] = {}
        self._built_of: tuple[Record[ModelRecord], ...] | None = None
        self._known: Mapping[str, ModelRecord] = {}

    def all(self, *, refresh: bool = False) -> Mapping[str, ModelRecord]:
        """By the files' keys; the same mapping until something changes. Raises AwsError where they
        were never read."""
        found = self._listing.get(refresh=refresh)
        with self._lock:
            if found is not self._built_of:
                self._built_of = found
                self._known = self._with_own({one.id: one.value for one in found})
            return self._known

    def problem(self) -> str:
        """What the store did not answer; empty where the records are as it has them."""
        return self._listing.problem()

    def change(
        self, key: str, change: Callable[[ModelRecord], ModelRecord | None]
    ) -> ModelRecord | None:
        """Store what `change` makes of a file's record, of an empty one where there is none.

        `change` answers None to leave things as they are. Raises AwsError, Conflict.
        """
        stored = edit(
            self._store,
            MODELS,
            MODEL_RECORDS_OWNER,
            key,
            lambda kept: change(kept or ModelRecord()),
        )
        self._remember(key, stored)
        return stored

    def stored(self) -> tuple[Record[ModelRecord], ...]:
        """As the store has them now. Raises AwsError."""
        return tuple(every_record(self._store, MODELS, MODEL_RECORDS_OWNER, _PAGE))

    def get(self, key: str) -> Record[ModelRecord] | None:
        """One, as the store has it now. Raises AwsError."""
        return self._store.get(MODELS, MODEL_RECORDS_OWNER, key)

    def delete(self, record: Record[ModelRecord]) -> None:
        """Forget one. Raises Conflict where it was written since it was read, AwsError."""
        self._store.delete(record)
        self._remember(record.id, None)

    def _read(self) -> tuple[Record[ModelRecord], ...]:
        began = self._clock()
        found = self.stored()
        with self._lock:
            self._own = {k: own for k, own in self._own.items() if own.at > began - _OWN_FOR}
        return found

    def _remember(self, key: str, record: ModelRecord | None) -> None:
        with self._lock:
            self._own[key] = _Own(record, self._clock())
            self._known = self._with_own(self._known)

    def _with_own(self, known: Mapping[str, ModelRecord]) -> Mapping[str, ModelRecord]:
        own = {key: each.record for key, each in self._own.items()}
        return {key: record for key, record in ({**known, **own}).items() if record is not None}
