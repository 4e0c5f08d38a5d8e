"""Uploads that a browser sends part by part; the queue keeps what has come, and verifies it."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import IO, Annotated, Any, Final

from pydantic import Field

from core.errors import Conflict, InvalidInput, NotFound
from core.models.uploads.multipart import StoredPart, size_left
from core.models.uploads.planning.plan import MAX_PARTS
from core.models.uploads.queue_parts import QueueParts
from core.models.uploads.records import Upload, UploadStage, Wish
from core.models.uploads.sending.contents import (
    check_extension,
    check_header,
    check_size,
    has_header,
)
from core.models.uploads.sources import BrowserSource
from core.team.permissions import Action, Item, Kind
from core.team.users import User
from core.texts import models as model_texts
from core.texts.models import uploads as texts
from formats.frozen import Frozen
from formats.keys import FileName, Sha256
from formats.models.kinds import ModelKind

log = logging.getLogger(__name__)

BROWSER_PART_BYTES: Final = 16 << 20
"""A tab holds a few of them in memory; S3 takes 5 MiB to 5 GiB."""
_LEASE: Final = timedelta(seconds=60)
"""So long a browser may be silent before its upload is paused."""
BROWSER: Final = "browser"
"""Who works on the upload, in place of a dashboard."""
_WRITE_SECONDS: Final = 2.0
URL_SECONDS: Final = 3600


class BrowserFile(Frozen):
    """What a browser tells of a file: its name, size in bytes, last change in milliseconds since
    1970, SHA-256 where it has hashed it, and a safetensors file's whole header."""

    name: FileName
    size: Annotated[int, Field(ge=0)]
    modified_ms: int
    sha256: Sha256 | None = None
    header: bytes = b""


class BrowserPlan(Frozen):
    """What the browser is to send: `missing` parts of `part_size` bytes, the last one less."""

    upload: Upload
    part_size: int
    missing: tuple[int, ...]
    stored: Mapping[int, str] = {}
    """Base64 of the SHA-256 of each part that S3 has."""
    already_stored: str = ""
    """Key of a model with the same bytes; then nothing is to be sent."""


