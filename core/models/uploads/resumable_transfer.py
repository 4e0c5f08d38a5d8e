"""Sends one model file to S3 by multipart upload: resumed, and verified by hash."""

import json
import logging
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from threading import Event
from typing import IO, Final, cast

from s3transfer.utils import ReadFileChunk

from core.aws.ascii_values import encode_value
from core.aws.client import Aws
from core.aws.storage import Storage
from core.errors import AwsConflict, AwsError, Conflict, UploadCancelled
from core.models.service import HASH_METADATA, OWNER_METADATA
from core.models.uploads.multipart import Multipart, StoredPart
from core.models.uploads.plan import (
    FileDigest,
    FilePart,
    ReportProgress,
    UploadFile,
    UploadProgress,
    hash_file,
)
from core.texts import models as texts
from formats.keys import model_key

log = logging.getLogger(__name__)

WORKERS: Final = 4


@dataclass(frozen=True)
class _Transfer:
    """One multipart upload under way."""

    file: UploadFile
    digest: FileDigest
    key: str
    upload_id: str
    report: ReportProgress
    stop: Event


class Uploader:
    """Sends model files to S3. An interrupted upload is resumed."""

    def __init__(self, aws: Aws, storage: Storage) -> None:
        self._multipart = Multipart(aws, storage)
        self._storage = storage

    def upload(
        self,
        file: UploadFile,
        owner: str,
        report: ReportProgress,
        stop: Event,
        *,
        replace: bool = False,
    ) -> str:
        """Send one file and return its sha256.

        A file that S3 has with the same bytes is not sent again. Raises Conflict where the name
        is taken by other bytes (unless `replace`), UploadCancelled, AwsError.
        """
        digest = hash_file(file, report, stop)
        key = model_key(file.kind, file.name)
        if self._already_stored(key, digest.sha256, replace=replace):
            report(_complete_progress(file, digest, skipped=len(digest.parts)))
            return digest.sha256
        upload_id = self._open(key, digest, owner)
        transfer = _Transfer(file, digest, key, upload_id, report, stop)
        present = self._stored_parts(transfer)
        self._complete(transfer, self._send(transfer, present), replace=replace)
        report(_complete_progress(file, digest, skipped=len(present)))
        log.info("event=uploaded key=%s sha256=%s skipped=%d", key, digest.sha256, len(present))
        return digest.sha256

    def _already_stored(self, key: str, sha256: str, *, replace: bool) -> bool:
        head = self._storage.head(key)
        if head is None:
            return False
        if head.metadata.get(HASH_METADATA) == sha256:
            return True
        if not replace:
            raise Conflict(texts.NAME_IS_TAKEN)
        return False

    def _open(self, key: str, digest: FileDigest, owner: str) -> str:
        """The open upload of this very file, or a new one.

        An object in S3 names it: ListMultipartUploads doesn't say which bytes an upload is of.
        """
        resume = self._storage.find(_resume_key(digest.sha256))
        if resume is not None:
            upload = json.loads(resume.data)
            upload_id = str(upload.get("upload_id"))
            if upload.get("key") == key and self._multipart.is_open(key, upload_id):
                return upload_id
        metadata = {HASH_METADATA: digest.sha256, OWNER_METADATA: encode_value(owner)}
        upload_id = self._multipart.open(key, metadata)
        body = json.dumps({"key": key, "upload_id": upload_id}).encode()
        self._storage.write(_resume_key(digest.sha256), body, "application/json")
        return upload_id

    def _stored_parts(self, transfer: _Transfer) -> dict[int, StoredPart]:
        """The parts that S3 has with the right bytes."""
        checksums = {part.number: part.checksum for part in transfer.digest.parts}
        found = self._multipart.parts(transfer.key, transfer.upload_id)
        return {n: part for n, part in found.items() if checksums.get(n) == part.sha256}

    def _send(self, transfer: _Transfer, present: dict[int, StoredPart]) -> list[StoredPart]:
        """Send what is missing, four parts at a time; returns all parts in order."""
        parts, sent = transfer.digest.parts, dict(present)
        done = sum(part.size for part in parts if part.number in present)
        with ThreadPoolExecutor(WORKERS) as pool:
            todo = (part for part in parts if part.number not in present)
            futures = {pool.submit(self._send_part, transfer, part): part for part in todo}
            try:
                for future in as_completed(futures):
                    part = futures[future]
                    sent[part.number] = future.result()
                    done += part.size
                    transfer.report(_progress(done, transfer.digest, len(sent), len(present)))
            except BaseException:
                transfer.stop.set()  # parts that have not begun are not sent
                raise
        return [sent[number] for number in sorted(sent)]

    def _send_part(self, transfer: _Transfer, part: FilePart) -> StoredPart:
        if transfer.stop.is_set():
            raise UploadCancelled(texts.UPLOAD_CANCELLED)
        path = str(transfer.file.path)
        with ReadFileChunk.from_filename(path, part.start, part.size) as body:
            return self._multipart.send(
                transfer.key,
                transfer.upload_id,
                part.number,
                cast("IO[bytes]", body),
                part.checksum,
            )

    def _complete(self, transfer: _Transfer, sent: list[StoredPart], *, replace: bool) -> None:
        try:
            self._multipart.complete(transfer.key, transfer.upload_id, sent, replace=replace)
        except AwsConflict as error:
            if not (error.is_repeated and self._is_stored(transfer)):
                raise Conflict(texts.TAKEN_MEANWHILE) from error
        try:
            self._storage.delete((_resume_key(transfer.digest.sha256),))
        except AwsError as error:  # the file is there; a note that stays does no harm
            log.warning("event=resume_note_stays key=%s error=%s", transfer.key, error)

    def _is_stored(self, transfer: _Transfer) -> bool:
        """Whether the key has this very file: the first of two tries to complete it held."""
        head = self._storage.head(transfer.key)
        return head is not None and head.metadata.get(HASH_METADATA) == transfer.digest.sha256


def _resume_key(sha256: str) -> str:
    return f"uploads/{sha256}.json"


def _progress(done: int, digest: FileDigest, parts_done: int, skipped: int) -> UploadProgress:
    return UploadProgress(
        stage="uploading",
        done=done,
        parts=len(digest.parts),
        parts_done=parts_done,
        parts_skipped=skipped,
    )


def _complete_progress(file: UploadFile, digest: FileDigest, skipped: int) -> UploadProgress:
    return _progress(file.size, digest, len(digest.parts), skipped)
