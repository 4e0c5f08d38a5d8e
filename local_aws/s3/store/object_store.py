"""Owns the object store: bytes in immutable files, the index in SQLite.

A crash at any moment leaves every acknowledged object whole, and at worst an orphaned file.
"""

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeVar

from local_aws.s3.errors import S3Error, no_such_key
from local_aws.s3.records import (
    DEFAULT_CONTENT_TYPE,
    Blob,
    ObjectAttributes,
    ObjectRecord,
    UploadRecord,
)
from local_aws.s3.store.blobs import BlobStore
from local_aws.s3.store.buckets import BucketTable
from local_aws.s3.store.checksums import Digests
from local_aws.s3.store.conditions import UNCONDITIONAL, WriteCondition
from local_aws.s3.store.disk_reserve import DiskReserve
from local_aws.s3.store.index import SqliteIndex
from local_aws.s3.store.listing import scan_keys
from local_aws.s3.store.multipart import UploadTable
from local_aws.s3.store.object_table import (
    check_key,
    delete_object,
    find_object,
    insert_object,
    scan_objects,
)

T = TypeVar("T")

_logger = logging.getLogger(__name__)


class ObjectStore:
    """Buckets and objects in one folder, which one process at a time may use.

    `clock` returns Unix seconds. Every method may be called from any thread.
    """

    def __init__(self, root: Path, clock: Callable[[], float]) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._clock = clock
        self.reserve = DiskReserve(root / "reserve")
        self.reserve.release()  # opening the databases needs a little space
        self.index = SqliteIndex(root / "index.sqlite3")
        self.blobs = BlobStore(root / "blobs")
        self.buckets = BucketTable(self.index, clock)
        self.uploads = UploadTable(self.index, self.blobs, clock)

    # For the rest of the embedded AWS, which reads and writes objects in process.

    def ensure_bucket(self, bucket: str) -> None:
        """Create the bucket unless it exists. Raises InvalidBucketName."""
        self.buckets.create(bucket)

    def put_bytes(
        self,
        bucket: str,
        key: str,
        data: bytes,
        *,
        metadata: Mapping[str, str] | None = None,
        content_type: str = DEFAULT_CONTENT_TYPE,
    ) -> ObjectRecord:
        """Store `data` under `key`. Raises NoSuchBucket or KeyTooLongError."""
        check_key(key)
        digests = Digests()
        digests.update(data)
        with self.blobs.create() as writer:
            writer.write(data)
        blob = Blob(writer.name, len(data), digests.hex("MD5"))
        attributes = ObjectAttributes({"content-type": content_type}, dict(metadata or {}))
        return self.put(bucket, key, blob, attributes)

    def read_bytes(self, bucket: str, key: str) -> bytes:
        """The whole object. Raises NoSuchBucket or NoSuchKey."""
        with self.reader(bucket, key) as (_, file):
            return file.read()

    def stat(self, bucket: str, key: str) -> ObjectRecord:
        """The record of an object. Raises NoSuchBucket or NoSuchKey."""
        record = self.find(bucket, key)
        if record is None:
            self.buckets.get(bucket)
            raise no_such_key(key)
        return record

    def find(self, bucket: str, key: str) -> ObjectRecord | None:
        """The record of an object, or None."""
        with self.index.reader() as db:
            return find_object(db, bucket, key)

    def path(self, bucket: str, key: str) -> Path:
        """The absolute path of the file with the object's bytes: read or hard-link it, no more.

        It is deleted when the object is overwritten or deleted. Raises NoSuchBucket or NoSuchKey.
        """
        return self.blobs.path(self.stat(bucket, key).blob)

    def iter_keys(self, bucket: str, prefix: str = "") -> Iterator[str]:
        """The keys that start with `prefix`, in order. Raises NoSuchBucket."""
        self.buckets.get(bucket)
        return scan_keys(lambda start, limit: self.scan(bucket, start, limit), prefix)

    def sweep(self) -> int:
        """Delete orphaned files; returns how many. Only before requests are served."""
        removed = 0
        for shard, present in self.blobs.shards():
            orphans = present - self._referenced(shard)
            self.blobs.remove_all(orphans)
            removed += len(orphans)
        _logger.info("event=sweep removed_files=%d", removed)
        return removed

    def close(self) -> None:
        """Close the index; the store must not be used afterwards."""
        self.index.close()

    # For the S3 operations.

    @contextmanager
    def reader(self, bucket: str, key: str) -> Iterator[tuple[ObjectRecord, BinaryIO]]:
        """An object and its open file; it stays readable though the object be overwritten."""
        record, file = self.open(bucket, key)
        with file:
            yield record, file

    def open(self, bucket: str, key: str) -> tuple[ObjectRecord, BinaryIO]:
        """An object and its open file, unbuffered. Raises NoSuchBucket or NoSuchKey."""
        return self._retry_if_replaced(bucket, key, self._open_file)

    def link_blob(self, bucket: str, key: str) -> tuple[ObjectRecord, str]:
        """An object and a new blob with its bytes. Raises NoSuchBucket or NoSuchKey."""
        return self._retry_if_replaced(bucket, key, self.blobs.link)

    def _open_file(self, name: str) -> BinaryIO:
        return self.blobs.path(name).open("rb", buffering=0)

    def _retry_if_replaced(
        self, bucket: str, key: str, use: Callable[[str], T]
    ) -> tuple[ObjectRecord, T]:
        record = self.stat(bucket, key)
        while True:
            try:
                return record, use(record.blob)
            except FileNotFoundError:  # replaced between the lookup and the use
                newer = self.stat(bucket, key)
                if newer.blob == record.blob:
                    raise
                record = newer

    def now(self) -> float:
        """The store's time, in Unix seconds."""
        return self._clock()

    def put(
        self,
        bucket: str,
        key: str,
        blob: Blob,
        attributes: ObjectAttributes,
        condition: WriteCondition = UNCONDITIONAL,
    ) -> ObjectRecord:
        """Store `blob` as the object under `key`; the blob is removed when that fails.

        Raises NoSuchBucket, PreconditionFailed, or NoSuchKey for If-Match on nothing.
        """
        record = ObjectRecord(
            bucket, key, blob.size, blob.md5, self._clock(), blob.name, attributes, blob.checksums
        )
        return self.insert(record, condition)

    def insert(
        self, record: ObjectRecord, condition: WriteCondition = UNCONDITIONAL
    ) -> ObjectRecord:
        """Insert an object whose blob is written; see `put`."""
        try:
            with self.index.transaction() as db:
                replaced = insert_object(db, record, condition)
        except BaseException:
            self.blobs.remove(record.blob)
            raise
        if replaced:
            self.blobs.remove(replaced.blob)
        return record

    def delete(self, bucket: str, key: str, condition: WriteCondition = UNCONDITIONAL) -> None:
        """Delete an object if it exists. Raises NoSuchBucket or PreconditionFailed."""
        [error] = self.delete_all(bucket, [(key, condition)])
        if error:
            raise error

    def delete_all(
        self, bucket: str, requests: Iterable[tuple[str, WriteCondition]]
    ) -> list[S3Error | None]:
        """Delete several objects in one transaction; returns an error or None for each.

        Raises NoSuchBucket.
        """
        self.buckets.get(bucket)
        listed = list(requests)
        return self._free(lambda: self._delete_listed(bucket, listed))

    def _free(self, delete: Callable[[], T]) -> T:
        """Run what frees space; on a full disk it may use the reserve."""
        return self.reserve.retry(delete, _is_insufficient_storage)

    def _delete_listed(
        self, bucket: str, requests: Iterable[tuple[str, WriteCondition]]
    ) -> list[S3Error | None]:
        deleted: list[str] = []
        errors: list[S3Error | None] = []
        with self.index.transaction() as db:
            for key, condition in requests:
                try:
                    deleted += delete_object(db, bucket, key, condition)
                    errors.append(None)
                except S3Error as error:
                    errors.append(error)
        self.blobs.remove_all(deleted)
        return errors

    def set_tags(self, bucket: str, key: str, tags: Mapping[str, str]) -> None:
        """Replace an object's tags. Raises NoSuchBucket or NoSuchKey."""
        self.stat(bucket, key)
        with self.index.transaction() as db:
            db.execute(
                "update object set attributes = json_set(attributes, '$.tags', json(?)) "
                "where bucket = ? and key = ?",
                (json.dumps(dict(tags)), bucket, key),
            )

    def delete_bucket(self, bucket: str) -> None:
        """Delete an empty bucket. Raises NoSuchBucket or BucketNotEmpty."""
        self._free(lambda: self.blobs.remove_all(self.buckets.delete(bucket)))

    def abort_upload(self, upload: UploadRecord) -> None:
        """Delete an upload and its parts. Raises NoSuchUpload."""
        self._free(lambda: self.uploads.abort(upload))

    def scan(self, bucket: str, start: str, limit: int) -> list[ObjectRecord]:
        """At most `limit` objects with keys from `start` on (inclusive), in order."""
        with self.index.reader() as db:
            return scan_objects(db, bucket, start, limit)

    def _referenced(self, shard: str) -> set[str]:
        prefix_range = (shard, f"{shard}g")  # "g" comes right after the last hexadecimal digit
        with self.index.reader() as db:
            rows = db.execute(
                "select blob from object where blob between ? and ? "
                "union all select blob from part where blob between ? and ? "
                "union all select upload from placement where upload between ? and ?",
                3 * prefix_range,
            )
            return {row["blob"] for row in rows}


def _is_insufficient_storage(error: BaseException) -> bool:
    return isinstance(error, S3Error) and error.code == "InsufficientStorage"
