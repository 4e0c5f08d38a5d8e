"""Records that every run needs, each asked for once in ten seconds."""

from typing import Generic

from core.ids import Clock
from core.records.interface import RecordKind, RecordStore, V
from core.records.recent_answers import RecentAnswers


class CachedRecords(Generic[V]):
    """One record of each owner, ten seconds old at most; while AWS is silent, as last known."""

    def __init__(
        self, records: RecordStore, kind: RecordKind[V], record_id: str, clock: Clock
    ) -> None:
        self._records = records
        self._kind = kind
        self._id = record_id
        self._answers = RecentAnswers[V | None](clock)

    def get(self, owner: str) -> V | None:
        """The value, or None where there is none. Raises AwsError where it was never read."""

        def read() -> V | None:
            found = self._records.get(self._kind, owner, self._id)
            return found.value if found else None

        return self._answers.get(owner, read)

    def remember(self, owner: str, value: V | None) -> None:
        """Take this for the value: it was written here just now."""
        self._answers.remember(owner, value)

    def forget(self, owner: str) -> None:
        """Ask again at the next call."""
        self._answers.forget(owner)


class CachedRecord(Generic[V]):
    """The same of one owner."""

    def __init__(
        self, records: RecordStore, kind: RecordKind[V], owner: str, record_id: str, clock: Clock
    ) -> None:
        self._owner = owner
        self._cached = CachedRecords(records, kind, record_id, clock)

    def get(self) -> V | None:
        """The value, or None where there is none. Raises AwsError where it was never read."""
        return self._cached.get(self._owner)

    def remember(self, value: V | None) -> None:
        """Take this for the value: it was written here just now."""
        self._cached.remember(self._owner, value)

    def forget(self) -> None:
        """Ask again at the next call."""
        self._cached.forget(self._owner)
