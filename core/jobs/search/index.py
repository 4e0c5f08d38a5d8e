"""The index itself: a SQLite file that each dashboard can make anew from the store."""

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Any, Final

from core.jobs.records import Job
from core.jobs.search.query import JobFacet
from core.jobs.search.schema import SCHEMA, TABLES, VERSION

SHARED: Final = "shared"
STARRED: Final = "starred"
"""Names of marks beside those of facets; their values are people."""

_PUT: Final = """
INSERT INTO jobs (id, owner, visibility, state, kind, endpoint, model, score, is_trashed, digest)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    owner = excluded.owner, visibility = excluded.visibility, state = excluded.state,
    kind = excluded.kind, endpoint = excluded.endpoint, model = excluded.model,
    score = excluded.score, is_trashed = excluded.is_trashed,
    digest = excluded.digest
RETURNING number
"""
_DIGESTS: Final = "SELECT id, digest FROM jobs WHERE id IN (SELECT value FROM json_each(?))"


class JobIndex:
    """Safe for several threads, and for several processes with one file. `source` names the store
    that it is of: the file of another one is made anew."""

    def __init__(self, path: Path, source: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer, self._reader = _Connection(path), _Connection(path)
        self._version = f"{VERSION} {source}"
        self._open()

    def put(self, jobs: Sequence[Job]) -> None:
        """Store or replace what is searched of these jobs; nothing is written for one that is
        stored as it is."""
        digests = {job.id: blake2b(job.stored.encode(), digest_size=8).digest() for job in jobs}
        known = dict(self.rows(_DIGESTS, (json.dumps(list(digests)),)))
        fresh = [job for job in jobs if known.get(job.id) != digests[job.id]]
        if not fresh:
            return
        with self._writer.transaction() as db:
            for job in fresh:
                _put(db, job, digests[job.id])

    def remove(self, ids: Collection[str]) -> None:
        """Forget jobs; one that is not there is no error."""
        if not ids:
            return
        with self._writer.transaction() as db:
            for job_id in ids:
                found = db.execute("DELETE FROM jobs WHERE id = ? RETURNING number", (job_id,))
                for (number,) in found.fetchall():
                    _forget(db, number)

    def between(self, first: str, last: str) -> frozenset[str]:
        """The ids from `first` to `last`, both included."""
        sql = "SELECT id FROM jobs WHERE id BETWEEN ? AND ?"
        return frozenset(job_id for (job_id,) in self.rows(sql, (first, last)))

    def state(self, name: str) -> str:
        """What was kept under a name, or ""."""
        rows = self.rows("SELECT value FROM state WHERE name = ?", (name,))
        return str(rows[0][0]) if rows else ""

    def set_state(self, **values: str) -> None:
        """Keep values under names; nothing is written for those that are there."""
        if all(self.state(name) == value for name, value in values.items()):
            return
        with self._writer.transaction() as db:
            db.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", values.items())

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Any]:
        """What a question finds, beside what is being written."""
        return self._reader.rows(sql, values)

    def version(self) -> int:
        """Another number after whatever anybody, in any process, wrote."""
        ((number,),) = self.rows("PRAGMA data_version")
        return int(number)

    def close(self) -> None:
        """Let go of the file."""
        self._writer.close()
        self._reader.close()

    def _open(self) -> None:
        with self._writer.lock:
            self._writer.db.executescript(SCHEMA)
        if self.state("version") == self._version:
            return
        with self._writer.lock:
            self._writer.db.executescript("".join(f"DROP TABLE {table};" for table in TABLES))
            self._writer.db.executescript(SCHEMA)
        self.set_state(version=self._version)


class _Connection:
    def __init__(self, path: Path) -> None:
        self.lock = Lock()
        self.db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
        self.db.execute("PRAGMA journal_mode=WAL")
        self.db.execute("PRAGMA synchronous=OFF")  # what a power cut takes is made anew
        self.db.execute("PRAGMA cache_size=-65536")

    def rows(self, sql: str, values: Sequence[Any] | dict[str, Any]) -> list[Any]:
        with self.lock:
            return self.db.execute(sql, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        with self.lock:
            self.db.execute("BEGIN IMMEDIATE")
            try:
                yield self.db
            except BaseException:
                self.db.execute("ROLLBACK")
                raise
            self.db.execute("COMMIT")

    def close(self) -> None:
        with self.lock:
            self.db.close()


def _put(db: sqlite3.Connection, job: Job, digest: bytes) -> None:
    values = (
        *(job.id, job.owner, job.visibility.value, job.state.value, job.mode.value),
        *(job.endpoint, job.checkpoint, job.pose_score, job.is_trashed, digest),
    )
    ((number,),) = db.execute(_PUT, values).fetchall()
    _forget(db, number)
    marks = {(name, value, number) for name, values in _marks(job) for value in values}
    db.executemany("INSERT INTO marks VALUES (?, ?, ?)", marks)
    names = " ".join((job.checkpoint, *job.loras, *job.styles, job.endpoint, job.id))
    db.execute(
        "INSERT INTO texts (rowid, prompt, negative, model, tag) VALUES (?, ?, ?, ?, ?)",
        (number, job.whole_prompt, job.negative_prompt, names, " , ".join(job.tags)),
    )


def _forget(db: sqlite3.Connection, number: int) -> None:
    db.execute("DELETE FROM marks WHERE number = ?", (number,))
    db.execute("DELETE FROM texts WHERE rowid = ?", (number,))


def _marks(job: Job) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield JobFacet.LORA.value, job.loras
    yield JobFacet.STYLE.value, job.styles
    yield JobFacet.TAG.value, job.tags
    yield JobFacet.COLLECTION.value, job.collections
    yield SHARED, job.shared_with
    yield STARRED, job.starred_by
