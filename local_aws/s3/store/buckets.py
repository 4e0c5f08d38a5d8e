"""Owns the buckets: their rows in the index, naming rules and configuration documents."""

import ipaddress
import json
import re
from collections.abc import Callable
from typing import Final

from local_aws.s3.errors import S3Error, no_such_bucket
from local_aws.s3.records import BucketRecord
from local_aws.s3.store.index import SqliteIndex

_NAME: Final = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_RESERVED_PREFIXES: Final = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_SUFFIXES: Final = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def check_bucket_name(name: str) -> None:
    """Raises InvalidBucketName unless `name` follows the S3 user guide's "bucket naming rules"."""
    if (
        not _NAME.fullmatch(name)
        or name.startswith(_RESERVED_PREFIXES)
        or name.endswith(_RESERVED_SUFFIXES)
        or _is_ip_address(name)
    ):
        raise S3Error("InvalidBucketName", BucketName=name)


def _is_ip_address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True


class BucketTable:
    """The table `bucket`. `clock` returns Unix seconds."""

    def __init__(self, index: SqliteIndex, clock: Callable[[], float]) -> None:
        self._index = index
        self._clock = clock

    def create(self, name: str, region: str = "us-east-1") -> bool:
        """Create a bucket; False when it exists. Raises InvalidBucketName."""
        check_bucket_name(name)
        with self._index.transaction() as db:
            cursor = db.execute(
                "insert or ignore into bucket (name, created, region) values (?, ?, ?)",
                (name, self._clock(), region),
            )
            return cursor.rowcount == 1

    def find(self, name: str) -> BucketRecord | None:
        """The bucket, or None."""
        with self._index.reader() as db:
            row = db.execute("select * from bucket where name = ?", (name,)).fetchone()
        return BucketRecord.from_row(row) if row else None

    def get(self, name: str) -> BucketRecord:
        """The bucket. Raises NoSuchBucket."""
        bucket = self.find(name)
        if bucket is None:
            raise no_such_bucket(name)
        return bucket

    def all(self) -> list[BucketRecord]:
        """Every bucket, by name."""
        with self._index.reader() as db:
            return [
                BucketRecord.from_row(row) for row in db.execute("select * from bucket order by 1")
            ]

    def delete(self, name: str) -> list[str]:
        """Delete an empty bucket with the uploads in progress in it; returns the blobs of those.

        Raises NoSuchBucket or BucketNotEmpty.
        """
        with self._index.transaction() as db:
            if db.execute("select 1 from object where bucket = ? limit 1", (name,)).fetchone():
                raise S3Error("BucketNotEmpty", BucketName=name)
            if not db.execute("delete from bucket where name = ?", (name,)).rowcount:
                raise no_such_bucket(name)
            orphans = db.execute(
                "delete from part where upload in (select id from upload where bucket = ?) "
                "returning blob",
                (name,),
            ).fetchall()
            orphans += db.execute(
                "delete from placement where upload in (select id from upload where bucket = ?) "
                "returning upload as blob",
                (name,),
            ).fetchall()
            db.execute("delete from upload where bucket = ?", (name,))
        return [row["blob"] for row in orphans]

    def set_configuration(self, name: str, setting: str, document: str | None) -> None:
        """Store a configuration document (XML), or delete it (None). Raises NoSuchBucket."""
        with self._index.transaction() as db:
            row = db.execute("select settings from bucket where name = ?", (name,)).fetchone()
            if row is None:
                raise no_such_bucket(name)
            settings = json.loads(row["settings"])
            settings.pop(setting, None)
            if document is not None:
                settings[setting] = document
            db.execute(
                "update bucket set settings = ? where name = ?", (json.dumps(settings), name)
            )
