"""Measures what following jobs costs: the embedded AWS's share of a core, the container's calls.

    .venv/bin/python -m bench.following_cost [--queued 100] [--seconds 60]

One endless job runs on the real container, so many wait behind it, and nobody looks; then somebody
looks at all of them. The calls of a dashboard are counted by the tests beside
`core/jobs/following`, which print their table with `-s`.
"""

import argparse
import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Final

import psutil
from pydantic import SecretStr

from bench.call_costs import PRICES
from bench.page_way import CHECKPOINT
from bench.whole_way import ROOT, prepare, until
from core.aws.client import Connection
from core.ids import new_id
from core.jobs.preparing.draft import Draft
from core.jobs.records import JobFilter, JobState
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from local_aws.launcher import launch
from sagemaker_container.server.heartbeat import InstanceHeartbeat
from sagemaker_container.server.supervisor import JobProgress

_JOBS: Final = 8
_HEARTBEAT_SECONDS: Final = 20
_HOURLY: Final = {"ml.g4dn.xlarge": 0.736, "ml.g5.xlarge": 1.408, "ml.g6e.xlarge": 2.243}
"""Dollars an hour of hosting, us-east-1, list prices of 2025."""

_LONG: Final[dict[str, Any]] = {"steps": 150, "width": 512, "height": 512, "batch_count": 16}


def main() -> None:
    """Run all measurements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--queued", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--ends", type=int, default=10)
    asked = parser.parse_args()
    measure_container()
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        command = (str(ROOT / settings.container_python), "-m", "sagemaker_container", "serve")
        with launch(settings.data, container_command=command) as aws:
            connection = Connection(
                url=aws.url,
                access_key=aws.access_key,
                secret_key=SecretStr(aws.secret_key),
                region=aws.region,
            )
            with open_studio(settings, connection) as studio:
                prepare(studio, Path(folder))
                with open_studio(settings, connection) as other:
                    measure_ends(studio, other, asked.ends)
                measure_embedded_aws(studio, psutil.Process(aws.pid), asked.queued, asked.seconds)


class CountingBucket:
    """Takes the calls of a heartbeat and counts them; answers as an S3 without a cancel."""

    def __init__(self) -> None:
        self.calls: Counter[str] = Counter()

    def put(self, *_: object) -> None:
        """PutObject."""
        self.calls["S3 PUT, LIST"] += 1

    def delete(self, _: str) -> None:
        """DeleteObject."""
        self.calls["S3 DELETE"] += 1

    def head(self, _: str) -> None:
        """HeadObject of the last cancel."""
        self.calls["S3 GET, HEAD"] += 1

    def exists(self, _: str) -> bool:
        """HeadObject of a job's own cancel."""
        self.calls["S3 GET, HEAD"] += 1
        return False

    def progress(self, _: str) -> JobProgress:
        """The supervisor's part."""
        return JobProgress(preview=b"webp")


def measure_container() -> None:
    """The heartbeat's calls while eight jobs run, against the price of the instance."""
    bucket: Any = CountingBucket()

    async def run() -> None:
        heartbeat = InstanceHeartbeat(bucket, bucket, "i-1", lambda: datetime.now(UTC))
        blocks = [heartbeat.running(new_id()) for _ in range(_JOBS)]
        for block in blocks:
            block.__enter__()
        await asyncio.sleep(_HEARTBEAT_SECONDS)
        for block in blocks:
            block.__exit__(None, None, None)

    asyncio.run(run())
    cost = sum(PRICES[kind] * number for kind, number in bucket.calls.items()) / 1e6
    an_hour = cost / _HEARTBEAT_SECONDS * 3600
    print(f"container, {_JOBS} jobs, {_HEARTBEAT_SECONDS} s: {dict(bucket.calls)}")
    for instance, price in _HOURLY.items():
        print(f"  ${an_hour:.4f} an hour, {an_hour / price:.2%} of {instance}")


def measure_ends(studio: Studio, other: Studio, count: int) -> None:
    """From a container's end of a job to a page of two dashboards that share queue and records."""
    seen: dict[str, list[float]] = {"its own dashboard": [], "another dashboard": []}
    for _ in range(count):
        job_id = click(studio, steps=8, width=128, height=128)
        with ThreadPoolExecutor(2) as pool:
            looks = [pool.submit(seen_end, each, job_id) for each in (studio, other)]
            times = [look.result() for look in looks]
        result = studio.jobs.detail(LOCAL, job_id).result
        if result is None:
            raise SystemExit(f"job {job_id} has no result")
        for name, at in zip(seen, times, strict=True):
            seen[name].append((at - result.ended_at).total_seconds())
    for name, seconds in seen.items():
        print(f"end of a job to a page of {name}: median {median(seconds):.2f} s, ", end="")
        print(f"worst {max(seconds):.2f} s", flush=True)


def seen_end(studio: Studio, job_id: str) -> datetime:
    """When a live view, which asks every 0.6 s, was told that the job is over."""
    until(lambda: not studio.jobs.get(LOCAL, job_id).state.is_open, every=0.6)
    return datetime.now(UTC)


def measure_embedded_aws(
    studio: Studio, server: psutil.Process, queued: int, seconds: float
) -> None:
    """The share of a core that the embedded AWS's own process takes."""
    share("embedded AWS, nothing to do", server, seconds, lambda: None)
    click(studio, **_LONG)
    for _ in range(queued):
        click(studio, steps=1)
    until(lambda: sum(job.state is JobState.QUEUED for job in studio.jobs.open(LOCAL)) >= queued)
    until(lambda: all(j.sent_at or j.is_in_line for j in studio.jobs.open(LOCAL)))
    time.sleep(10)  # until nobody looks any more
    share(f"embedded AWS, 1 running and {queued} queued", server, seconds, lambda: None)

    def look() -> None:
        studio.jobs.page(LOCAL, JobFilter(), 50)

    share("the same, the list shown", server, seconds, look)
    for job in studio.jobs.open(LOCAL):
        studio.jobs.cancel(LOCAL, job.id)


def click(studio: Studio, **changes: Any) -> str:
    """Submit one job. Returns its id."""
    values: dict[str, Any] = {
        "endpoint": "bench",
        "checkpoints": (CHECKPOINT,),
        "prompt": "a cute dog",
        "width": 64,
        "height": 64,
    }
    return studio.jobs.submit(LOCAL, Draft(**{**values, **changes}), new_id())[0].id


def share(what: str, server: psutil.Process, seconds: float, look: Callable[[], None]) -> None:
    """One line: how much of a core the process took meanwhile."""
    before, begun = server.cpu_times(), time.monotonic()
    while time.monotonic() - begun < seconds:
        look()
        time.sleep(1.5)
    after, took = server.cpu_times(), time.monotonic() - begun
    used = after.user + after.system - before.user - before.system
    print(f"{what:48s} {used / took:7.2%} of a core", flush=True)


if __name__ == "__main__":
    main()
