"""When an idle endpoint will stop, from what CloudWatch knows of its jobs."""

from datetime import UTC, datetime, timedelta

import pytest

from core.endpoints.scaling.idle import BacklogHistory, backlog_history, stops_at
from core.endpoints.scaling.spec import ScalingSpec

NINE = datetime(2026, 11, 27, 9, tzinfo=UTC)


def at(minute: int) -> datetime:
    return NINE + timedelta(minutes=minute)


@pytest.mark.parametrize(
    ("values", "last_busy", "is_busy"),
    [
        ({}, None, False),
        ({0: 0, 1: 0}, None, False),
        ({0: 2, 1: 1}, 2, True),
        ({0: 2, 1: 1, 2: 0}, 2, False),
        ({5: 0, 1: 3, 3: 0}, 2, False),  # newest first, as CloudWatch gives them
    ],
)
def test_the_history_of_a_backlog(
    values: dict[int, float], last_busy: int | None, is_busy: bool
) -> None:
    history = backlog_history({at(minute): value for minute, value in values.items()})
    expected = None if last_busy is None else (at(last_busy), is_busy)
    assert (history and (history.last_busy, history.is_busy)) == expected


@pytest.mark.parametrize(
    ("idle", "last_busy", "is_busy", "since", "stops"),
    [
        (30, 10, False, 0, 40),
        (30, 10, True, 0, None),
        (30, None, False, 5, 35),
        (30, 10, False, 20, 50),  # woken after the last job
        (1, 10, False, 0, 11),
    ],
)
def test_when_it_stops(
    idle: int, last_busy: int | None, is_busy: bool, since: int, stops: int | None
) -> None:
    spec = ScalingSpec(idle_minutes=idle)
    history = (
        None if last_busy is None else BacklogHistory(last_busy=at(last_busy), is_busy=is_busy)
    )
    told = stops_at(spec, history, at(since))
    assert told == (None if stops is None else at(stops))
