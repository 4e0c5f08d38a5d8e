"""Limits: one dashboard stops an endpoint that has reached one, and tries again where it fails."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from core.endpoints.costs.enforcement import Enforcer, StopEndpoint, reached
from core.endpoints.costs.ledger import month_of
from core.endpoints.costs.limits import LIMITS, LIMITS_ID, EndpointLimits, StopReason
from core.endpoints.scaling.spec import ScalingSpec
from core.endpoints.service import EndpointStatus
from core.errors import AwsError, NotFound
from core.ids import new_id
from core.records.interface import RecordStore
from core.team.users import SYSTEM, User
from tests.core.endpoints.costs.test_usage import after, endpoint

NOW = after(600)
PAST, AHEAD = NOW - timedelta(seconds=1), NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("limits", "spent", "expected"),
    [
        ({}, 1e6, None),
        ({"monthly_budget": 50}, 49.99, None),
        ({"monthly_budget": 50}, 50, StopReason.BUDGET),
        ({"monthly_budget": 50, "lifted_in": "2026-10"}, 50, StopReason.BUDGET),
        ({"monthly_budget": 50, "lifted_in": month_of(NOW)}, 50, None),
        ({"ends_at": AHEAD}, 0, None),
        ({"ends_at": NOW}, 0, StopReason.END_DATE),
        ({"ends_at": PAST, "monthly_budget": 1}, 5, StopReason.END_DATE),
    ],
)
def test_which_limit_is_reached(
    limits: dict[str, Any], spent: float, expected: StopReason | None
) -> None:
    assert reached(EndpointLimits(**limits), spent, NOW) is expected


@dataclass
class Stops:
    """What was stopped, and with whose rights; the first ones fail as told."""

    calls: list[tuple[User, str]] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)

    def __call__(self, user: User, name: str) -> None:
        self.calls.append((user, name))
        if self.errors:
            raise self.errors.pop(0)


def enforcer(records: RecordStore, stop: StopEndpoint) -> Enforcer:
    return Enforcer(records, dict.fromkeys(StopReason, stop), new_id)


def kept(records: RecordStore) -> EndpointLimits:
    found = records.get(LIMITS, "team", LIMITS_ID)
    assert found
    return found.value


def test_of_many_dashboards_one_stops_it(records: RecordStore) -> None:
    records.add(LIMITS, "team", LIMITS_ID, EndpointLimits(monthly_budget=5))
    stops = Stops()
    dashboards = [enforcer(records, stops) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: one.enforce(endpoint(), StopReason.BUDGET, NOW), dashboards))
    assert stops.calls == [(SYSTEM, "team")]
    limits = kept(records)
    assert (limits.stopped_at, limits.stopped_for) == (NOW, StopReason.BUDGET)
    assert limits.monthly_budget == 5


def test_an_end_date_is_over_once(records: RecordStore) -> None:
    records.add(LIMITS, "team", LIMITS_ID, EndpointLimits(monthly_budget=5, ends_at=PAST))
    found = enforcer(records, Stops()).enforce(endpoint(), StopReason.END_DATE, NOW)
    assert found == kept(records)
    assert (found.ends_at, found.monthly_budget) == (None, 5)
    assert found.stopped_for is StopReason.END_DATE


def test_each_limit_has_its_way_to_stop(records: RecordStore) -> None:
    records.add(LIMITS, "team", LIMITS_ID, EndpointLimits(monthly_budget=5, ends_at=PAST))
    stops = {reason: Stops() for reason in StopReason}
    Enforcer(records, stops, new_id).enforce(endpoint(), StopReason.END_DATE, NOW)
    assert [len(stops[reason].calls) for reason in StopReason] == [0, 1]


def test_what_can_not_be_stopped_is_told_and_tried_again(records: RecordStore) -> None:
    records.add(LIMITS, "team", LIMITS_ID, EndpointLimits(monthly_budget=5))
    stops = Stops(errors=[AwsError("It is Updating (ValidationException).")])
    one, other = (enforcer(records, stops) for _ in range(2))
    one.enforce(endpoint(), StopReason.BUDGET, NOW)
    assert "that failed and is tried again" in kept(records).problem
    assert kept(records).stopped_at is None
    other.enforce(endpoint(), StopReason.BUDGET, NOW + timedelta(seconds=60))
    assert len(stops.calls) == 1
    other.enforce(endpoint(), StopReason.BUDGET, NOW + timedelta(seconds=120))
    assert len(stops.calls) == 2
    assert kept(records).problem == ""
    assert kept(records).stopped_at


def test_one_that_is_gone_already_counts_as_stopped(records: RecordStore) -> None:
    records.add(LIMITS, "team", LIMITS_ID, EndpointLimits(monthly_budget=5))
    stops = Stops(errors=[NotFound("gone")])
    enforcer(records, stops).enforce(endpoint(), StopReason.BUDGET, NOW)
    assert kept(records).stopped_at == NOW


def _break_off(_user: User, _name: str) -> None:
    raise KeyboardInterrupt


def test_a_dashboard_that_dies_leaves_it_to_another(records: RecordStore) -> None:
    records.add(LIMITS, "team", LIMITS_ID, EndpointLimits(monthly_budget=5))
    with pytest.raises(KeyboardInterrupt):
        enforcer(records, _break_off).enforce(endpoint(), StopReason.BUDGET, NOW)
    stops = Stops()
    other = enforcer(records, stops)
    other.enforce(endpoint(), StopReason.BUDGET, NOW + timedelta(seconds=119))
    assert stops.calls == []
    other.enforce(endpoint(), StopReason.BUDGET, NOW + timedelta(seconds=121))
    assert len(stops.calls) == 1


@pytest.mark.parametrize(
    ("changes", "is_stopped"),
    [
        ({"status": EndpointStatus.DELETING}, False),
        ({"instances": 0, "desired": 0}, False),
        ({"instances": 0, "desired": 1}, True),
        ({"instances": 0, "desired": 0, "status": EndpointStatus.CREATING}, True),
        ({"status": EndpointStatus.FAILED}, True),
        ({"instances": 0, "desired": 0, "scaling": ScalingSpec()}, True),  # a job would wake it
        ({"instances": 0, "desired": 0, "scaling": ScalingSpec(), "is_held": True}, False),
        ({"instances": 0, "desired": 1, "scaling": ScalingSpec(), "is_held": True}, True),
        ({"instances": 1, "desired": 0, "scaling": ScalingSpec(), "is_held": True}, False),
    ],
)
def test_what_is_stopped_is_left_alone(
    records: RecordStore, changes: dict[str, Any], is_stopped: bool
) -> None:
    records.add(LIMITS, "team", LIMITS_ID, EndpointLimits(monthly_budget=5))
    stops = Stops()
    enforcer(records, stops).enforce(endpoint(**changes), StopReason.BUDGET, NOW)
    assert bool(stops.calls) == is_stopped
