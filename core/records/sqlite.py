"""Keeps records in SQLite: the store of the embedded backend."""

import sqlite3
from pathlib import Path
from threading import Lock
from typing import Any, Final

from core.errors import Conflict
from core.ids import NewId, new_id
from core.records.interface import (
    Record,
    RecordKind,
    RecordPage,
    V,
    body_of,
    check_key,
)
from core.records.paging import Place, bounds, read_cursor
from core.records.stored import read_stored
from core.texts import records as texts

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL, owner TEXT NOT NULL, id TEXT NOT NULL,
    version TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (kind, owner, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_kind ON records (kind, id, owner);
"""
_INSERT: Final = "INSERT OR IGNORE INTO records VALUES (?, ?, ?, ?, ?)"
_SELECT: Final = "SELECT version, body FROM records WHERE kind = ? AND owner = ? AND id = ?"
_UPDATE: Final = """
UPDATE records SET version = ?, body = ? WHERE kind = ? AND owner = ? AND id = ? AND version = ?
"""
_DELETE: Final = "DELETE FROM records WHERE kind = ? AND owner = ? AND id = ? AND version = ?"
_PAGE_OF_OWNER: Final = """
SELECT owner, id, version, body FROM records
WHERE kind = ? AND id BETWEEN ? AND ? AND owner = ? ORDER BY id DESC LIMIT ?
"""
_PAGE_OF_ALL: Final = """
SELECT owner, id, version, body FROM records
WHERE kind = ? AND id BETWEEN ? AND ? ORDER BY id DESC, owner DESC LIMIT ?
"""
_PAGE_OF_ALL_AFTER: Final = """
SELECT owner, id, version, body FROM records
WHERE kind = ? AND id BETWEEN ? AND ? AND (id, owner) < (?, ?)
ORDER BY id DESC, owner DESC LIMIT ?
"""


class SqliteRecordStore:
    """RecordStore in one file; safe for several threads and processes. Each write is one statement,
    which holds the file's lock."""

    def __init__(self, path: Path, new_version: NewId = new_id) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._new_version = new_version
        self._lock = Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")  # what was saved survives a power cut
        self._db.executescript(_SCHEMA)

    def add(self, kind: RecordKind[V], owner: str, record_id: str, value: V) -> Record[V]:
        """Store a new value. Raises Conflict, InvalidInput."""
        check_key(owner, record_id)
        body, version = body_of(kind.name, value), self._new_version()
        if not self._write(_INSERT, (kind.name, owner, record_id, version, body)):
            raise Conflict(texts.exists(kind.name, record_id))
        return Record(kind=kind.name, owner=owner, id=record_id, version=version, value=value)

    def get(self, kind: RecordKind[V], owner: str, record_id: str) -> Record[V] | None:
        """One record, or None."""
        rows = self._rows(_SELECT, (kind.name, owner, record_id))
        return _record(kind, (owner, record_id, *rows[0])) if rows else None

    def replace(self, record: Record[V], value: V) -> Record[V]:
        """Store another value in its place. Raises Conflict, InvalidInput."""
        body, version = body_of(record.kind, value), self._new_version()
        if not self._write(_UPDATE, (version, body, *_key(record), record.version)):
            raise Conflict(texts.has_changed(record.kind, record.id))
        return record.model_copy(update={"version": version, "value": value})

    def delete(self, record: Record[V]) -> None:
        """Forget a record; one that is gone is no error. Raises Conflict."""
        is_deleted = self._write(_DELETE, (*_key(record), record.version))
        if not is_deleted and self._rows(_SELECT, _key(record)):
            raise Conflict(texts.has_changed(record.kind, record.id))

    def page(
        self,
        kind: RecordKind[V],
        owner: str | None = None,
        prefix: str = "",
        limit: int = 50,
        cursor: str | None = None,
    ) -> RecordPage[V]:
        """Records of one owner, or of all, the highest id first."""
        last = read_cursor(cursor, owner, prefix)
        rows = self._page_rows(kind.name, owner, bounds(prefix, last and last.id), last, limit + 2)
        left = [row for row in rows if last is None or Place(row[1], row[0]) != last]
        found = (_record(kind, row) for row in left[:limit])
        more = len(left) > limit
        return RecordPage(
            records=tuple(record for record in found if record),
            cursor=Place(left[limit - 1][1], left[limit - 1][0]).key if more else None,
        )

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def _page_rows(
        self, kind: str, owner: str | None, span: tuple[str, str], last: Place | None, limit: int
    ) -> list[Any]:
        if owner is not None:
            return self._rows(_PAGE_OF_OWNER, (kind, *span, owner, limit))
        if last is not None:
            return self._rows(_PAGE_OF_ALL_AFTER, (kind, *span, *last, limit))
        return self._rows(_PAGE_OF_ALL, (kind, *span, limit))

    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[Any]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    def _write(self, sql: str, values: tuple[Any, ...]) -> bool:
        """Whether a row was written."""
        with self._lock:
            return self._db.execute(sql, values).rowcount == 1


def _key(record: Record[V]) -> tuple[str, str, str]:
    return record.kind, record.owner, record.id


def _record(kind: RecordKind[V], row: tuple[str, str, str, str]) -> Record[V] | None:
    """The record of a row of owner, id, version and body."""
    owner, record_id, version, body = row
    value = read_stored(kind.model, body, f"{owner}/{record_id}")
    if value is None:
        return None
    return Record(kind=kind.name, owner=owner, id=record_id, version=version, value=value)
