"""Owns the files in which parts are written where they will lie in the completed object.

Clients send parts of one size, but for the last, so that part n begins at (n - 1) times that size,
and completing copies nothing. A part that doesn't fit, or comes again, has a blob of its own. The
name of an upload's file is the upload's id.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

from local_aws.s3.errors import S3Error
from local_aws.s3.records import UploadRecord
from local_aws.s3.store.blobs import BlobSlice, BlobStore, BlobWriter
from local_aws.s3.store.completion import MIN_PART_BYTES, CompletionPlan
from local_aws.s3.store.index import SqliteIndex

MAX_OBJECT_BYTES: Final = 5 << 40
"""Source: "Amazon S3 multipart upload limits" in the S3 user guide."""


class PlacementTable:
    """The table `placement`, and which parts are being written at this moment.

    A part is placed if its blob is its upload's file, which then holds its bytes to the end of the
    upload: a place is given to the first part of a number alone.
    """

    def __init__(self, index: SqliteIndex, blobs: BlobStore) -> None:
        self._index = index
        self._blobs = blobs
        self._lock = threading.Lock()
        self._writing: set[tuple[str, int]] = set()
        self._closed: set[str] = set()

    @contextmanager
    def reserve(
        self, upload: UploadRecord, number: int, size: int | None
    ) -> Iterator[AbstractContextManager[BlobWriter]]:
        """Where to write a part of `size` bytes (None: unknown), which nobody else writes to.

        The part must be in the index before this ends. Raises NoSuchUpload.
        """
        with self._alone(upload, number) as is_alone:
            start = self._place(upload, number, size) if is_alone and size else None
            try:
                if size is None or start is None:
                    yield self._blobs.create()
                else:
                    yield self._blobs.open(upload.id, start, size)
            except FileNotFoundError:  # the upload was ended meanwhile
                raise S3Error("NoSuchUpload", UploadId=upload.id) from None

    @contextmanager
    def _alone(self, upload: UploadRecord, number: int) -> Iterator[bool]:
        """Whether nobody else writes this part or completes the upload; nobody will meanwhile."""
        with self._lock:
            is_alone = upload.id not in self._closed and (upload.id, number) not in self._writing
            if is_alone:
                self._writing.add((upload.id, number))
        try:
            yield is_alone
        finally:
            if is_alone:
                with self._lock:
                    self._writing.remove((upload.id, number))

    def _place(self, upload: UploadRecord, number: int, size: int) -> int | None:
        """Where the part begins in the upload's file; None where it has no place there."""
        part_size = self._part_size(upload, size)
        start = (number - 1) * part_size
        is_fitting = size <= part_size and start + part_size <= MAX_OBJECT_BYTES
        return start if is_fitting and not self._exists(upload, number) else None

    def _part_size(self, upload: UploadRecord, size: int) -> int:
        """The upload's, which its first large part tells; 0 while none came."""
        if found := self._find(upload):
            return found
        if size < MIN_PART_BYTES:
            return 0
        with self._index.transaction() as db:
            if found := _size_of(db, upload):
                return found
            require_upload(db, upload)
            self._blobs.create_empty(upload.id)
            db.execute("insert into placement values (?, ?)", (upload.id, size))
        return size

    def _find(self, upload: UploadRecord) -> int:
        with self._index.reader() as db:
            return _size_of(db, upload)

    def _exists(self, upload: UploadRecord, number: int) -> bool:
        with self._index.reader() as db:
            row = db.execute(
                "select 1 from part where upload = ? and number = ?", (upload.id, number)
            ).fetchone()
        return row is not None

    def slices(self, plan: CompletionPlan) -> list[BlobSlice]:
        """Where the bytes of the parts lie, in their order."""
        part_size, name = self._find(plan.upload), plan.upload.id
        return [
            BlobSlice(
                part.blob, (part.number - 1) * part_size if part.blob == name else 0, part.size
            )
            for part in plan.parts
        ]

    @contextmanager
    def close(self, plan: CompletionPlan) -> Iterator[bool]:
        """Whether the upload's file can become the object; no part is placed meanwhile."""
        if not self._close(plan.upload):
            yield False
            return
        try:
            yield self._fits(plan)
        finally:
            with self._lock:
                self._closed.remove(plan.upload.id)

    def _close(self, upload: UploadRecord) -> bool:
        with self._lock:
            is_busy = any(upload.id == other for other, _ in self._writing)
            if is_busy or upload.id in self._closed:
                return False
            self._closed.add(upload.id)
            return True

    def _fits(self, plan: CompletionPlan) -> bool:
        """Whether each part has its place, and the file holds no other."""
        part_size, numbers = self._find(plan.upload), [part.number for part in plan.parts]
        *others, last = plan.parts
        return (
            numbers == list(range(1, len(numbers) + 1))
            and all(part.size == part_size for part in others)
            and last.size <= part_size
            and not self._placed(plan.upload) - set(numbers)
        )

    def _placed(self, upload: UploadRecord) -> set[int]:
        with self._index.reader() as db:
            rows = db.execute(
                "select number from part where upload = ? and blob = ?", (upload.id, upload.id)
            ).fetchall()
        return {row["number"] for row in rows}

    def fill(self, plan: CompletionPlan) -> Iterator[int]:
        """Copy into the upload's file what is not placed, and end it where the object ends.

        Yields now and then. Raises FileNotFoundError for a part that was replaced meanwhile.
        """
        slices = self.slices(plan)
        for number, part in enumerate(slices):
            if part.name != plan.upload.id:
                start = number * slices[0].size
                with self._blobs.open(plan.upload.id, start, part.size) as writer:
                    yield from self._blobs.join([part], writer.file)
        self._blobs.cut(plan.upload.id, plan.size)


def _size_of(db: sqlite3.Connection, upload: UploadRecord) -> int:
    row = db.execute("select part_size from placement where upload = ?", (upload.id,)).fetchone()
    return int(row["part_size"]) if row else 0


def require_upload(db: sqlite3.Connection, upload: UploadRecord) -> None:
    """Raises NoSuchUpload when it is not in progress any more."""
    if not db.execute("select 1 from upload where id = ?", (upload.id,)).fetchone():
        raise S3Error("NoSuchUpload", UploadId=upload.id)
