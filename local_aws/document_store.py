"""Owns what the control plane stores: named JSON documents in SQLite, kept over a restart."""

import json
import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

DocumentKind = Literal[
    "model",
    "endpoint-config",
    "endpoint",
    "scalable-target",
    "scaling-policy",
    "scheduled-action",
    "alarm",
]
Document = dict[str, Any]

_SCHEMA = """
create table if not exists record (
    kind text not null, name text not null, document text not null, primary key (kind, name)
) without rowid;
"""


class SqliteDatabase:
    """One SQLite file and one connection to it, used by one thread at a time.

    Write-ahead logging keeps every commit through a killed process.
    """

    def __init__(self, path: Path, schema: str) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(schema)
        self.lock = threading.RLock()

    def execute(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Run one statement and return its rows."""
        with self.lock:
            return self._connection.execute(sql, values).fetchall()

    def close(self) -> None:
        """Close the file."""
        with self.lock:
            self._connection.close()


class DocumentStore:
    """JSON documents by kind and name. A document is stored and read whole."""

    def __init__(self, path: Path) -> None:
        self._database = SqliteDatabase(path, _SCHEMA)

    def add(self, kind: DocumentKind, name: str, document: Mapping[str, Any]) -> bool:
        """Store a new document; False when the name is taken."""
        return bool(
            self._database.execute(
                "insert into record values (?, ?, ?) on conflict do nothing returning 1",
                kind,
                name,
                json.dumps(document),
            )
        )

    def put(self, kind: DocumentKind, name: str, document: Mapping[str, Any]) -> None:
        """Store a document in place of any other of that name."""
        self._database.execute(
            "insert or replace into record values (?, ?, ?)", kind, name, json.dumps(document)
        )

    def merge(self, kind: DocumentKind, name: str, fields: Mapping[str, Any]) -> None:
        """Change some fields of a document, if it exists; a field that becomes None is removed."""
        with self._database.lock:
            document = self.get(kind, name)
            if document is not None:
                document |= fields
                self.put(kind, name, {key: v for key, v in document.items() if v is not None})

    def get(self, kind: DocumentKind, name: str) -> Document | None:
        """The document of that name, if there is one."""
        rows = self._database.execute(
            "select document from record where kind = ? and name = ?", kind, name
        )
        return _from_row(rows[0]) if rows else None

    def all(self, kind: DocumentKind) -> list[Document]:
        """All documents of a kind, by name."""
        rows = self._database.execute(
            "select document from record where kind = ? order by name", kind
        )
        return [_from_row(row) for row in rows]

    def delete(self, kind: DocumentKind, name: str) -> bool:
        """Delete a document; False when there was none."""
        return bool(
            self._database.execute(
                "delete from record where kind = ? and name = ? returning 1", kind, name
            )
        )

    def close(self) -> None:
        """Close the file; the store must not be used afterwards."""
        self._database.close()


def _from_row(row: sqlite3.Row) -> Document:
    document: Document = json.loads(row["document"])
    return document
