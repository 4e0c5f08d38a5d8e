"""Copies a model from an `s3://` address that the role can read, within S3, and reads it back."""

import re
import tempfile
from pathlib import Path
from typing import Final

from core.errors import AwsConflict, Conflict, InvalidInput, NotFound
from core.models.uploads.live import LiveUpload
from core.models.uploads.planning.plan import UploadFile
from core.models.uploads.records import UploadStage
from core.models.uploads.sending.contents import check_ranges, check_tensors_only, has_header
from core.models.uploads.sending.copying import PartCopies, copy_part_size
from core.models.uploads.sending.local_file import LocalFiles
from core.models.uploads.sending.object_reader import ObjectReader, ObjectVersion
from core.models.uploads.sending.target import UploadTargets
from core.models.uploads.sending.verification import Verification
from core.models.uploads.sources import S3Source
from core.texts.models import uploads as texts
from formats.models.kinds import ModelKind

_ADDRESS: Final = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/([^\x00-\x1f\x7f]{1,1024})")


def find_object(reader: ObjectReader, address: str) -> ObjectVersion:
    """What is at an address. Raises InvalidInput, NotFound, AwsError."""
    match = _ADDRESS.fullmatch(address.strip())
    if match is None or match[2].endswith("/"):
        raise InvalidInput(texts.NOT_AN_S3_ADDRESS, address)
    found = reader.find(match[1], match[2])
    if found is None:
        raise NotFound(texts.no_object(address))
    return found


def check_object(
    reader: ObjectReader, version: ObjectVersion, name: str, kind: ModelKind | None
) -> ModelKind:
    """The kind of an object by ranged reads of its header. Raises InvalidInput, AwsError."""
    return check_ranges(
        lambda start, size: reader.read(version, start, size), name, version.size, kind
    )


class S3Copies:
    """Sends objects of other buckets."""

    def __init__(
        self, targets: UploadTargets, files: LocalFiles, verification: Verification
    ) -> None:
        self._targets = targets
        self._files = files
        self._verification = verification

    def send(self, live: LiveUpload, source: S3Source) -> None:
        """Raises InvalidInput, Conflict, NotFound, UploadCancelled, AwsError."""
        if self._targets.own_object(live.upload) is not None:
            self._verification.run(live)
            return
        version = find_object(self._targets.reader, source.uri)
        if version.etag != source.etag:
            raise Conflict(texts.object_changed(source.uri))
        self._targets.require_free_name(live.upload)
        check_object(self._targets.reader, version, live.upload.name, live.upload.kind)
        live.report(stage=UploadStage.UPLOADING, done=0)
        if has_header(live.upload.name):
            self._copy(live, source, version.size)
        else:
            self._spool(live, version)

    def _copy(self, live: LiveUpload, source: S3Source, size: int) -> None:
        live.report(part_size=copy_part_size(size))
        present = self._targets.open(live)
        try:
            copies = PartCopies(self._targets.multipart, live, source, size)
            parts = copies.run(live.upload.sent_key, live.upload.multipart_id, present)
        except AwsConflict as error:
            raise Conflict(texts.object_changed(source.uri)) from error
        live.save(etag=self._targets.complete(live.upload, parts))
        self._verification.run(live)

    def _spool(self, live: LiveUpload, version: ObjectVersion) -> None:
        """A file that must be read whole before it is a model goes over this disk."""
        upload = live.upload
        with tempfile.NamedTemporaryFile() as file:
            for block in self._targets.reader.blocks(version):
                live.check()
                file.write(block)
            file.flush()
            check_tensors_only(file)
            kept = UploadFile(
                path=Path(file.name), kind=upload.kind, name=upload.name, size=version.size
            )
            self._files.send_file(live, kept)
