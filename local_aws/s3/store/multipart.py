"""Owns multipart uploads: their parts are placed where the object will have them, or joined."""

import sqlite3
import uuid
from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager
from typing import Final

from local_aws.s3.errors import S3Error, no_such_bucket
from local_aws.s3.records import (
    Blob,
    ObjectAttributes,
    ObjectPart,
    ObjectRecord,
    PartRecord,
    UploadRecord,
)
from local_aws.s3.store.blobs import BlobStore, BlobWriter
from local_aws.s3.store.completion import CompletionPlan
from local_aws.s3.store.conditions import WriteCondition
from local_aws.s3.store.index import SqliteIndex
from local_aws.s3.store.object_table import find_object, insert_object
from local_aws.s3.store.placement import PlacementTable, require_upload

MAX_PARTS: Final = 10_000
"""Source: "Amazon S3 multipart upload limits" in the S3 user guide."""


class UploadTable:
    """The tables `upload` and `part` and the parts' blobs. `clock` returns Unix seconds."""

    def __init__(self, index: SqliteIndex, blobs: BlobStore, clock: Callable[[], float]) -> None:
        self._index = index
        self._blobs = blobs
        self._clock = clock
        self._placement = PlacementTable(index, blobs)

    def create(
        self,
        bucket: str,
        key: str,
        attributes: ObjectAttributes,
        algorithm: str,
        checksum_type: str,
    ) -> UploadRecord:
        """Create an upload. Raises NoSuchBucket."""
        upload = UploadRecord(
            uuid.uuid4().hex, bucket, key, self._clock(), attributes, algorithm, checksum_type
        )
        with self._index.transaction() as db:
            if not db.execute("select 1 from bucket where name = ?", (bucket,)).fetchone():
                raise no_such_bucket(bucket)
            db.execute(
                "insert into upload values (?, ?, ?, ?, ?, ?, ?)",
                (
                    upload.id,
                    bucket,
                    key,
                    upload.started,
                    attributes.to_json(),
                    algorithm,
                    checksum_type,
                ),
            )
        return upload

    def get(self, upload_id: str, bucket: str, key: str) -> UploadRecord:
        """An upload in progress. Raises NoSuchUpload."""
        with self._index.reader() as db:
            row = db.execute(
                "select * from upload where id = ? and bucket = ? and key = ?",
                (upload_id, bucket, key),
            ).fetchone()
        if row is None:
            raise S3Error("NoSuchUpload", UploadId=upload_id)
        return UploadRecord.from_row(row)

    def reserve(
        self, upload: UploadRecord, number: int, size: int | None
    ) -> AbstractContextManager[AbstractContextManager[BlobWriter]]:
        """Where to write a part, until `add_part` was called; see `PlacementTable.reserve`."""
        return self._placement.reserve(upload, number, size)

    def discard(self, upload: UploadRecord, blob: Blob) -> None:
        """Delete the bytes of a part that is not added."""
        self._remove(upload, [blob.name])

    def _remove(self, upload: UploadRecord, names: Iterable[str]) -> None:
        """Delete blobs of parts; the file of those that are placed stays as long as the upload."""
        self._blobs.remove_all(name for name in names if name != upload.id)

    def add_part(self, upload: UploadRecord, number: int, blob: Blob) -> PartRecord:
        """Insert a part, in place of an earlier one of that number. Raises NoSuchUpload."""
        part = PartRecord(
            upload.id, number, blob.size, blob.md5, self._clock(), blob.name, blob.checksums
        )
        try:
            with self._index.transaction() as db:
                require_upload(db, upload)
                replaced = db.execute(
                    "select blob from part where upload = ? and number = ?", (upload.id, number)
                ).fetchone()
                _insert_part(db, part)
        except BaseException:
            self.discard(upload, blob)
            raise
        if replaced:
            self._remove(upload, [replaced["blob"]])
        return part

    def parts(
        self, upload: UploadRecord, after: int = 0, limit: int = MAX_PARTS
    ) -> list[PartRecord]:
        """At most `limit` parts with numbers above `after`, by number."""
        with self._index.reader() as db:
            rows = db.execute(
                "select * from part where upload = ? and number > ? order by number limit ?",
                (upload.id, after, limit),
            ).fetchall()
        return [PartRecord.from_row(row) for row in rows]

    def in_progress(
        self, bucket: str, prefix: str, after: tuple[str, str], limit: int
    ) -> list[UploadRecord]:
        """At most `limit` uploads after a key and an upload of it, by key and start."""
        key, upload_id = after
        with self._index.reader() as db:
            rows = db.execute(
                "select * from upload where bucket = ? and substr(key, 1, ?) = ? and ("
                "key > ? or key = ? and (started, id) > "
                "(select started, id from upload where id = ?)"
                ") order by key, started, id limit ?",
                (bucket, len(prefix), prefix, key, key, upload_id, limit),
            ).fetchall()
        return [UploadRecord.from_row(row) for row in rows]

    def abort(self, upload: UploadRecord) -> None:
        """Delete an upload and its parts. Raises NoSuchUpload."""
        with self._index.transaction() as db:
            require_upload(db, upload)
            blobs = _delete_upload(db, upload)
        self._blobs.remove_all(blobs)

    def complete(
        self, plan: CompletionPlan, condition: WriteCondition
    ) -> Generator[int, None, ObjectRecord]:
        """Make one file of the parts and insert the object; yields now and then meanwhile.

        Raises NoSuchUpload, NoSuchBucket, PreconditionFailed, NoSuchKey or InvalidPart (a part
        was replaced meanwhile); the upload is then still in progress or was ended by another.
        """
        upload = plan.upload
        with self._placement.close(plan) as is_placed:
            try:
                name = yield from self._fill(plan) if is_placed else self._join(plan)
            except FileNotFoundError:
                raise S3Error("InvalidPart", UploadId=upload.id) from None
            record = self._record(plan, name)
            self._insert_completed(record, upload, condition)
        self._blobs.seal(name)
        return record

    def _fill(self, plan: CompletionPlan) -> Generator[int, None, str]:
        yield from self._placement.fill(plan)
        return plan.upload.id

    def _join(self, plan: CompletionPlan) -> Generator[int, None, str]:
        with self._blobs.create() as writer:
            yield from self._blobs.join(self._placement.slices(plan), writer.file)
            if writer.file.tell() != plan.size:
                raise S3Error("InternalError", "A part has changed its size.")
        return writer.name

    def _record(self, plan: CompletionPlan, blob: str) -> ObjectRecord:
        upload = plan.upload
        return ObjectRecord(
            upload.bucket,
            upload.key,
            plan.size,
            plan.etag,
            self._clock(),
            blob,
            upload.attributes,
            plan.checksums,
            tuple(
                ObjectPart(part.size, part.number, part.etag, part.checksums.values)
                for part in plan.parts
            ),
            upload.id,
        )

    def _insert_completed(
        self, record: ObjectRecord, upload: UploadRecord, condition: WriteCondition
    ) -> None:
        try:
            with self._index.transaction() as db:
                require_upload(db, upload)
                replaced = insert_object(db, record, condition)
                blobs = {*_delete_upload(db, upload)} - {record.blob}
        except BaseException:
            self._remove(upload, [record.blob])
            raise
        self._blobs.remove_all([*blobs, *([replaced.blob] if replaced else [])])

    def check_condition(self, upload: UploadRecord, condition: WriteCondition) -> None:
        """Check a condition before the work of joining; `complete` checks it again."""
        with self._index.reader() as db:
            condition.check(upload.key, find_object(db, upload.bucket, upload.key))


def _insert_part(db: sqlite3.Connection, part: PartRecord) -> None:
    db.execute(
        "insert or replace into part values (?, ?, ?, ?, ?, ?, ?)",
        (
            part.upload,
            part.number,
            part.size,
            part.etag,
            part.modified,
            part.blob,
            part.checksums.to_json(),
        ),
    )


def _delete_upload(db: sqlite3.Connection, upload: UploadRecord) -> list[str]:
    """The blobs of its parts."""
    rows = db.execute("delete from part where upload = ? returning blob", (upload.id,)).fetchall()
    db.execute("delete from upload where id = ?", (upload.id,))
    is_placed = db.execute("delete from placement where upload = ?", (upload.id,)).rowcount
    return [*(row["blob"] for row in rows), *([upload.id] if is_placed else [])]
