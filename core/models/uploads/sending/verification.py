"""Reads an upload's object back from S3, compares it with what it should be, puts it in place."""

import tempfile
from collections.abc import Iterable
from typing import IO, Final

from core.aws.ascii_values import encode_value
from core.errors import AwsConflict, AwsNotFound, Conflict, InvalidInput
from core.models.files import HASH_METADATA, OWNER_METADATA
from core.models.uploads.live import LiveUpload
from core.models.uploads.records import Upload, UploadStage
from core.models.uploads.sending.contents import (
    ContentDigest,
    check_ranges,
    check_tensors_only,
    has_header,
)
from core.models.uploads.sending.copying import PartCopies
from core.models.uploads.sending.object_reader import ObjectVersion
from core.models.uploads.sending.target import UPLOAD_METADATA, UploadTargets
from core.models.uploads.sources import BrowserSource, S3Source, UrlSource
from core.texts.models import uploads as texts

_IN_MEMORY: Final = 8 << 20


class Verification:
    """Makes a model of an object whose bytes nobody here has read yet, or deletes it."""

    def __init__(self, targets: UploadTargets) -> None:
        self._targets = targets

    def run(self, live: LiveUpload) -> None:
        """Raises InvalidInput where the bytes are others, which then are deleted; Conflict where
        somebody else's object is there by now; UploadCancelled, AwsError."""
        live.save(stage=UploadStage.VERIFYING, done=0)
        upload = live.upload
        version = self._targets.own_object(upload)
        if version is None or (upload.etag and version.etag != upload.etag):
            raise Conflict(texts.is_changed_in_s3(upload.sent_key))
        try:
            digest = self._read(live, version)
        except InvalidInput:
            self._targets.storage.delete((upload.sent_key,))
            raise
        except AwsConflict as error:
            raise Conflict(texts.is_changed_in_s3(upload.sent_key)) from error
        self.place(live, version, digest)

    def place(self, live: LiveUpload, version: ObjectVersion, digest: ContentDigest) -> None:
        """Make a verified object a model: it is one already, or replaces another one now."""
        upload, etag = live.upload, version.etag
        if version.key != upload.key:
            etag = self._copy(live, version, digest.sha256)
            self._targets.storage.delete((version.key,))
        self._targets.known(live, etag, digest.sha256, digest.auto_v3)

    def _read(self, live: LiveUpload, version: ObjectVersion) -> ContentDigest:
        upload, reader = live.upload, self._targets.reader
        check_ranges(
            lambda start, size: reader.read(version, start, size),
            upload.name,
            version.size,
            upload.kind,
        )
        digest = ContentDigest(upload.kind, upload.name)
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spooled:
            copy = None if has_header(upload.name) else spooled
            self._hash(live, digest, reader.blocks(version), copy)
            if copy is not None:
                check_tensors_only(copy)
        told = told_sha256(upload)
        if told and digest.sha256 != told:
            raise InvalidInput(texts.other_bytes(upload.name))
        return digest

    def _hash(
        self,
        live: LiveUpload,
        digest: ContentDigest,
        blocks: Iterable[bytes],
        copy: IO[bytes] | None,
    ) -> None:
        for block in blocks:
            live.check()
            digest.update(block)
            if copy is not None:
                copy.write(block)
            live.report(done=digest.size)

    def _copy(self, live: LiveUpload, version: ObjectVersion, sha256: str) -> str:
        """Copy the verified object onto the model's key, within S3; the new ETag."""
        upload, multipart = live.upload, self._targets.multipart
        metadata = {
            HASH_METADATA: sha256,
            OWNER_METADATA: encode_value(upload.owner),
            UPLOAD_METADATA: upload.id,
        }
        source = source_of(version)
        multipart_id = multipart.open(upload.key, metadata)
        try:
            copies = PartCopies(multipart, live, source, version.size)
            parts = copies.run(upload.key, multipart_id, {})
            return multipart.complete(upload.key, multipart_id, parts, replace=True)
        except (Exception, KeyboardInterrupt):
            self._forget(upload, multipart_id)
            raise

    def _forget(self, upload: Upload, multipart_id: str) -> None:
        try:
            self._targets.multipart.abort(upload.key, multipart_id)
        except AwsNotFound:
            return


def source_of(version: ObjectVersion) -> S3Source:
    """An object as the source of a copy."""
    return S3Source(
        bucket=version.bucket, key=version.key, etag=version.etag, modified=version.modified
    )


def told_sha256(upload: Upload) -> str:
    """What a site or a browser says that the bytes are; empty where nobody does."""
    source = upload.source
    return (source.sha256 or "") if isinstance(source, UrlSource | BrowserSource) else ""
