"""Uploads a file on this machine's disk: what S3 lacks of it. It is hashed first where S3 may have
the very bytes, else while it is sent."""

import json
import logging
from collections.abc import Iterable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path

from core.errors import AwsError, InvalidInput, SourceIsAway
from core.models.files import PENDING, VERIFICATION_METADATA
from core.models.metadata.beside import read_beside
from core.models.uploads.live import LiveUpload
from core.models.uploads.multipart import DAMAGED, StoredPart
from core.models.uploads.planning.plan import UploadFile, part_size
from core.models.uploads.planning.roots import UploadRoots
from core.models.uploads.records import Upload, UploadStage
from core.models.uploads.sending.contents import ContentDigest
from core.models.uploads.sending.file_digest import (
    FileDigest,
    FilePart,
    hash_file,
    hashed_parts,
)
from core.models.uploads.sending.file_slice import opened_slice
from core.models.uploads.sending.parts import PartsInFlight
from core.models.uploads.sending.target import UploadTargets
from core.models.uploads.sending.verification import Verification
from core.models.uploads.sources import PathSource
from core.texts.models import uploads as texts
from formats.keys import resume_note_key

log = logging.getLogger(__name__)


def is_within_reach(upload: Upload, source: PathSource, roots: UploadRoots) -> bool:
    """Whether the very file is on this machine, where it may be read from."""
    try:
        roots.require(source.path)
    except (InvalidInput, OSError, RuntimeError):
        return False
    return _is_unchanged(source.path, upload.size, source.modified)


def _is_unchanged(path: Path, size: int | None, modified: float) -> bool:
    try:
        found = path.stat()
    except OSError:
        return False
    return (found.st_size, found.st_mtime) == (size, modified)


