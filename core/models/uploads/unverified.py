"""Takes up objects that wait to be verified and that no upload knows, so that none waits for ever.

Their uploads' records are lost, or another studio's that stores in the same bucket.
"""

import logging
from typing import Final

from pydantic import TypeAdapter, ValidationError

from core.aws.ascii_values import decode_value
from core.errors import Conflict
from core.ids import Clock
from core.models.files import (
    OWNER_METADATA,
    PENDING,
    VERIFICATION_METADATA,
    ModelFile,
)
from core.models.service import ModelLibrary
from core.models.uploads.leases import UploadRecords
from core.models.uploads.records import Upload, UploadStage
from core.models.uploads.sending.object_reader import ObjectReader, ObjectVersion
from core.models.uploads.sending.target import UPLOAD_METADATA
from core.models.uploads.sending.verification import source_of
from core.team.users import SHARED
from formats.keys import JobId

log = logging.getLogger(__name__)

_ulid: Final = TypeAdapter[str](JobId)


class UnverifiedObjects:
    """Every method raises a kind of AwsError."""

    def __init__(
        self,
        library: ModelLibrary,
        records: UploadRecords,
        reader: ObjectReader,
        bucket: str,
        clock: Clock,
    ) -> None:
        self._library = library
        self._records = records
        self._reader = reader
        self._bucket = bucket
        self._clock = clock
        self._foreign: set[tuple[str, str]] = set()
        """Keys and ETags of what no upload of this studio's kind made."""

    def take_up(self) -> None:
        """Keep a record of each, which then is verified like every other upload.

        Costs no call where the list of models, as it was last read, has none.
        """
        files = [f for f in self._library.unverified() if (f.key, f.etag) not in self._foreign]
        # An upload that found its file there already has ended, and verified nothing.
        known = {upload.key for upload in self._records.all() if upload.active} if files else set()
        for file in files:
            version = None if file.key in known else self._reader.find(self._bucket, file.key)
            if version and version.metadata.get(VERIFICATION_METADATA) == PENDING:
                self._take_up(file, version)

    def _take_up(self, file: ModelFile, version: ObjectVersion) -> None:
        try:
            upload_id = _ulid.validate_python(version.metadata.get(UPLOAD_METADATA, ""))
        except ValidationError:
            self._foreign.add((file.key, file.etag))
            return
        if self._records.find(upload_id) is not None:
            return
        now = self._clock()
        upload = Upload(
            id=upload_id,
            owner=decode_value(version.metadata.get(OWNER_METADATA, SHARED)),
            source=source_of(version),
            name=file.name,
            kind=file.kind,
            size=version.size,
            created=now,
            changed=now,
            stage=UploadStage.VERIFYING,
            etag=version.etag,
        )
        try:
            self._records.add(upload)
        except Conflict:  # another dashboard was faster
            return
        log.info("event=unverified_taken_up key=%s upload=%s", file.key, upload_id)
