"""What a style or a wildcard file was before each of its edits."""

from typing import Final, Generic, TypeVar

from core.errors import Conflict, NotFound
from core.prompts.items import PromptItem
from core.records.edit import delete_all
from core.records.interface import RecordKind, RecordStore
from core.texts.jobs import styles as texts

MAX_VERSIONS: Final = 50
"""Kept of one; the oldest goes first."""

P = TypeVar("P", bound=PromptItem)


class ItemVersions(Generic[P]):
    """The former versions of all of a kind; their owner is the item's id, their id its revision in
    six digits."""

    def __init__(self, kind: RecordKind[P], records: RecordStore) -> None:
        self._kind = kind
        self._records = records

    def keep(self, value: P) -> tuple[P, ...]:
        """Keep one as it is, before it is changed; again is harmless. Returns those that went for
        it. Raises AwsError."""
        try:
            self._records.add(self._kind, value.id, _id(value.revision), value)
        except Conflict:  # it is kept
            return ()
        page = self._records.page(self._kind, value.id, limit=MAX_VERSIONS + 1)
        old = page.records[MAX_VERSIONS:]
        for record in old:
            self._records.delete(record)
        return tuple(record.value for record in old)

    def of(self, item_id: str) -> tuple[P, ...]:
        """The former versions, the latest first. Raises AwsError."""
        page = self._records.page(self._kind, item_id, limit=MAX_VERSIONS)
        return tuple(record.value for record in page.records)

    def get(self, item_id: str, number: int) -> P:
        """One of them. Raises NotFound, AwsError."""
        record = self._records.get(self._kind, item_id, _id(number))
        if record is None:
            raise NotFound(texts.no_such_version(number))
        return record.value

    def remove(self, item_id: str) -> None:
        """Forget all of an item's. Raises AwsError, Conflict."""
        delete_all(self._records, self._kind, item_id)


def _id(revision: int) -> str:
    return f"{revision:06}"