class LocalFiles:
    """Sends files by their paths."""

    def __init__(
        self, targets: UploadTargets, roots: UploadRoots, verification: Verification
    ) -> None:
        self._targets = targets
        self._roots = roots
        self._verification = verification

    def send(self, live: LiveUpload, source: PathSource) -> None:
        """Raises SourceIsAway, InvalidInput, Conflict, UploadCancelled, AwsError, OSError."""
        if live.upload.stage is UploadStage.WAITING:
            live.report(stage=UploadStage.HASHING, done=0)
        own = self._targets.own_object(live.upload)
        if own is not None and own.metadata.get(VERIFICATION_METADATA) == PENDING:
            self._verification.run(live)
        else:
            self._send(live, source)
        self._targets.add_beside(live.upload.key, read_beside(source.path, self._roots.require))

    def _send(self, live: LiveUpload, source: PathSource) -> None:
        upload = live.upload
        if not is_within_reach(upload, source, self._roots):
            raise SourceIsAway(texts.FILE_IS_AWAY)
        file = UploadFile(
            path=source.path,
            kind=upload.kind,
            name=upload.name,
            size=upload.size or 0,
            modified=source.modified,
        )
        try:
            if self._may_be_stored(upload):
                self.send_file(live, file)
            else:
                self._send_while_hashing(live, file)
        except AwsError as error:
            if error.code in DAMAGED and not is_within_reach(upload, source, self._roots):
                raise InvalidInput(texts.file_changed(upload.name)) from error
            raise

    def _may_be_stored(self, upload: Upload) -> bool:
        """Whether the hash must be known first: S3 may have the bytes, another file has the name,
        or the parts that were sent are those of a hash."""
        return (
            bool(upload.sha256)
            or self._targets.storage.head(upload.key) is not None
            or self._targets.may_have(upload.size or 0)
        )

    def send_file(self, live: LiveUpload, file: UploadFile) -> None:
        """Send a file that is there and was checked, if S3 has not its bytes. Raises as `send`."""
        digest = hash_file(file, live)
        if live.upload.sha256 not in ("", digest.sha256):  # S3 has parts of other bytes
            self._targets.open_anew(live, digest.sha256)
        self._take_older_note(live, digest.sha256)
        live.save(stage=UploadStage.UPLOADING, done=0, sha256=digest.sha256)
        if self._is_stored(live, digest):
            return
        self._targets.require_free_name(live.upload)
        stored = self._targets.open(live, digest.sha256)
        parts = self._send_parts(live, file, digest.parts, stored)
        self._complete(live, file, parts, digest)

    def _send_while_hashing(self, live: LiveUpload, file: UploadFile) -> None:
        """Read it once; each part leaves as soon as it is hashed. The object says that it is yet
        to be verified, as its hash is known at its end: then the file's record has it."""
        live.report(stage=UploadStage.UPLOADING, done=0)
        stored = self._targets.open(live)
        whole = ContentDigest(file.kind, file.name)
        with closing(hashed_parts(file, whole, live.check)) as hashed:
            parts = self._send_parts(live, file, hashed, stored)
        live.save(stage=UploadStage.VERIFYING)
        self._complete(live, file, parts, whole)

    def _complete(
        self,
        live: LiveUpload,
        file: UploadFile,
        parts: list[StoredPart],
        digest: FileDigest | ContentDigest,
    ) -> None:
        """Make a model of the parts. Raises InvalidInput where the file was written to meanwhile,
        so that they may be of two versions."""
        if file.modified and not _is_unchanged(file.path, file.size, file.modified):
            raise InvalidInput(texts.file_changed(file.name))
        etag = self._targets.complete(live.upload, parts)
        self._targets.known(live, etag, digest.sha256, digest.auto_v3)
        log.info("event=uploaded key=%s sha256=%s", live.upload.key, digest.sha256)

    def _is_stored(self, live: LiveUpload, digest: FileDigest) -> bool:
        """Whether S3 has the bytes, so that nothing is sent."""
        upload = live.upload
        head = self._targets.storage.head(upload.key)
        is_own = head is not None and self._targets.has_bytes(upload, head, digest.sha256)
        key = upload.key if is_own else self._targets.stored_key(digest.sha256)
        if key is None or (key != upload.key and upload.replace):
            return False
        if head and key == upload.key and self._targets.is_in_trash(upload):
            self._targets.require_free_name(upload)
            self._targets.known(live, head.etag, digest.sha256, digest.auto_v3)
        count = len(digest.parts)
        live.report(
            done=upload.size or 0,
            parts=count,
            parts_done=count,
            parts_skipped=count,
            message=texts.stored_already(key),
        )
        return True

    def _send_parts(
        self,
        live: LiveUpload,
        file: UploadFile,
        wanted: Iterable[FilePart],
        stored: Mapping[int, StoredPart],
    ) -> list[StoredPart]:
        """Send those of which S3 has not the very bytes; all of them in order."""
        step = part_size(file.size)
        live.report(part_size=step)
        with PartsInFlight(self._targets.multipart, live, {}, -(-file.size // step)) as parts:
            for part in wanted:
                found = stored.get(part.number)
                if found is not None and found.sha256 == part.checksum:
                    parts.keep(found)
                else:
                    body = partial(opened_slice, file.path, part.start, part.size)
                    parts.send(part.number, part.checksum, body)
            return parts.finish()

    def _take_older_note(self, live: LiveUpload, sha256: str) -> None:
        """Go on where a version stopped that kept no records: it noted the multipart upload in S3,
        by the file's hash."""
        key = resume_note_key(sha256)
        note = None if live.upload.multipart_id else self._targets.storage.find(key)
        if note is None:
            return
        try:
            noted = json.loads(note.data)
            if noted.get("key") == live.upload.key:
                live.report(multipart_id=str(noted.get("upload_id", "")))
            self._targets.storage.delete((key,))
        except (AwsError, ValueError) as error:  # it is sent from the beginning
            log.warning("event=resume_note_unreadable key=%s error=%s", key, error)
