"""Uploads a file on this machine's disk: hashed first, then what S3 lacks of it is sent."""

import json
import logging
from functools import partial

from core.errors import AwsError, InvalidInput, SourceIsAway
from core.models.files import HASH_METADATA
from core.models.metadata.beside import read_beside
from core.models.uploads.live import LiveUpload
from core.models.uploads.multipart import DAMAGED, StoredPart
from core.models.uploads.plan import UploadFile, part_size
from core.models.uploads.records import Upload, UploadStage
from core.models.uploads.roots import UploadRoots
from core.models.uploads.sending.file_digest import FileDigest, hash_file
from core.models.uploads.sending.file_slice import opened_slice
from core.models.uploads.sending.parts import PartsInFlight
from core.models.uploads.sending.target import UploadTargets
from core.models.uploads.sources import PathSource
from core.texts.models import uploads as texts
from formats.keys import resume_note_key

log = logging.getLogger(__name__)


def is_within_reach(upload: Upload, source: PathSource, roots: UploadRoots) -> bool:
    """Whether the very file is on this machine, where it may be read from."""
    try:
        roots.require(source.path)
        found = source.path.stat()
    except (InvalidInput, OSError, RuntimeError):
        return False
    return (found.st_size, found.st_mtime) == (upload.size, source.modified)


class LocalFiles:
    """Sends files by their paths."""

    def __init__(self, targets: UploadTargets, roots: UploadRoots) -> None:
        self._targets = targets
        self._roots = roots

    def send(self, live: LiveUpload, source: PathSource) -> None:
        """Raises SourceIsAway, InvalidInput, Conflict, UploadCancelled, AwsError, OSError."""
        upload = live.upload
        if not is_within_reach(upload, source, self._roots):
            raise SourceIsAway(texts.FILE_IS_AWAY)
        file = UploadFile(
            path=source.path, kind=upload.kind, name=upload.name, size=upload.size or 0
        )
        try:
            self.send_file(live, file)
        except AwsError as error:
            if error.code in DAMAGED and not is_within_reach(upload, source, self._roots):
                raise InvalidInput(texts.file_changed(upload.name)) from error
            raise
        self._targets.add_beside(upload.key, read_beside(source.path, self._roots.require))

    def send_file(self, live: LiveUpload, file: UploadFile) -> None:
        """Likewise, for a file that is there and was checked."""
        digest = hash_file(file, live)
        if live.upload.sha256 not in ("", digest.sha256):  # S3 has parts of other bytes
            self._targets.open_anew(live, digest.sha256)
        self._take_older_note(live, digest.sha256)
        live.save(stage=UploadStage.UPLOADING, done=0, sha256=digest.sha256)
        if self._is_stored(live, digest):
            return
        self._targets.require_free_name(live.upload)
        live.report(part_size=part_size(file.size))
        parts = self._send_parts(live, file, digest)
        etag = self._targets.complete(live.upload, parts)
        self._targets.known(live, etag, digest.sha256, digest.auto_v3)
        log.info("event=uploaded key=%s sha256=%s", live.upload.key, digest.sha256)

    def _is_stored(self, live: LiveUpload, digest: FileDigest) -> bool:
        """Whether S3 has the bytes, so that nothing is sent."""
        upload = live.upload
        head = self._targets.storage.head(upload.key)
        is_own = head is not None and head.metadata.get(HASH_METADATA) == digest.sha256
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
        self, live: LiveUpload, file: UploadFile, digest: FileDigest
    ) -> list[StoredPart]:
        wanted = {part.number: part.checksum for part in digest.parts}
        found = self._targets.open(live, digest.sha256)
        present = {n: part for n, part in found.items() if wanted.get(n) == part.sha256}
        with PartsInFlight(self._targets.multipart, live, present, len(wanted)) as parts:
            for part in digest.parts:
                if part.number not in present:
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
