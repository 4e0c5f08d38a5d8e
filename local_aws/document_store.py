"""The control plane's memory: named JSON documents in SQLite, so that a restart finds them all."""

import json
import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

Kind = Literal["model", "endpoint-config", "endpoint", "scalable-target", "scaling-policy", "alarm"]
Document = dict[str, Any]

_SCHEMA = """
create table if not exists record (
    kind text not null, name text not null, document text not null, primary key (kind, name)
) without rowid;
"""


class Database:
    """One SQLite file and one connection to it, used by one thread at a time.

    Write-ahead logging keeps every commit through a killed process.
    """

    def __init__(self, path: Path, schema: str) -> None:
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._connection.executescript(schema)
        self.turn = threading.RLock()

    def run(self, sql: str, *values: object) -> list[sqlite3.Row]:
        """Execute one statement; its rows."""
        with self.turn:
            return self._connection.execute(sql, values).fetchall()

    def close(self) -> None:
        """Close the file."""
        with self.turn:
            self._connection.close()


class Records:
    """Documents by kind and name. A document is stored and read whole."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, _SCHEMA)

    def add(self, kind: Kind, name: str, document: Mapping[str, Any]) -> bool:
        """Store a new document; False when the name is taken."""
        return bool(
            self._database.run(
                "insert into record values (?, ?, ?) on conflict do nothing returning 1",
                kind,
                name,
                json.dumps(document),
            )
        )

    def put(self, kind: Kind, name: str, document: Mapping[str, Any]) -> None:
        """Store a document in place of any other of that name."""
        self._database.run(
            "insert or replace into record values (?, ?, ?)", kind, name, json.dumps(document)
        )

    def merge(self, kind: Kind, name: str, fields: Mapping[str, Any]) -> None:
        """Change some fields of a document, if it is there; a field that becomes None goes."""
        with self._database.turn:
            document = self.get(kind, name)
            if document is not None:
                document |= fields
                kept = {field: value for field, value in document.items() if value is not None}
                self.put(kind, name, kept)

    def get(self, kind: Kind, name: str) -> Document | None:
        """The document of that name, if there is one."""
        rows = self._database.run(
            "select document from record where kind = ? and name = ?", kind, name
        )
        return _read(rows[0]) if rows else None

    def all(self, kind: Kind) -> list[Document]:
        """All documents of a kind, by name."""
        rows = self._database.run("select document from record where kind = ? order by name", kind)
        return [_read(row) for row in rows]

    def delete(self, kind: Kind, name: str) -> bool:
        """Forget a document; False when there was none."""
        return bool(
            self._database.run(
                "delete from record where kind = ? and name = ? returning 1", kind, name
            )
        )

    def close(self) -> None:
        """Close the file; nothing may be asked afterwards."""
        self._database.close()


def _read(row: sqlite3.Row) -> Document:
    document: Document = json.loads(row["document"])
    return document
