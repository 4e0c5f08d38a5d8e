"""The records of all model files in memory."""

from collections.abc import Callable
from math import inf

from core.ids import Clock
from core.models.metadata.records import MODEL_RECORDS_OWNER, MODELS, ModelRecord
from core.records.interface import RecordStore
from core.records.listed_records import ListedRecords


class ModelRecords(ListedRecords[ModelRecord]):
    """By the files' keys; read again when a worker asks for it."""

    def __init__(self, store: RecordStore, clock: Clock) -> None:
        super().__init__(store, MODELS, MODEL_RECORDS_OWNER, clock, fresh_seconds=inf)

    def change(
        self, key: str, change: Callable[[ModelRecord], ModelRecord | None]
    ) -> ModelRecord | None:
        """Store what `change` makes of a file's record, of an empty one where there is none.

        `change` answers None to leave things as they are. Raises AwsError, Conflict.
        """
        return self.edit(key, lambda kept: change(kept or ModelRecord()))
