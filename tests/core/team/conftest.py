"""What the tests of the team share: records of their own and a clock that they move."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import AwsUnreachable
from core.records.sqlite import SqliteRecordStore


class MovedClock:
    """The time, which stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **by: float) -> None:
        self.now += timedelta(**by)


class SilentRecords(SqliteRecordStore):
    """Answers until it is told not to."""

    silent = False

    def get(self, *arguments: Any) -> Any:
        if self.silent:
            raise AwsUnreachable("No answer.")
        return super().get(*arguments)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def records(tmp_path: Path) -> Iterator[SqliteRecordStore]:
    store = SqliteRecordStore(tmp_path / "records.sqlite")
    yield store
    store.close()


@pytest.fixture
def silent_records(tmp_path: Path) -> Iterator[SilentRecords]:
    store = SilentRecords(tmp_path / "records.sqlite")
    yield store
    store.close()
