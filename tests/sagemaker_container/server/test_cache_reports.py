"""An instance tells which model files it holds: at once when they change, seldom else."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from formats.generation.progress import CacheReport
from formats.generation.result import ErrorCode
from sagemaker_container.errors import JobError
from sagemaker_container.messages import CachedModels
from sagemaker_container.server.cache_reports import CacheReporter

A, B = "a" * 64, "b" * 64
START = datetime(2026, 11, 29, tzinfo=UTC)


class Instance:
    """A bucket and a worker, as far as the reporter knows them."""

    def __init__(self, endpoint: str = "team") -> None:
        self.now = START
        self.cached = CachedModels()
        self.stored: list[CacheReport] = []
        self.is_there = False
        self.is_away = False
        bucket = cast("Any", self)
        self.reporter = CacheReporter(bucket, endpoint, "one", lambda: self.cached, self.clock)

    def clock(self) -> datetime:
        return self.now

    def put(self, key: str, data: bytes, _: str) -> None:
        assert key == "caches/one.json"
        if self.is_away:
            raise JobError(ErrorCode.STORAGE, "S3 is away.")
        self.stored.append(CacheReport.model_validate_json(data))
        self.is_there = True

    def delete(self, _: str) -> None:
        self.is_there = False

    def after(self, cached: CachedModels, **later: float) -> int:
        """How many reports there are after another look."""
        self.cached, self.now = cached, self.now + timedelta(**later)
        asyncio.run(self.reporter.report())
        return len(self.stored)


def test_only_changes_and_signs_of_life_are_written() -> None:
    instance = Instance()
    steps = [
        (CachedModels(), {"seconds": 1}, 1),
        (CachedModels(), {"seconds": 1}, 1),
        (CachedModels(on_disk=(A,)), {"seconds": 1}, 2),
        (CachedModels(in_memory=(B, A), on_disk=(A,)), {"seconds": 1}, 3),
        (CachedModels(in_memory=(A, B), on_disk=(A,)), {"seconds": 1}, 3),
        (CachedModels(in_memory=(A, B), on_disk=(A,)), {"hours": 1}, 4),
    ]
    assert [instance.after(held, **later) for held, later, _ in steps] == [n for *_, n in steps]
    last = instance.stored[-1]
    assert (last.endpoint, last.in_memory, last.on_disk) == ("team", (A, B), (A,))


def test_what_s3_refused_is_written_with_the_next_look() -> None:
    instance = Instance()
    instance.is_away = True
    assert instance.after(CachedModels()) == 0
    instance.is_away = False
    assert instance.after(CachedModels()) == 1


@pytest.mark.parametrize(("endpoint", "reports"), [("team", 1), ("", 0)])
def test_the_end_removes_it_for_good(endpoint: str, reports: int) -> None:
    instance = Instance(endpoint)
    assert instance.after(CachedModels()) == reports
    asyncio.run(instance.reporter.remove())
    assert instance.after(CachedModels(on_disk=(A,))) == reports
    assert not instance.is_there
