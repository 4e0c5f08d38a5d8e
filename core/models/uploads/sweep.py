"""Removes what uploads leave behind: parts that nobody goes on with, old notes, old records."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from core.aws.storage import Storage
from core.ids import Clock
from core.models.uploads.leases import UploadRecords
from core.models.uploads.multipart import Multipart, OpenUpload
from core.models.uploads.records import Upload, UploadStage
from formats.keys import MODELS, UPLOADS

log = logging.getLogger(__name__)

ABANDONED_AFTER: Final = timedelta(days=7)
"""The bucket's own rule may remove parts sooner."""
ENDED_ARE_KEPT: Final = timedelta(days=30)


class UploadSweep:
    """What several dashboards do harmlessly at once. Every method raises a kind of AwsError."""

    def __init__(
        self, records: UploadRecords, multipart: Multipart, storage: Storage, clock: Clock
    ) -> None:
        self._records = records
        self._multipart = multipart
        self._storage = storage
        self._clock = clock

    def abandoned(self) -> tuple[OpenUpload, ...]:
        """Multipart uploads that no upload of the list goes on with, the oldest first."""
        used = {upload.multipart_id for upload in self._records.all() if _can_go_on(upload)}
        found = (*self._multipart.pending(MODELS), *self._multipart.pending(UPLOADS))
        return tuple(
            sorted((each for each in found if each.id not in used), key=lambda each: each.initiated)
        )

    def remove(self, upload_id: str) -> None:
        """Remove the parts of one that is still abandoned; another is left alone."""
        for each in self.abandoned():
            if each.id == upload_id:
                self._multipart.abort(each.key, each.id)

    def look(self) -> None:
        """Remove what is old enough."""
        old = self._clock() - ABANDONED_AFTER
        for each in self.abandoned():
            if each.initiated < old:
                self._multipart.abort(each.key, each.id)
                log.info("event=upload_swept key=%s initiated=%s", each.key, each.initiated)
        self._remove_objects(old)
        self._forget(self._records.all())

    def _remove_objects(self, old: datetime) -> None:
        """Notes by which an older version resumed, and files that were to replace a model."""
        used = {upload.sent_key for upload in self._records.all() if _can_go_on(upload)}
        found = self._storage.list(UPLOADS)
        keys = (each.key for each in found if each.modified < old and each.key not in used)
        self._storage.delete(tuple(keys))

    def _forget(self, uploads: Iterable[Upload]) -> None:
        old = self._clock() - ENDED_ARE_KEPT
        for upload in uploads:
            if not upload.active and upload.changed < old:
                self._records.delete(upload)


def _can_go_on(upload: Upload) -> bool:
    """A failed one too, as long as it is in the list: it may be tried again."""
    return upload.active or upload.stage is UploadStage.FAILED
