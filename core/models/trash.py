"""The trash of model files: what is put there stays in S3 for 30 days and can be taken out."""

import logging
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from core.aws.storage import Storage
from core.errors import AwsError, Conflict
from core.ids import Clock
from core.models.files import ModelFile
from core.models.listing.records import ModelRecords
from core.models.metadata.records import TRASH_DAYS, ModelRecord
from core.records.interface import Record

log = logging.getLogger(__name__)

_KEPT_FOR: Final = timedelta(days=TRASH_DAYS)
OUT_OF_TRASH: Final[Mapping[str, Any]] = {"trashed": None, "trashed_by": "", "trashed_etag": ""}
"""A record's fields of a file that is not in the trash."""

Beside = Callable[[str], tuple[str, ...]]
"""Keys of what lies beside a file and is of no other."""


class Trash:
    """A mark in the file's record; the object stays under its key, so that nothing is copied."""

    def __init__(self, storage: Storage, records: ModelRecords, clock: Clock) -> None:
        self._storage = storage
        self._records = records
        self._clock = clock

    def put(self, file: ModelFile, by: str) -> None:
        """Mark a file. Raises AwsError, Conflict."""
        mark = {"trashed": self._clock(), "trashed_by": by, "trashed_etag": file.etag}
        self._records.change(file.key, lambda kept: kept.model_copy(update=mark))

    def take_out(self, key: str) -> None:
        """Take the mark away. Raises AwsError, Conflict."""
        self._records.change(key, lambda kept: kept.model_copy(update=OUT_OF_TRASH))

    def remove(self, key: str, beside: tuple[str, ...]) -> None:
        """Delete a file for good, with its record and its side-cars. Raises AwsError, Conflict."""
        if record := self._records.get(key):
            self._records.delete(record)
        self._storage.delete((key, *beside))

    def sweep(self, records: Iterable[Record[ModelRecord]], beside: Beside) -> bool:
        """Remove what was there for 30 days; whether there was any. Several dashboards may do it
        at once. Raises AwsError."""
        before = self._clock() - _KEPT_FOR
        expired = [one for one in records if _is_expired(one.value, before)]
        for record in expired:
            try:
                self._remove_expired(record, beside)
            except (AwsError, Conflict) as error:  # the next sweep tries again
                log.warning("event=trash_not_swept key=%s error=%s", record.id, error)
        return bool(expired)

    def _remove_expired(self, record: Record[ModelRecord], beside: Beside) -> None:
        key, etag = record.id, record.value.trashed_etag
        stored = self._storage.head(key)
        if stored and etag not in ("", stored.etag):  # other bytes were put there since
            self.take_out(key)
            return
        # The record first: where somebody takes the file out at this moment, its deletion raises
        # Conflict, and the file stays.
        side_cars = beside(key)
        self._records.delete(record)
        self._storage.delete((key, *side_cars))
        log.info("event=trash_swept key=%s", key)


def _is_expired(record: ModelRecord, before: datetime) -> bool:
    return record.trashed is not None and record.trashed <= before
