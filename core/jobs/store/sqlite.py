"""Keeps the job list in SQLite: the store of the embedded backend."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any, Final

from core.jobs.records import OPEN_STATES, Job, JobFilter, JobPage, JobState
from core.jobs.store.interface import (
    Condition,
    JobChanges,
    OnWrite,
    always,
    check_cursor,
    read_score_cursor,
    score_cursor,
    tell_nobody,
)
from core.records.stored import read_stored

_SCORE: Final = "json_extract(body, '$.pose_score')"
_VISIBILITY: Final = "json_extract(body, '$.visibility')"
_TRASHED_AT: Final = "json_extract(body, '$.trashed_at')"
_IN_TRASH: Final = f"({_TRASHED_AT} IS NOT NULL)"
_SCHEMA: Final = f"""
CREATE TABLE IF NOT EXISTS jobs (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, state TEXT NOT NULL, body TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_state ON jobs (state, id);
CREATE INDEX IF NOT EXISTS listed_by_time ON jobs ({_IN_TRASH}, id);
CREATE INDEX IF NOT EXISTS listed_by_owner ON jobs ({_IN_TRASH}, owner, id);
CREATE INDEX IF NOT EXISTS listed_by_state ON jobs ({_IN_TRASH}, state, id);
CREATE INDEX IF NOT EXISTS listed_by_score ON jobs ({_IN_TRASH}, {_SCORE}, id);
CREATE INDEX IF NOT EXISTS listed_by_visibility ON jobs ({_IN_TRASH}, {_VISIBILITY}, id);
CREATE INDEX IF NOT EXISTS by_trash_time ON jobs ({_TRASHED_AT}) WHERE {_TRASHED_AT} IS NOT NULL;
DROP INDEX IF EXISTS by_owner;
DROP INDEX IF EXISTS by_score;
DROP INDEX IF EXISTS by_visibility;
CREATE TABLE IF NOT EXISTS lease (value TEXT NOT NULL);
"""
"""Ids are ULIDs, so that their order is the order of creation. What was added later is an index of
the body, so that the file of an older version gets it at its next start."""

_CHANGES_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS job_changes (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE
);
CREATE TRIGGER IF NOT EXISTS job_added AFTER INSERT ON jobs
    BEGIN INSERT OR REPLACE INTO job_changes (id) VALUES (new.id); END;
CREATE TRIGGER IF NOT EXISTS job_changed AFTER UPDATE ON jobs
    BEGIN INSERT OR REPLACE INTO job_changes (id) VALUES (new.id); END;
CREATE TRIGGER IF NOT EXISTS job_deleted AFTER DELETE ON jobs
    BEGIN INSERT OR REPLACE INTO job_changes (id) VALUES (old.id); END;
"""
"""`job_changes` has the number of each job's last write, its deletion too, whichever version of
this software wrote."""

_OPEN_STATES: Final = json.dumps(sorted(OPEN_STATES))
_SELECT_OPEN: Final = """
SELECT id, body FROM jobs WHERE state IN (SELECT value FROM json_each(?)) ORDER BY id
"""
_SELECT_MANY: Final = "SELECT id, body FROM jobs WHERE id IN (SELECT value FROM json_each(?))"
_SELECT_PAGE: Final = ("SELECT id, body,", _SCORE, "FROM jobs WHERE")
_SELECT_CHANGES: Final = "SELECT id, number FROM job_changes WHERE number > ? ORDER BY number"
_LAST_CHANGE: Final = "SELECT COALESCE(MAX(number), 0) FROM job_changes"
_SELECT_TRASHED: Final = (
    "SELECT id, body FROM jobs WHERE",
    f"{_TRASHED_AT} IS NOT NULL AND {_TRASHED_AT} < ? ORDER BY {_TRASHED_AT} LIMIT ?",
)
_DELETE_CLOSED: Final = """
DELETE FROM jobs WHERE id = ? AND state NOT IN (SELECT value FROM json_each(?))
"""


class SqliteJobStore:
    """JobStore in one file; safe for several threads and processes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.on_write: OnWrite = tell_nobody
        self._lock = Lock()
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=30)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")  # a job once shown survives a power cut
        self._db.executescript(_SCHEMA)
        self._db.executescript(_CHANGES_SCHEMA)

    def add(self, job: Job) -> bool:
        """Keep a new job. False where its id is kept already."""
        with self._transaction() as db:
            cursor = db.execute(
                "INSERT OR IGNORE INTO jobs VALUES (?, ?, ?, ?)",
                (job.id, job.owner, job.state, job.stored),
            )
        is_new = cursor.rowcount == 1
        if is_new:
            self.on_write(job.id, job)
        return is_new

    def get(self, job_id: str) -> Job | None:
        """One record, or None."""
        rows = self._rows("SELECT id, body FROM jobs WHERE id = ?", (job_id,))
        return next(iter(_readable(rows)), None)

    def get_many(self, job_ids: Sequence[str]) -> tuple[Job, ...]:
        """Those of up to 100 records that are there, in the order of the ids."""
        found = {job.id: job for job in _readable(self._rows(_SELECT_MANY, (json.dumps(job_ids),)))}
        return tuple(found[job_id] for job_id in job_ids if job_id in found)

    def update(
        self,
        job_id: str,
        when: AbstractSet[JobState],
        changes: dict[str, Any],
        only_if: Condition = always,
    ) -> Job | None:
        """Change fields of a job in one of the states `when`; None where it is not."""
        with self._transaction() as db:
            row = db.execute("SELECT body FROM jobs WHERE id = ?", (job_id,)).fetchone()
            job = read_stored(Job, row[0], job_id) if row else None
            if job is None or job.state not in when or not only_if(job):
                return None
            changed = job.with_changes(changes)
            db.execute(
                "UPDATE jobs SET owner = ?, state = ?, body = ? WHERE id = ?",
                (changed.owner, changed.state, changed.stored, job_id),
            )
        self.on_write(job_id, changed)
        return changed

    def page(self, which: JobFilter, limit: int = 50, cursor: str | None = None) -> JobPage:
        """Records in the filter's order, those after the job that `cursor` names."""
        by_score = which.is_by_score
        where, values = (_score_where if by_score else _time_where)(which, cursor)
        order = f"{_SCORE} DESC, id DESC" if by_score else "id DESC"
        sql = " ".join((*_SELECT_PAGE, where, "ORDER BY", order, "LIMIT ?"))
        rows = self._rows(sql, (*values, limit + 1))
        jobs = _readable((job_id, body) for job_id, body, _ in rows[:limit])
        if len(rows) <= limit:
            return JobPage(jobs=jobs)
        last_id, _, score = rows[limit - 1]
        return JobPage(jobs=jobs, cursor=score_cursor(score, last_id) if by_score else last_id)

    def open_jobs(self) -> tuple[Job, ...]:
        """All queued and running jobs, oldest first."""
        return _readable(self._rows(_SELECT_OPEN, (_OPEN_STATES,)))

    def changes(self, cursor: str = "") -> JobChanges:
        """Jobs that were written or deleted since; each is told of once."""
        last = int(self._rows(_LAST_CHANGE, ())[0][0])
        if not cursor:
            return JobChanges((), str(last))
        # A cursor beyond the last number is of a file that a backup has replaced.
        rows = self._rows(_SELECT_CHANGES, (int(cursor) if int(cursor) <= last else 0,))
        ids = tuple(job_id for job_id, _ in rows)
        return JobChanges(ids, str(last))

    def trashed_before(self, moment: datetime, limit: int = 100) -> tuple[Job, ...]:
        """Jobs that went into the trash before then, the first first."""
        # As text, so that one of the same second may be left for the next call.
        before = f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"
        return _readable(self._rows(" ".join(_SELECT_TRASHED), (before, limit)))

    def delete(self, job_id: str) -> bool:
        """Forget a closed job. False where it is gone or still open."""
        with self._transaction() as db:
            is_deleted = db.execute(_DELETE_CLOSED, (job_id, _OPEN_STATES)).rowcount == 1
        if is_deleted:
            self.on_write(job_id, None)
        return is_deleted

    def lease(self) -> str:
        """Who follows the jobs of this list, or ""."""
        rows = self._rows("SELECT value FROM lease", ())
        return str(rows[0][0]) if rows else ""

    def swap_lease(self, old: str, new: str) -> bool:
        """Put `new` in the place of `old`. False where another value is there by now."""
        with self._transaction() as db:
            row = db.execute("SELECT value FROM lease").fetchone()
            if (row[0] if row else "") != old:
                return False
            db.execute("DELETE FROM lease")
            db.execute("INSERT INTO lease VALUES (?)", (new,))
            return True

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()

    def _rows(self, sql: str, values: tuple[Any, ...]) -> list[Any]:
        with self._lock:
            return self._db.execute(sql, values).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """One transaction that holds the file's write lock from its first read on."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")


def _readable(rows: Iterable[tuple[str, str]]) -> tuple[Job, ...]:
    """The jobs of rows of id and body."""
    jobs = (read_stored(Job, body, job_id) for job_id, body in rows)
    return tuple(job for job in jobs if job)


def _time_where(which: JobFilter, cursor: str | None) -> tuple[str, tuple[Any, ...]]:
    check_cursor(cursor)
    return _where({**_equal(which), "id < ?": cursor})


def _score_where(which: JobFilter, cursor: str | None) -> tuple[str, tuple[Any, ...]]:
    where, values = _where({**_equal(which), f"{_SCORE} >= ?": which.min_pose_score})
    if cursor is None:
        return where, values
    return f"{where} AND ({_SCORE}, id) < (?, ?)", (*values, *read_score_cursor(cursor))


def _equal(which: JobFilter) -> dict[str, Any]:
    return {
        f"{_IN_TRASH} = ?": which.in_trash,
        "owner = ?": which.owner,
        "state = ?": which.state,
        f"{_VISIBILITY} = ?": which.visibility,
    }


def _where(parts: dict[str, Any]) -> tuple[str, tuple[Any, ...]]:
    given = {sql: value for sql, value in parts.items() if value is not None}
    return " AND ".join(given) or "TRUE", tuple(given.values())
