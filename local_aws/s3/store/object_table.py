"""Owns the SQL statements on the table `object` that more than one module runs, and its keys."""

import sqlite3
from typing import Final

from local_aws.s3.errors import S3Error, no_such_bucket
from local_aws.s3.records import ObjectRecord
from local_aws.s3.store.conditions import WriteCondition

MAX_KEY_BYTES: Final = 1024


def check_key(key: str) -> str:
    """Return the key. Raises KeyTooLongError above 1,024 bytes of UTF-8."""
    size = len(key.encode())
    if size > MAX_KEY_BYTES:
        raise S3Error("KeyTooLongError", Size=str(size), MaxSizeAllowed=str(MAX_KEY_BYTES))
    return key


def find_object(db: sqlite3.Connection, bucket: str, key: str) -> ObjectRecord | None:
    """The object under a key, or None."""
    row = db.execute("select * from object where bucket = ? and key = ?", (bucket, key)).fetchone()
    return ObjectRecord.from_row(row) if row else None


def insert_object(
    db: sqlite3.Connection, record: ObjectRecord, condition: WriteCondition
) -> ObjectRecord | None:
    """Insert an object inside a transaction; returns the one it replaced.

    Raises NoSuchBucket, PreconditionFailed, or NoSuchKey for If-Match on nothing.
    """
    if not db.execute("select 1 from bucket where name = ?", (record.bucket,)).fetchone():
        raise no_such_bucket(record.bucket)
    existing = find_object(db, record.bucket, record.key)
    condition.check(record.key, existing)
    db.execute(
        "insert or replace into object values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record.bucket,
            record.key,
            record.size,
            record.etag,
            record.modified,
            record.blob,
            record.attributes.to_json(),
            record.checksums.to_json(),
            record.parts_to_json(),
        ),
    )
    return existing


def scan_objects(db: sqlite3.Connection, bucket: str, start: str, limit: int) -> list[ObjectRecord]:
    """At most `limit` objects with keys from `start` on (inclusive), in order."""
    rows = db.execute(
        "select * from object where bucket = ? and key >= ? order by key limit ?",
        (bucket, start, limit),
    )
    return [ObjectRecord.from_row(row) for row in rows]


def delete_object(
    db: sqlite3.Connection, bucket: str, key: str, condition: WriteCondition
) -> list[str]:
    """Delete an object inside a transaction; returns its blob, if there was one.

    Raises KeyTooLongError or PreconditionFailed.
    """
    existing = find_object(db, bucket, check_key(key))
    condition.check_delete(existing)
    db.execute("delete from object where bucket = ? and key = ?", (bucket, key))
    return [existing.blob] if existing else []
