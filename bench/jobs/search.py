"""Measures the search of jobs: building the index, a page, its facets, and what they ask of AWS.

    .venv/bin/python -m bench.jobs.search [--sizes 100 10000 100000] [--repeats 20]

Prints JSON for each store and size: seconds of the index's first build, its size in MB, and of each
view the calls of AWS and the milliseconds of page and facets (median and slowest). On SQLite the
index is built as a dashboard does it. DynamoDB is moto in this process, which takes seconds for one
query of a long list: its records are laid into it, the index is filled from the same records, and
only calls are counted there.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends
from moto.server import ThreadedMotoServer
from pydantic import SecretStr
from ulid import ULID

from core.aws.client import Aws, Connection
from core.ids import utc_now
from core.jobs.records import Job, JobScope, JobState
from core.jobs.search.index import JobIndex
from core.jobs.search.query import JobFacet, JobQuery
from core.jobs.search.service import JobSearch
from core.jobs.search.sync import IndexSync
from core.jobs.store.authorized import AuthorizedJobs
from core.jobs.store.dynamodb import DynamoJobStore, _item, table_definition
from core.jobs.store.interface import JobStore
from core.jobs.store.sqlite import SqliteJobStore
from core.records.sqlite import SqliteRecordStore
from core.team.access import Access
from core.team.permissions import Visibility
from core.team.sharing import Sharing
from core.team.users import Role, User
from formats.generation.parameters import Mode

REGION: Final = "us-east-1"
ANN: Final = User(name="p0", role=Role.OPERATOR)
VIEWS: Final = {
    "all of mine": JobQuery(),
    "everybody's": JobQuery(scope=JobScope.EVERYBODY),
    "words": JobQuery(text="cat -black"),
    "words and facets": JobQuery(
        text='"golden hour"',
        choices={JobFacet.TAG: ("tag 1", "tag 2"), JobFacet.STATE: ("succeeded",)},
    ),
    "favourites": JobQuery(favourites=True),
}
_WORDS: Final = (
    *("cat", "dog", "black", "garden", "rain", "portrait", "golden hour", "35 mm", "film grain"),
    *("castle", "sailor", "dancer", "street", "night", "masterpiece", "sharp focus", "neon"),
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 10_000, 100_000])
    parser.add_argument("--repeats", type=int, default=20)
    options = parser.parse_args()
    for size in options.sizes:
        jobs = list(jobs_of_a_year(size))
        for name, measure in (("sqlite", _on_sqlite), ("dynamodb", _on_dynamodb)):
            with tempfile.TemporaryDirectory() as folder:
                found = measure(jobs, Path(folder), options.repeats)
            print(json.dumps({"store": name, "jobs": size, **found}), flush=True)


def jobs_of_a_year(count: int) -> Iterator[Job]:
    """Of twenty people, over a year, one in two of who looks."""
    choose = random.Random(7)
    start = datetime(2026, 11, 1, tzinfo=UTC)
    for number in range(count):
        at = start - timedelta(minutes=5 * number)
        words = choose.sample(_WORDS, 6)
        yield Job(
            id=str(ULID.from_datetime(at)),
            owner=f"p{choose.choice((0, choose.randrange(20)))}",
            visibility=choose.choice((Visibility.PRIVATE, Visibility.TEAM)),
            endpoint=f"endpoint-{choose.randrange(4)}",
            state=choose.choices(list(JobState)[2:], (90, 6, 4))[0],
            created_at=at,
            updated_at=at,
            mode=choose.choice(list(Mode)),
            checkpoint=f"checkpoint-{choose.randrange(30)}.safetensors",
            prompt=", ".join(words),
            negative_prompt="blurry, bad hands, watermark",
            loras=(f"lora-{choose.randrange(200)}.safetensors",) * choose.randrange(2),
            tags=tuple({f"tag {choose.randrange(40)}" for _ in range(choose.randrange(3))}),
            starred_by=("p0",) * (choose.random() < 0.05),
            pose_score=choose.choice((None, round(choose.random(), 2))),
        )


def _on_sqlite(jobs: list[Job], folder: Path, repeats: int) -> dict[str, Any]:
    store = SqliteJobStore(folder / "jobs.sqlite")
    with store._transaction() as db:
        rows = ((job.id, job.owner, job.state, job.stored) for job in jobs)
        db.executemany("INSERT INTO jobs VALUES (?, ?, ?, ?)", rows)
    with _search(store, folder) as search:
        seconds, _ = _timed(search.look)
        views = {name: _view(search, query, repeats) for name, query in VIEWS.items()}
    megabytes = (folder / "index.sqlite").stat().st_size / 1e6
    store.close()
    return {"build_s": round(seconds, 2), "index_mb": round(megabytes, 1), "views": views}


def _on_dynamodb(jobs: list[Job], folder: Path, _repeats: int) -> dict[str, Any]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url, key = f"http://{host}:{port}", "bench"
    aws = Aws(Connection(url=url, access_key=key, secret_key=SecretStr(key), region=REGION))
    name = f"jobs-{ULID()}"
    aws.dynamodb().create_table(**table_definition(name))
    store = DynamoJobStore(aws, name)
    table = dynamodb_backends[DEFAULT_ACCOUNT_ID][REGION].get_table(name)
    for job in jobs:
        table.put_item(_item(job, job.updated_at))
    calls: Counter[str] = Counter()
    store._db.meta.events.register(
        "before-send.dynamodb.*",
        lambda event_name, **_: calls.update([event_name.rpartition(".")[2]]),
    )
    found = {}
    with _search(store, folder) as search:
        search._index.put(jobs)
        search._index.set_state(built="yes", cursor=store.changes().cursor)
        search._sync._is_built = True
        for view, query in VIEWS.items():
            search._sync._next = 0.0
            calls.clear()
            search.page(ANN, query)
            search.facets(ANN, query)
            found[view] = dict(calls)
    store.close()
    server.stop()
    return {"calls": found}


@contextmanager
def _search(store: JobStore, folder: Path) -> Iterator[JobSearch]:
    records = SqliteRecordStore(folder / "records.sqlite")
    access = Access()
    jobs = AuthorizedJobs(store, Sharing(records, utc_now), access)
    index = JobIndex(folder / "index.sqlite", "bench")
    search = JobSearch(jobs, access, index, IndexSync(store, index, utc_now), lambda job: job)
    yield search
    search.close()
    records.close()


def _view(search: JobSearch, query: JobQuery, repeats: int) -> dict[str, Any]:
    """`first` is after a change of the index, `again` before the next one; all facets are counted
    where the panel of filters is open, else the states alone."""
    asks = {
        "page": lambda: search.page(ANN, query),
        "states": lambda: search.facets(ANN, query, (JobFacet.STATE,)),
        "facets": lambda: search.facets(ANN, query),
    }
    spent: dict[str, list[float]] = {}
    for _ in range(repeats):
        search._known = {}
        for run in ("first", "again"):
            for name, ask in asks.items():
                spent.setdefault(f"{name}_{run}_ms", []).append(1000 * _timed(ask)[0])
    found = search.page(ANN, query).found
    return {"found": found, **{name: _spread(values) for name, values in spent.items()}}


def _spread(values: list[float]) -> list[float]:
    return [round(statistics.median(values), 1), round(max(values), 1)]


def _timed(act: Callable[[], Any]) -> tuple[float, Any]:
    begin = time.perf_counter()
    answer = act()
    return time.perf_counter() - begin, answer


if __name__ == "__main__":
    main()
