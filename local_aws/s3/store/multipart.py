"""Multipart uploads: parts as files of their own, joined into one when the upload completes."""

import sqlite3
import uuid
from collections.abc import Callable, Generator
from typing import Final

from local_aws.s3.errors import S3Error, no_such_bucket
from local_aws.s3.records import Attributes, Blob, Part, StoredObject, Upload
from local_aws.s3.store.blobs import Blobs
from local_aws.s3.store.completion import Completion
from local_aws.s3.store.conditions import WriteCondition
from local_aws.s3.store.index import Index
from local_aws.s3.store.object_table import find_object, insert_object

MAX_PARTS: Final = 10_000
"""Source: "Amazon S3 multipart upload limits" in the S3 user guide."""


class Uploads:
    """The tables `upload` and `part` and the parts' files. `clock` returns Unix seconds."""

    def __init__(self, index: Index, blobs: Blobs, clock: Callable[[], float]) -> None:
        self._index = index
        self._blobs = blobs
        self._clock = clock

    def start(
        self, bucket: str, key: str, attributes: Attributes, algorithm: str, checksum_type: str
    ) -> Upload:
        """Begin an upload. Raises NoSuchBucket."""
        upload = Upload(
            uuid.uuid4().hex, bucket, key, self._clock(), attributes, algorithm, checksum_type
        )
        with self._index.writing() as db:
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

    def get(self, upload_id: str, bucket: str, key: str) -> Upload:
        """An upload under way. Raises NoSuchUpload."""
        with self._index.reading() as db:
            row = db.execute(
                "select * from upload where id = ? and bucket = ? and key = ?",
                (upload_id, bucket, key),
            ).fetchone()
        if row is None:
            raise S3Error("NoSuchUpload", UploadId=upload_id)
        return Upload.from_row(row)

    def add_part(self, upload: Upload, number: int, blob: Blob) -> Part:
        """Enter a part, in place of an earlier one of that number. Raises NoSuchUpload."""
        part = Part(
            upload.id, number, blob.size, blob.md5, self._clock(), blob.name, blob.checksums
        )
        try:
            with self._index.writing() as db:
                _check_under_way(db, upload)
                replaced = db.execute(
                    "select blob from part where upload = ? and number = ?", (upload.id, number)
                ).fetchone()
                _insert_part(db, part)
        except BaseException:
            self._blobs.remove(blob.name)
            raise
        if replaced:
            self._blobs.remove(replaced["blob"])
        return part

    def parts(self, upload: Upload, after: int = 0, limit: int = MAX_PARTS) -> list[Part]:
        """At most `limit` parts with numbers above `after`, by number."""
        with self._index.reading() as db:
            rows = db.execute(
                "select * from part where upload = ? and number > ? order by number limit ?",
                (upload.id, after, limit),
            ).fetchall()
        return [Part.from_row(row) for row in rows]

    def under_way(
        self, bucket: str, prefix: str, after: tuple[str, str], limit: int
    ) -> list[Upload]:
        """At most `limit` uploads behind a key and an upload of it, by key and start."""
        key, upload_id = after
        with self._index.reading() as db:
            rows = db.execute(
                "select * from upload where bucket = ? and substr(key, 1, ?) = ? and ("
                "key > ? or key = ? and (started, id) > "
                "(select started, id from upload where id = ?)"
                ") order by key, started, id limit ?",
                (bucket, len(prefix), prefix, key, key, upload_id, limit),
            ).fetchall()
        return [Upload.from_row(row) for row in rows]

    def abort(self, upload: Upload) -> None:
        """Forget an upload and delete its parts. Raises NoSuchUpload."""
        with self._index.writing() as db:
            _check_under_way(db, upload)
            blobs = _forget(db, upload)
        self._blobs.remove_all(blobs)

    def complete(
        self, plan: Completion, condition: WriteCondition
    ) -> Generator[int, None, StoredObject]:
        """Join the parts and enter the object; yields bytes joined now and then.

        Raises NoSuchUpload, NoSuchBucket, PreconditionFailed, NoSuchKey or InvalidPart (a part
        was replaced meanwhile); the upload is then still under way or was ended by another.
        """
        upload = plan.upload
        try:
            with self._blobs.create() as (name, file):
                yield from self._blobs.join([part.blob for part in plan.parts], file)
                if file.tell() != plan.size:
                    raise S3Error("InternalError", "A part is not as long as it was.")
        except FileNotFoundError:
            raise S3Error("InvalidPart", UploadId=upload.id) from None
        stored = StoredObject(
            upload.bucket,
            upload.key,
            plan.size,
            plan.etag,
            self._clock(),
            name,
            upload.attributes,
            plan.checksums,
            tuple(part.size for part in plan.parts),
        )
        self._enter(stored, upload, condition)
        return stored

    def _enter(self, stored: StoredObject, upload: Upload, condition: WriteCondition) -> None:
        try:
            with self._index.writing() as db:
                _check_under_way(db, upload)
                replaced = insert_object(db, stored, condition)
                blobs = _forget(db, upload)
        except BaseException:
            self._blobs.remove(stored.blob)
            raise
        self._blobs.remove_all([*blobs, *([replaced.blob] if replaced else [])])

    def check_condition(self, upload: Upload, condition: WriteCondition) -> None:
        """Check a condition before the work of joining; `complete` checks it again."""
        with self._index.reading() as db:
            condition.check(upload.key, find_object(db, upload.bucket, upload.key))


def _check_under_way(db: sqlite3.Connection, upload: Upload) -> None:
    if not db.execute("select 1 from upload where id = ?", (upload.id,)).fetchone():
        raise S3Error("NoSuchUpload", UploadId=upload.id)


def _insert_part(db: sqlite3.Connection, part: Part) -> None:
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


def _forget(db: sqlite3.Connection, upload: Upload) -> list[str]:
    rows = db.execute("delete from part where upload = ? returning blob", (upload.id,)).fetchall()
    db.execute("delete from upload where id = ?", (upload.id,))
    return [row["blob"] for row in rows]
