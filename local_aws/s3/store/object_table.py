"""The statements on the table `object` that more than one module runs."""

import json
import sqlite3

from local_aws.s3.errors import no_such_bucket
from local_aws.s3.records import StoredObject
from local_aws.s3.store.conditions import WriteCondition
from local_aws.s3.store.keys import check_key


def find_object(db: sqlite3.Connection, bucket: str, key: str) -> StoredObject | None:
    """The object under a key, or None."""
    row = db.execute("select * from object where bucket = ? and key = ?", (bucket, key)).fetchone()
    return StoredObject.from_row(row) if row else None


def insert_object(
    db: sqlite3.Connection, stored: StoredObject, condition: WriteCondition
) -> StoredObject | None:
    """Enter an object inside a transaction; returns the one it replaced.

    Raises NoSuchBucket, PreconditionFailed, or NoSuchKey for If-Match on nothing.
    """
    if not db.execute("select 1 from bucket where name = ?", (stored.bucket,)).fetchone():
        raise no_such_bucket(stored.bucket)
    existing = find_object(db, stored.bucket, stored.key)
    condition.check(stored.key, existing)
    db.execute(
        "insert or replace into object values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            stored.bucket,
            stored.key,
            stored.size,
            stored.etag,
            stored.modified,
            stored.blob,
            stored.attributes.to_json(),
            stored.checksums.to_json(),
            json.dumps(stored.part_sizes),
        ),
    )
    return existing


def window_of_objects(
    db: sqlite3.Connection, bucket: str, start: str, limit: int
) -> list[StoredObject]:
    """At most `limit` objects with keys from `start` on (inclusive), in order."""
    rows = db.execute(
        "select * from object where bucket = ? and key >= ? order by key limit ?",
        (bucket, start, limit),
    )
    return [StoredObject.from_row(row) for row in rows]


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
