"""Uploads what a web site sends, as it comes: through one file a part, never whole on this disk."""

import hashlib
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Final

from core.errors import InvalidInput, SourceIsAway
from core.models.uploads.live import LiveUpload
from core.models.uploads.multipart import StoredPart
from core.models.uploads.planning.plan import UploadFile, part_size
from core.models.uploads.records import UploadStage
from core.models.uploads.sending.contents import (
    MOST_SPOOLED,
    ContentDigest,
    check_header,
    check_size,
    check_tensors_only,
    has_header,
    is_header_complete,
)
from core.models.uploads.sending.local_file import LocalFiles
from core.models.uploads.sending.parts import PartsInFlight
from core.models.uploads.sending.remote import RemoteFiles, RemoteStream
from core.models.uploads.sending.target import UploadTargets
from core.models.uploads.sending.verification import Verification, told_sha256
from core.models.uploads.sources import UrlSource
from core.texts import models as model_texts
from core.texts.models import uploads as texts

_IN_MEMORY: Final = 4 << 20


class RemoteUploads:
    """Sends files from web sites. One stream that is hashed from its first byte to its last is
    verified before it becomes an object; one that was broken off is read back from S3."""

    def __init__(
        self,
        targets: UploadTargets,
        files: LocalFiles,
        verification: Verification,
        remote: RemoteFiles | None,
    ) -> None:
        self._targets = targets
        self._files = files
        self._verification = verification
        self._remote = remote

    @property
    def can_reach(self) -> bool:
        """Whether this dashboard reads from web sites."""
        return self._remote is not None

    def send(self, live: LiveUpload, source: UrlSource) -> None:
        """Raises RemoteError, InvalidInput, Conflict, SourceIsAway, UploadCancelled, AwsError."""
        if self._targets.own_object(live.upload) is not None:
            self._verification.run(live)
            return
        if self._is_stored(live, source):
            return
        self._targets.require_free_name(live.upload)
        if has_header(live.upload.name):
            self._stream(live, source)
        else:
            self._spool(live, source)

    def _is_stored(self, live: LiveUpload, source: UrlSource) -> bool:
        key = self._targets.stored_key(source.sha256) if source.sha256 else None
        if key is None or (key != live.upload.key and live.upload.replace):
            return False
        live.report(done=live.upload.size or 0, message=texts.stored_already(key))
        return True

    def _open(self, source: UrlSource, start: int) -> AbstractContextManager[RemoteStream]:
        if self._remote is None:
            raise SourceIsAway(texts.NO_IMPORT)
        return self._remote.open(source, start)

    def _stream(self, live: LiveUpload, source: UrlSource) -> None:
        upload = live.upload
        step = upload.part_size or part_size(upload.size or 0)
        live.report(stage=UploadStage.UPLOADING, part_size=step)
        present = self._first_parts(live, step)
        with self._open(source, sum(part.size for part in present.values())) as stream:
            if present and stream.is_from_start:
                self._targets.open_anew(live)
                present = {}
            self._note(live, source, stream)
            sender = _StreamSender(self._targets, live, stream, step, present)
            parts = sender.run()
        self._end(live, parts, None if present else sender.digest, stream.sha256)

    def _first_parts(self, live: LiveUpload, step: int) -> dict[int, StoredPart]:
        """The whole parts from the first on that S3 has of a stream that was broken off."""
        if not live.upload.multipart_id:
            return {}
        found = self._targets.open(live)
        present: dict[int, StoredPart] = {}
        while (part := found.get(len(present) + 1)) and part.size == step:
            present[part.number] = part
        size = live.upload.size
        if size is not None and sum(part.size for part in present.values()) >= size:
            present.popitem()  # something must be left to ask the site for
        return present

    def _note(self, live: LiveUpload, source: UrlSource, stream: RemoteStream) -> None:
        """Keep what the site says now, for a later `If-Range`."""
        told = source.model_copy(
            update={
                "etag": stream.etag or source.etag,
                "sha256": source.sha256 or stream.sha256,
            }
        )
        size = live.upload.size if stream.size is None else stream.size
        live.save(source=told, size=size)

    def _end(
        self,
        live: LiveUpload,
        parts: list[StoredPart],
        digest: ContentDigest | None,
        told: str | None,
    ) -> None:
        """Complete it. With a digest of all bytes it is verified before it is an object."""
        upload = live.upload
        size = sum(part.size for part in parts)
        if upload.size is not None and size != upload.size:
            self._targets.abort(upload)
            raise InvalidInput(texts.other_size(upload.name, upload.size, size))
        wanted = told_sha256(upload) or told
        if digest is not None and wanted and digest.sha256 != wanted:
            self._targets.abort(upload)
            raise InvalidInput(texts.other_bytes(upload.name))
        live.save(size=size, etag=self._targets.complete(live.upload, parts))
        version = self._targets.own_object(live.upload)
        if digest is None or version is None:
            self._verification.run(live)
        else:
            self._verification.place(live, version, digest)

    def _spool(self, live: LiveUpload, source: UrlSource) -> None:
        """A file that must be read whole before its first part leaves goes over this disk."""
        upload = live.upload
        check_size(upload.kind, upload.name, upload.size)
        live.report(stage=UploadStage.UPLOADING, done=0)
        with tempfile.NamedTemporaryFile() as file:
            with self._open(source, 0) as stream:
                self._note(live, source, stream)
                check_size(upload.kind, upload.name, stream.size)
                digest = self._copy(live, stream, file)
            wanted = told_sha256(live.upload) or stream.sha256
            if wanted and digest.sha256 != wanted:
                raise InvalidInput(texts.other_bytes(upload.name))
            check_size(upload.kind, upload.name, digest.size)
            check_tensors_only(file)
            live.report(size=digest.size)
            kept = UploadFile(
                path=Path(file.name), kind=upload.kind, name=upload.name, size=digest.size
            )
            self._files.send_file(live, kept)

    def _copy(self, live: LiveUpload, stream: RemoteStream, file: IO[bytes]) -> ContentDigest:
        digest = ContentDigest(live.upload.kind, live.upload.name)
        for block in stream.blocks:
            live.check()
            digest.update(block)
            if digest.size > MOST_SPOOLED:
                check_size(live.upload.kind, live.upload.name, digest.size)
            file.write(block)
            live.report(done=digest.size)
        file.flush()
        return digest


