"""Instance seconds: counted once whoever looks, over gaps, months and restarts."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from core.endpoints.costs.instance_seconds import ScalingStep
from core.endpoints.costs.ledger import USAGE, UsageLedger, usage_id
from core.endpoints.service import Endpoint, EndpointStatus
from core.records.interface import RecordStore

CREATED = datetime(2026, 11, 22, 12, tzinfo=UTC)
TYPE = "ml.g5.xlarge"


def endpoint(**changes: Any) -> Endpoint:
    """One that got InService five minutes after its creation."""
    values = {
        "name": "team",
        "status": EndpointStatus.IN_SERVICE,
        "instance_type": TYPE,
        "instances": 1,
        "desired": 1,
        "created_at": CREATED,
        "changed_at": after(5),
        "owner": "ann",
        "accepts_jobs": True,
    }
    return Endpoint(**{**values, **changes})


def after(minutes: float) -> datetime:
    """So long after the creation."""
    return CREATED + timedelta(minutes=minutes)


def steps(*times: tuple[float, int]) -> Sequence[ScalingStep]:
    return [ScalingStep(at=after(minutes), instances=count) for minutes, count in times]


def ledger(records: RecordStore, *scaled: tuple[float, int]) -> UsageLedger:
    return UsageLedger(records, lambda _name: steps(*scaled))


def minutes(seconds: dict[str, float]) -> float:
    assert set(seconds) <= {TYPE}
    return seconds.get(TYPE, 0) / 60


def test_looks_add_up_whoever_looks(records: RecordStore) -> None:
    dashboards = [ledger(records), ledger(records)]
    counts = {0: 0, 5: 1, 30: 3, 60: 0}
    count = 0
    for minute in range(91):
        count = counts.get(minute, count)
        seen = endpoint(instances=count, changed_at=after(max(0, minute - 1)))
        for dashboard in dashboards:
            usage = dashboard.look(seen, after(minute), is_busy=False)
    assert minutes(usage.seconds) == 25 * 1 + 30 * 3
    assert usage.estimated == {}


def test_dashboards_that_look_at_the_same_time_count_once(records: RecordStore) -> None:
    one = ledger(records)
    one.look(endpoint(), after(6), is_busy=False)
    with ThreadPoolExecutor(8) as pool:
        looks = [
            pool.submit(ledger(records).look, endpoint(), after(8), is_busy=False) for _ in range(8)
        ]
        found = [look.result() for look in looks]
    assert {minutes(usage.seconds) for usage in found} == {3}


@pytest.mark.parametrize(
    ("seen", "scaled", "expected", "estimated"),
    [
        pytest.param({}, (), 595, 0, id="nothing changed"),
        pytest.param({"instances": 0, "changed_at": after(300)}, (), 295, 290, id="scaled"),
        pytest.param(
            {"instances": 0, "changed_at": after(300)},
            ((100, 3), (200, 1), (300, 0)),
            95 + 3 * 100 + 100,
            0,
            id="AWS tells how it scaled",
        ),
        pytest.param(
            {"instances": 1, "changed_at": after(500)}, ((3, 1),), 595, 490, id="older steps"
        ),
        pytest.param({"status": EndpointStatus.FAILED}, (), 5, 0, id="failed since"),
    ],
)
def test_time_in_which_nobody_looked(
    records: RecordStore,
    seen: dict[str, Any],
    scaled: Sequence[tuple[float, int]],
    expected: float,
    estimated: float,
) -> None:
    ledger(records).look(endpoint(), after(10), is_busy=False)
    usage = ledger(records, *scaled).look(endpoint(**seen), after(600), is_busy=False)
    assert minutes(usage.seconds) == expected
    assert minutes(usage.estimated) == estimated


@pytest.mark.parametrize(
    ("changes", "expected", "estimated"),
    [
        ({}, 595, 0),  # last modified when it got InService
        ({"changed_at": after(100), "instances": 2}, 2 * 600, 2 * 100),
        ({"changed_at": after(100), "instances": 0}, 100, 100),
    ],
)
def test_an_endpoint_that_nobody_saw_before(
    records: RecordStore, changes: dict[str, Any], expected: float, estimated: float
) -> None:
    usage = ledger(records).look(endpoint(**changes), after(600), is_busy=False)
    assert minutes(usage.seconds) == expected
    assert minutes(usage.estimated) == estimated
    assert (usage.busy_at, usage.idle) == (after(600), {})  # nobody knows of jobs before


def test_months_are_counted_apart_and_their_sum_since_the_creation(records: RecordStore) -> None:
    created = datetime(2026, 11, 30, 22, tzinfo=UTC)
    one = endpoint(created_at=created, changed_at=created)
    ledger(records).look(one, created + timedelta(hours=1), is_busy=False)
    scaled = one.model_copy(update={"instances": 0, "changed_at": created + timedelta(hours=5)})
    usage = ledger(records).look(scaled, created + timedelta(hours=9), is_busy=False)
    assert minutes(usage.seconds) == 3 * 60
    assert minutes(usage.estimated) == 3 * 60
    assert minutes(usage.before) == 2 * 60
    november = records.get(USAGE, "2026-11", usage_id(one))
    assert november
    assert minutes(november.value.seconds) == 2 * 60
    assert november.value.seen_at == datetime(2026, 12, 1, tzinfo=UTC)
    (december,) = ledger(records).month(created + timedelta(hours=9))
    assert december == usage
    much_later = created + timedelta(days=75)
    usage = ledger(records).look(scaled, much_later, is_busy=False)
    assert minutes(usage.before) == 5 * 60
    assert usage.seconds == {}


def test_an_endpoint_made_anew_begins_anew(records: RecordStore) -> None:
    ledger(records).look(endpoint(), after(65), is_busy=False)
    again = endpoint(created_at=after(70), changed_at=after(75))
    usage = ledger(records).look(again, after(85), is_busy=False)
    assert minutes(usage.seconds) == 10
    assert sorted(minutes(found.seconds) for found in ledger(records).month(after(85))) == [10, 60]


def test_another_instance_type_is_counted_apart(records: RecordStore) -> None:
    ledger(records).look(endpoint(), after(65), is_busy=False)
    larger = endpoint(instance_type="ml.g5.2xlarge")
    ledger(records).look(larger, after(67), is_busy=False)
    usage = ledger(records).look(larger, after(69), is_busy=False)
    assert usage.seconds == {TYPE: 62 * 60, "ml.g5.2xlarge": 2 * 60}


def test_idle_time_begins_anew_with_each_job(records: RecordStore) -> None:
    for minute, is_busy in ((10, False), (12, True), (14, False), (15.0, False)):
        usage = ledger(records).look(endpoint(), after(minute), is_busy=is_busy)
    assert usage.busy_at == after(12)
    assert minutes(usage.idle) == 3
    usage = ledger(records).look(endpoint(), after(15.1), is_busy=True)  # not too soon for a job
    assert (usage.busy_at, usage.idle) == (after(15.1), {})


def test_a_clock_that_is_behind_takes_nothing_back(records: RecordStore) -> None:
    before = ledger(records).look(endpoint(), after(65), is_busy=False)
    assert ledger(records).look(endpoint(), after(60), is_busy=False) == before
