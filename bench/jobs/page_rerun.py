"""Measures a rerun of Generate and Jobs with many jobs: the script alone, without a browser.

    .venv/bin/python -m bench.jobs.page_rerun [--sizes 100 10000] [--repeats 100]

Prints JSON for each number of jobs and page: milliseconds of a rerun, median, 95th percentile and
slowest, after the first three. The embedded AWS answers over HTTP; its endpoint draws nothing.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from streamlit.testing.v1 import AppTest

from bench.jobs.search import jobs_of_a_year
from core.aws.client import Connection
from core.jobs.records import JobScope
from core.jobs.search.query import JobQuery
from core.jobs.store.sqlite import SqliteJobStore
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from local_aws.launcher import launch
from tests.support.helpers import ROOT, wait_for
from tests.support.page_fixtures import STUB
from ui.state import set_studio

PAGES: Final = ("generate", "jobs")
_NOT_COUNTED: Final = 3


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[100, 10_000])
    parser.add_argument("--repeats", type=int, default=100)
    options = parser.parse_args()
    for size in options.sizes:
        with tempfile.TemporaryDirectory() as folder:
            for row in _measure(Path(folder), size, options.repeats):
                print(json.dumps({"jobs": size, **row}), flush=True)


def _measure(folder: Path, size: int, repeats: int) -> list[dict[str, Any]]:
    settings = Settings(demo=False, data=folder / "data", bucket="bench", poll_seconds=0.5)
    _fill(settings, size)
    with launch(folder / "aws", container_command=STUB) as aws:
        connection = Connection(
            url=aws.url,
            access_key=aws.access_key,
            secret_key=SecretStr(aws.secret_key),
            region=aws.region,
        )
        with open_studio(settings, connection) as studio:
            set_studio(studio)
            studio.endpoints.create(LOCAL, "bench", "ml.m5.large", 1)
            wait_for(lambda: studio.endpoints.list(LOCAL, refresh=True)[0].accepts_jobs)
            wait_for(lambda: studio.search.status().is_ready)
            rows = [_page(studio, name, repeats) for name in PAGES]
            set_studio(None)
    return rows


def _fill(settings: Settings, size: int) -> None:
    store = SqliteJobStore(settings.data / "jobs.sqlite")
    with store._transaction() as db:
        found = (job.model_copy(update={"owner": LOCAL.name}) for job in jobs_of_a_year(size))
        rows = ((job.id, job.owner, job.state, job.stored) for job in found)
        db.executemany("INSERT INTO jobs VALUES (?, ?, ?, ?)", rows)
    store.close()


def _page(studio: Studio, name: str, repeats: int) -> dict[str, Any]:
    app = AppTest.from_file(str(ROOT / "ui" / "main.py"), default_timeout=120).run()
    if name != "generate":
        app.switch_page(f"../pages/{name}.py").run()
    took = []
    for number in range(repeats + _NOT_COUNTED):
        start = time.perf_counter()
        app.run()
        if number >= _NOT_COUNTED:
            took.append(1000 * (time.perf_counter() - start))
        assert not app.exception, app.exception
    found = sorted(took)
    return {
        "page": name,
        "found": studio.search.page(LOCAL, JobQuery(scope=JobScope.EVERYBODY), 1).found,
        "median_ms": round(statistics.median(found), 1),
        "p95_ms": round(found[int(0.95 * len(found))], 1),
        "slowest_ms": round(found[-1], 1),
    }


if __name__ == "__main__":
    main()