class _StreamSender:
    """Cuts one stream into parts and sends them while the next one comes."""

    def __init__(
        self,
        targets: UploadTargets,
        live: LiveUpload,
        stream: RemoteStream,
        step: int,
        present: dict[int, StoredPart],
    ) -> None:
        self._targets = targets
        self._live = live
        self._blocks = iter(stream.blocks)
        self._size = stream.size
        self._step = step
        self._present = present
        self._left = b""
        """Of the last block, what belongs to the next part."""
        self.digest = ContentDigest(live.upload.kind, live.upload.name)

    def run(self) -> list[StoredPart]:
        """Send it all; the parts in order."""
        if not self._present:
            self._check_header()
            self._targets.open(self._live)
        size = self._live.upload.size
        count = -(-size // self._step) if size else 0
        with PartsInFlight(self._targets.multipart, self._live, self._present, count) as parts:
            number = len(self._present) + 1
            while (part := self._next_part()) is not None:
                checksum, body = part
                with _closed_on_error(body):
                    sent = parts.send(number, checksum, partial(_rewound, body))
                sent.add_done_callback(partial(_close, body))
                number += 1
            return parts.finish()

    def _check_header(self) -> None:
        """Read as far as the header goes, and look at it before anything is sent."""
        upload = self._live.upload
        first = bytearray()
        while not is_header_complete(first):
            block = next(self._blocks, None)
            if block is None:
                break
            first += block
        if not first:
            raise InvalidInput(model_texts.IS_EMPTY)
        check_header(bytes(first), upload.size, upload.kind)
        self._left = bytes(first)

    def _next_part(self) -> tuple[str, IO[bytes]] | None:
        """The next part's checksum and its bytes in a file of its own; None at the end."""
        file, checksum, size = _spooled(), hashlib.sha256(), 0
        with _closed_on_error(file):
            for block in self._blocks_of_part():
                self._live.check()
                self.digest.update(block)
                checksum.update(block)
                file.write(block)
                size += len(block)
        if not size:
            file.close()
            return None
        return b64encode(checksum.digest()).decode(), file

    def _blocks_of_part(self) -> Iterator[bytes]:
        wanted = self._step
        while wanted:
            block = self._left or next(self._blocks, None)
            if block is None:
                return
            self._left = block[wanted:]
            block = block[:wanted]
            wanted -= len(block)
            yield block


def _spooled() -> IO[bytes]:
    """A file in memory, on disk once it is larger; who sends it closes it."""
    return tempfile.SpooledTemporaryFile(_IN_MEMORY)


@contextmanager
def _closed_on_error(file: IO[bytes]) -> Iterator[None]:
    """Close a file that nobody takes over."""
    try:
        yield
    except BaseException:
        file.close()
        raise


def _close(body: IO[bytes], _sent: object) -> None:
    body.close()


@contextmanager
def _rewound(body: IO[bytes]) -> Iterator[IO[bytes]]:
    """A part's bytes from their beginning; the file stays open, for another try."""
    body.seek(0)
    yield body
