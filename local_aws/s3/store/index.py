"""Owns the SQLite index: which objects, uploads and parts exist, and the blobs of their bytes."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, LifoQueue

from local_aws.s3.errors import S3Error
from local_aws.s3.store.disk_reserve import is_disk_full

_SCHEMA = """
create table if not exists bucket (
    name text primary key, created real not null, region text not null,
    settings text not null default '{}'
) without rowid;
create table if not exists object (
    bucket text not null, key text not null, size integer not null, etag text not null,
    modified real not null, blob text not null, attributes text not null,
    checksums text not null, part_sizes text not null,
    primary key (bucket, key)
) without rowid;
create index if not exists object_blob on object (blob);
create table if not exists upload (
    id text primary key, bucket text not null, key text not null, started real not null,
    attributes text not null, checksum_algorithm text not null, checksum_type text not null
) without rowid;
create index if not exists upload_key on upload (bucket, key, started, id);
create table if not exists part (
    upload text not null, number integer not null, size integer not null, etag text not null,
    modified real not null, blob text not null, checksums text not null,
    primary key (upload, number)
) without rowid;
create index if not exists part_blob on part (blob);
create table if not exists placement (
    upload text primary key, part_size integer not null
) without rowid;
"""


class SqliteIndex:
    """Connections to the index file: many readers, one writer at a time.

    Connections are pooled because a threaded WSGI server runs every request in a new thread.
    Text is compared by its UTF-8 bytes (SQLite's BINARY collation), the order S3 lists keys in.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._idle_readers: LifoQueue[sqlite3.Connection] = LifoQueue()
        self._writer_lock = threading.Lock()
        self._writer = self._connect()
        self._writer.execute("pragma journal_mode = wal")
        self._writer.executescript(_SCHEMA)

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._file, timeout=30, isolation_level=None, check_same_thread=False)
        db.row_factory = sqlite3.Row
        # FULL: a commit is on the disk before the request that made it is acknowledged.
        db.execute("pragma synchronous = full")
        return db

    @contextmanager
    def reader(self) -> Iterator[sqlite3.Connection]:
        """A pooled connection for reads outside any transaction."""
        try:
            db = self._idle_readers.get_nowait()
        except Empty:
            db = self._connect()
        try:
            yield db
        finally:
            self._idle_readers.put(db)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """The writer inside a transaction: committed at the end, rolled back on an exception.

        Raises InsufficientStorage when the disk is full.
        """
        with self._writer_lock:
            try:
                self._writer.execute("begin immediate")
                yield self._writer
                self._writer.execute("commit")
            except BaseException as error:
                if self._writer.in_transaction:  # SQLite may have rolled back by itself
                    self._writer.execute("rollback")
                if is_disk_full(error):
                    raise S3Error("InsufficientStorage") from error
                raise

    def close(self) -> None:
        """Close every idle connection; the index must not be in use."""
        while not self._idle_readers.empty():
            self._idle_readers.get_nowait().close()
        self._writer.close()
