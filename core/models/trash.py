"""The trash of model files: what is put there stays in S3 for 30 days and can be taken out."""

import logging
from datetime import datetime, timedelta
from typing import Final

from core.aws.storage import Storage
from core.errors import AwsError, Conflict
from core.ids import Clock
from core.models.files import ModelFile
from core.models.listing.records import ModelRecords
from core.models.metadata.records import TRASH_DAYS, ModelRecord
from core.records.interface import Record

log = logging.getLogger(__name__)

_KEPT_FOR: Final = timedelta(days=TRASH_DAYS)
_TAKEN_OUT: Final = {"trashed": None, "trashed_by": "", "trashed_etag": ""}


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
        self._records.change(key, lambda kept: kept.model_copy(update=_TAKEN_OUT))

    def remove(self, key: str) -> None:
        """Delete a file for good, with its record. Raises AwsError, Conflict."""
        if record := self._records.get(key):
            self._records.delete(record)
        self._storage.delete((key,))

    def sweep(self) -> bool:
        """Remove what was there for 30 days; whether there was any. Several dashboards may do it
        at once. Raises AwsError where the records can't be read."""
        before = self._clock() - _KEPT_FOR
        expired = [one for one in self._records.stored() if _is_expired(one.value, before)]
        for record in expired:
            try:
                self._remove_expired(record)
            except (AwsError, Conflict) as error:  # the next sweep tries again
                log.warning("event=trash_not_swept key=%s error=%s", record.id, error)
        return bool(expired)

    def _remove_expired(self, record: Record[ModelRecord]) -> None:
        key, etag = record.id, record.value.trashed_etag
        stored = self._storage.head(key)
        if stored and etag not in ("", stored.etag):  # other bytes were put there since
            self.take_out(key)
            return
        # The record first: where somebody takes the file out at this moment, its deletion raises
        # Conflict, and the file stays.
        self._records.delete(record)
        self._storage.delete((key,))
        log.info("event=trash_swept key=%s", key)


def _is_expired(record: ModelRecord, before: datetime) -> bool:
    return record.trashed is not None and record.trashed <= before