class BrowserUploads(QueueParts):
    """The browser's side of the queue. Every method raises a kind of AwsError."""

    def begin_browser(
        self, user: User, file: BrowserFile, kind: ModelKind | None, *, replace: bool = False
    ) -> BrowserPlan:
        """Check a file by its header, and begin its upload or go on with it.

        Raises InvalidInput, QuotaExceeded, Conflict where the name is taken, NotAllowed.
        """
        item = Item(kind=Kind.MODEL, owner=user.name)
        with self.access.acting(user, Action.CREATE, item) as act:
            found = _checked_kind(file, kind)
            act.name(file.name)
            upload = self._broken_off(user, file, found)
            is_new = upload is None
            upload = (upload or self._new(user, file, found)).model_copy(
                update={"replace": replace, "wish": Wish.RUN}
            )
            stored = self._targets.stored_key(file.sha256) if file.sha256 else None
            if stored is None or (stored != upload.key and replace):
                stored = ""
                self._targets.require_free_name(upload)
            if is_new:
                self._records.add(upload)
            return self._stored_already(upload, stored) if stored else self._plan(upload)

    def presign_parts(
        self, user: User, upload_id: str, checksums: Mapping[int, str], done: int = 0
    ) -> dict[int, str]:
        """Addresses to which the browser PUTs these parts, each with its checksum, the base64 of
        its SHA-256. `done` are the bytes that it has sent so far.

        Raises NotFound, Conflict where the upload is paused or over.
        """
        upload = self._under_way(user, upload_id)
        self._check_numbers(upload, checksums)
        self._touch(upload, done=max(done, upload.done))
        return {
            number: self._targets.multipart.presign(
                upload.sent_key, upload.multipart_id, number, checksum, URL_SECONDS
            )
            for number, checksum in checksums.items()
        }

    def send_part(
        self, user: User, upload_id: str, number: int, body: IO[bytes], checksum: str
    ) -> StoredPart:
        """Pass one part on to S3; `body` must be seekable. Raises NotFound, Conflict, InvalidInput
        for a part of a wrong number or size."""
        upload = self._under_way(user, upload_id)
        self._check_numbers(upload, (number,))
        if size_left(body) != _size_of(upload, number):
            raise InvalidInput(texts.part_is_wrong(number, _size_of(upload, number)))
        part = self._targets.multipart.send(
            upload.sent_key, upload.multipart_id, number, body, checksum
        )
        self._note_part(upload, part)
        return part

    def finish_browser(self, user: User, upload_id: str) -> Upload:
        """All parts are sent: make the object, which is then read back and verified.

        Raises NotFound, Conflict, InvalidInput where a part is missing.
        """
        upload = self._under_way(user, upload_id)
        parts = self._targets.multipart.parts(upload.sent_key, upload.multipart_id)
        missing = _missing(upload, parts)
        if missing:
            raise InvalidInput(texts.parts_are_missing(missing))
        etag = self._targets.complete(upload, [parts[n] for n in range(1, _count(upload) + 1)])
        self._progress.pop(upload.id, None)
        ended = {"worker": "", "lease_until": None, "bytes_per_second": 0.0}
        changes = {
            "stage": UploadStage.VERIFYING,
            "etag": etag,
            "done": 0,
            "parts_done": len(parts),
        }
        after = self._changed(upload, **changes, **ended)
        self._runner.wake()
        return after

    # ---- the record

    def _broken_off(self, user: User, file: BrowserFile, kind: ModelKind) -> Upload | None:
        """The upload of this very file that is not done."""
        for upload in self._records.all():
            if upload.owner == user.name and upload.active and _is_of(upload, file, kind):
                return upload
        return None

    def _new(self, user: User, file: BrowserFile, kind: ModelKind) -> Upload:
        """One that is not kept yet. Raises QuotaExceeded."""
        self.check_quota(user, file.size)
        now = self._clock()
        source = BrowserSource(
            file_name=file.name, modified_ms=file.modified_ms, sha256=file.sha256
        )
        return Upload(
            id=self._new_id(),
            owner=user.name,
            source=source,
            name=file.name,
            kind=kind,
            size=file.size,
            created=now,
            changed=now,
            part_size=_part_size(file.size),
            worker=BROWSER,
            lease_until=now + _LEASE,
        )

    def _stored_already(self, upload: Upload, key: str) -> BrowserPlan:
        ended = {"worker": "", "lease_until": None, "message": texts.stored_already(key)}
        after = self._changed(upload, stage=UploadStage.DONE, done=upload.size, **ended)
        self._targets.abort(upload)
        return BrowserPlan(upload=after, part_size=upload.part_size, missing=(), already_stored=key)

    def _plan(self, upload: Upload) -> BrowserPlan:
        """Open its multipart upload, if it is not, and see what S3 has of it."""
        multipart_id = self._targets.opened(upload)
        parts = self._targets.multipart.parts(upload.sent_key, multipart_id)
        missing = _missing(upload, parts)
        good = {n: part for n, part in parts.items() if n not in missing and n <= _count(upload)}
        self._progress[upload.id] = {n: part.size for n, part in good.items()}
        after = self._changed(
            upload,
            replace=upload.replace,
            wish=Wish.RUN,
            stage=UploadStage.UPLOADING,
            message="",
            multipart_id=multipart_id,
            worker=BROWSER,
            lease_until=self._clock() + _LEASE,
            done=sum(part.size for part in good.values()),
            parts=_count(upload),
            parts_done=len(good),
            parts_skipped=len(good),
        )
        stored = {n: part.sha256 for n, part in good.items()}
        return BrowserPlan(upload=after, part_size=upload.part_size, missing=missing, stored=stored)

    def _under_way(self, user: User, upload_id: str) -> Upload:
        """The user's own upload that a browser sends. Raises NotFound, Conflict."""
        upload = self._records.find(upload_id)
        is_own = upload is not None and upload.owner == user.name
        if upload is None or not is_own or not isinstance(upload.source, BrowserSource):
            raise NotFound(texts.UPLOAD_IS_OVER)
        if upload.wish is not Wish.RUN or upload.stage is UploadStage.PAUSED:
            raise Conflict(texts.IS_PAUSED)
        if upload.stage is not UploadStage.UPLOADING:
            raise Conflict(texts.UPLOAD_IS_OVER)
        return upload

    def _check_numbers(self, upload: Upload, numbers: Mapping[int, str] | tuple[int, ...]) -> None:
        for number in numbers:
            if not 1 <= number <= _count(upload):
                raise InvalidInput(texts.part_is_wrong(number, upload.part_size))

    def _note_part(self, upload: Upload, part: StoredPart) -> None:
        sizes = self._progress.setdefault(upload.id, {})
        sizes[part.number] = part.size
        done = max(sum(sizes.values()), upload.done)
        self._touch(upload, done=done, parts_done=max(len(sizes), upload.parts_done))

    def _touch(self, upload: Upload, **changes: Any) -> None:
        """Note what has come, and that the browser is there; not more often than every 2 s."""
        now = self._clock()
        passed = (now - upload.changed).total_seconds()
        if passed < _WRITE_SECONDS and changes["done"] < (upload.size or 0):
            return
        speed = max(0, changes["done"] - upload.done) / passed if passed else 0.0
        lease = {"worker": BROWSER, "lease_until": now + _LEASE, "bytes_per_second": speed}
        self._changed(upload, **changes, **lease)

    def _changed(self, upload: Upload, **changes: Any) -> Upload:
        after = self._records.change(upload, lambda found: found.model_copy(update=changes))
        if after is None:
            raise NotFound(texts.UPLOAD_IS_OVER)
        self._expire()
        return after


def _checked_kind(file: BrowserFile, kind: ModelKind | None) -> ModelKind:
    check_extension(file.name, kind)
    if not file.size:
        raise InvalidInput(model_texts.IS_EMPTY)
    if has_header(file.name):
        return check_header(file.header, file.size, kind)
    if kind is None:
        raise InvalidInput(model_texts.CHOOSE_KIND)
    check_size(kind, file.name, file.size)
    return kind


def _is_of(upload: Upload, file: BrowserFile, kind: ModelKind) -> bool:
    """Whether it is the upload of this file, which its browser may have hashed since."""
    source = upload.source
    if not isinstance(source, BrowserSource) or upload.stage is UploadStage.VERIFYING:
        return False
    same = (source.file_name, source.modified_ms, upload.size, upload.kind)
    if same != (file.name, file.modified_ms, file.size, kind):
        return False
    return None in (source.sha256, file.sha256) or source.sha256 == file.sha256


def _part_size(size: int) -> int:
    return max(BROWSER_PART_BYTES, -(-size // MAX_PARTS))


def _count(upload: Upload) -> int:
    return -(-(upload.size or 0) // upload.part_size)


def _size_of(upload: Upload, number: int) -> int:
    return min(upload.part_size, (upload.size or 0) - (number - 1) * upload.part_size)


def _missing(upload: Upload, parts: Mapping[int, StoredPart]) -> tuple[int, ...]:
    return tuple(
        number
        for number in range(1, _count(upload) + 1)
        if number not in parts or parts[number].size != _size_of(upload, number)
    )
