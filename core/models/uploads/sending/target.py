"""The object that an upload becomes: whether its name is free, its multipart upload, its end."""

import logging
from collections.abc import Sequence
from typing import Final

from core.aws.ascii_values import encode_value
from core.aws.storage import Storage
from core.errors import AwsConflict, AwsNotFound, Conflict, ContrappostoError
from core.models.files import (
    HASH_METADATA,
    OWNER_METADATA,
    PENDING,
    VERIFICATION_METADATA,
)
from core.models.metadata.beside import Beside
from core.models.service import ModelLibrary
from core.models.uploads.live import LiveUpload
from core.models.uploads.multipart import Multipart, StoredPart
from core.models.uploads.records import Upload, UploadStage
from core.models.uploads.sending.object_reader import ObjectReader, ObjectVersion
from core.team.users import SYSTEM
from core.texts.models import uploads as texts

log = logging.getLogger(__name__)

UPLOAD_METADATA: Final = "upload"
"""Id of the upload that made the object."""


class UploadTargets:
    """S3's side of uploads. Every method raises a kind of AwsError."""

    def __init__(
        self,
        multipart: Multipart,
        storage: Storage,
        reader: ObjectReader,
        library: ModelLibrary,
    ) -> None:
        self.multipart = multipart
        self.reader = reader
        self.storage = storage
        self._library = library

    def stored_key(self, sha256: str) -> str | None:
        """The key of a model that has these very bytes, as far as its list tells."""
        for file in self._library.list(SYSTEM):
            if file.sha256 == sha256 and not file.problem and self.storage.head(file.key):
                return file.key
        return None

    def own_object(self, upload: Upload) -> ObjectVersion | None:
        """What this very upload made before its dashboard was broken off, or None."""
        found = self.reader.find(self.storage.bucket, upload.sent_key)
        is_own = found is not None and found.metadata.get(UPLOAD_METADATA) == upload.id
        return found if is_own else None

    def add_beside(self, key: str, beside: Beside) -> None:
        """Keep what lay beside a file that is stored under the key; the model is whole without."""
        try:
            if beside != Beside() and self.storage.head(key) is not None:
                if beside.layers:
                    self._library.add_layers(key, beside.layers)
                if beside.preview:
                    self._library.add_thumbnail(key, beside.preview)
        except ContrappostoError as error:
            log.warning("event=side_cars_left_out key=%s error=%s", key, error)

    def require_free_name(self, upload: Upload) -> None:
        """Raise Conflict where another file has the name and is not to be replaced."""
        if upload.replace or self.storage.head(upload.key) is None:
            return
        in_trash = self.is_in_trash(upload)
        raise Conflict(texts.NAME_IS_IN_TRASH if in_trash else texts.NAME_IS_TAKEN)

    def is_in_trash(self, upload: Upload) -> bool:
        """Whether a file of its name is, as far as the list tells."""
        stored = self._library.find_any(upload.kind, upload.name)
        return stored is not None and stored.is_trashed

    def open(self, live: LiveUpload, sha256: str = "") -> dict[int, StoredPart]:
        """The parts that S3 has of this upload; where it has begun none, it is begun.

        `sha256` is that of all bytes, where somebody has read them all.
        """
        upload = live.upload
        if upload.multipart_id:
            try:
                return self.multipart.parts(upload.sent_key, upload.multipart_id)
            except AwsNotFound:  # removed by the bucket's rule, or by hand
                pass
        live.save(multipart_id=self._begin(upload, sha256))
        return {}

    def open_anew(self, live: LiveUpload, sha256: str = "") -> None:
        """Throw away the parts that S3 has, and begin again."""
        upload = live.upload
        if upload.multipart_id:
            self.multipart.abort(upload.sent_key, upload.multipart_id)
        live.save(multipart_id=self._begin(upload, sha256))

    def opened(self, upload: Upload) -> str:
        """The multipart upload of one that nobody here works on."""
        if upload.multipart_id and self.multipart.is_open(upload.sent_key, upload.multipart_id):
            return upload.multipart_id
        return self._begin(upload, "")

    def complete(self, upload: Upload, parts: Sequence[StoredPart]) -> str:
        """Make the object; its ETag. Raises Conflict where the name was taken meanwhile."""
        replaces = upload.replace or upload.sent_key != upload.key
        try:
            return self.multipart.complete(
                upload.sent_key, upload.multipart_id, parts, replace=replaces
            )
        except (AwsConflict, AwsNotFound) as error:
            own = self.own_object(upload)  # of a first try whose answer was lost
            if own is None and isinstance(error, AwsConflict):
                raise Conflict(texts.TAKEN_MEANWHILE) from error
            if own is None:
                raise
            return own.etag

    def abort(self, upload: Upload) -> None:
        """Forget what S3 has of an upload that ends without a model."""
        if upload.multipart_id:
            self.multipart.abort(upload.sent_key, upload.multipart_id)
        own = self.own_object(upload) if upload.stage is UploadStage.VERIFYING else None
        if own is not None or upload.sent_key != upload.key:
            self.storage.delete((upload.sent_key,))

    def known(self, live: LiveUpload, etag: str, sha256: str, auto_v3: str) -> None:
        """The object under the model's key is whole, and its bytes are known."""
        if live.upload.layers:
            self._library.add_layers(live.upload.key, live.upload.layers)
        self._library.verified(live.upload.key, etag, sha256, auto_v3)
        live.report(sha256=sha256, etag=etag, multipart_id="")

    def _begin(self, upload: Upload, sha256: str) -> str:
        metadata = {OWNER_METADATA: encode_value(upload.owner), UPLOAD_METADATA: upload.id}
        known = {HASH_METADATA: sha256} if sha256 else {VERIFICATION_METADATA: PENDING}
        return self.multipart.open(upload.sent_key, metadata | known)
