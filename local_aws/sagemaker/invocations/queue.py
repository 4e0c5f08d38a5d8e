"""Owns the durable queue of asynchronous invocations: first in, first out, per endpoint."""

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock

from local_aws.document_store import SqliteDatabase

_NEVER = 1e12
_SCHEMA = """
create table if not exists invocation (
    number integer primary key autoincrement, endpoint text not null, running integer not null,
    expires real not null, document text not null, body blob
);
create index if not exists invocation_line on invocation (endpoint, running, number);
"""


@dataclass(frozen=True)
class Invocation:
    """One accepted InvokeEndpointAsync. Times in Unix seconds, `timeout` in seconds.

    The input is either `body` or the object at `input_location`; `headers` go to the container.
    """

    endpoint: str
    inference_id: str
    output_location: str
    received: float
    expires: float
    timeout: float
    headers: Mapping[str, str] = field(default_factory=dict)
    failure_location: str | None = None
    input_location: str | None = None
    body: bytes | None = None
    number: int = 0


class InvocationQueue:
    """Invocations that wait or run. What was running when the process died waits again."""

    def __init__(self, path: Path) -> None:
        self._database = SqliteDatabase(path, _SCHEMA)
        self._processed: Counter[str] = Counter()
        """Invocations that ended, by endpoint; deliveries end in many threads."""
        self._counting = Lock()
        # An invocation that had begun in time doesn't expire by being run again.
        self._database.execute(
            "update invocation set running = 0, expires = ? where running = 1", _NEVER
        )

    def put(self, invocation: Invocation) -> None:
        """Append an invocation; it is on disk when this returns."""
        document = asdict(invocation)
        body = document.pop("body")
        self._database.execute(
            "insert into invocation (endpoint, running, expires, document, body) "
            "values (?, 0, ?, ?, ?)",
            invocation.endpoint,
            invocation.expires,
            json.dumps(document),
            body,
        )

    def claim(self, endpoint: str) -> Invocation | None:
        """Take the oldest waiting invocation of the endpoint; it counts as running from now on."""
        rows = self._database.execute(
            "update invocation set running = 1 where number = (select min(number) from invocation "
            "where endpoint = ? and running = 0) returning *",
            endpoint,
        )
        return _from_row(rows[0]) if rows else None

    def pop_expired(self, now: float) -> list[Invocation]:
        """Remove and return the waiting invocations that outlived their RequestTTLSeconds."""
        rows = self._database.execute(
            "delete from invocation where running = 0 and expires <= ? returning *", now
        )
        return sorted(map(_from_row, rows), key=lambda invocation: invocation.number)

    def requeue(self, invocation: Invocation) -> None:
        """Return an invocation that no container got to its old place in the queue."""
        self._database.execute(
            "update invocation set running = 0 where number = ?", invocation.number
        )

    def remove(self, invocation: Invocation) -> None:
        """Delete an invocation whose outcome is stored."""
        self._database.execute("delete from invocation where number = ?", invocation.number)
        with self._counting:
            self._processed[invocation.endpoint] += 1

    def processed(self, endpoint: str) -> int:
        """How many invocations of the endpoint ended since this process began."""
        with self._counting:
            return self._processed[endpoint]

    def backlog(self, endpoint: str) -> int:
        """How many invocations of the endpoint wait or run."""
        rows = self._database.execute(
            "select count(*) as n from invocation where endpoint = ?", endpoint
        )
        return int(rows[0]["n"])

    def remove_all(self, endpoint: str) -> None:
        """Delete all invocations of an endpoint that is deleted."""
        self._database.execute("delete from invocation where endpoint = ?", endpoint)

    def close(self) -> None:
        """Close the file; the queue must not be used afterwards."""
        self._database.close()


def _from_row(row: sqlite3.Row) -> Invocation:
    document = json.loads(row["document"])
    return Invocation(**{**document, "number": row["number"], "body": row["body"]})
