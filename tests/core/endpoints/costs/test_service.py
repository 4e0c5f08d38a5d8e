"""Costs on the embedded AWS with a price file: counted, refused, stopped; the clock is moved."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from core.aws.client import Connection
from core.endpoints.costs.limits import StopReason
from core.endpoints.costs.service import Costs, UserDay
from core.endpoints.scaling.names import names_of
from core.endpoints.scaling.spec import ScalingSpec
from core.endpoints.service import Endpoint
from core.errors import EndpointNotReady, InvalidInput, NotFound
from core.jobs.preparing.draft import Draft
from core.jobs.records import JobFilter
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from tests.core.endpoints.costs.conftest import MovedClock
from tests.pages.steps import finish
from tests.support.helpers import wait_for
from tests.support.models import verify_models
from tests.support.page_fixtures import connection

__all__ = ["connection"]

TYPE: Final = "ml.m5.large"
PRICES = {
    "region": "us-east-1",
    "as_of": "2026-10-01",
    "source": "our contract",
    "per_hour": {TYPE: 3.6},
}
"""A tenth of a cent a second."""


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(datetime.now(UTC))


@pytest.fixture
def studio(
    connection: Connection, clock: MovedClock, models: Path, tmp_path: Path
) -> Iterator[Studio]:
    prices = tmp_path / "prices.json"
    prices.write_text(json.dumps([PRICES]), "utf-8")
    settings = Settings(
        demo=False, data=tmp_path, bucket="costs", poll_seconds=0.1, price_file=prices
    )
    clock.runs = True  # what waits for another moment would wait for ever
    with open_studio(settings, connection, clock) as opened:
        opened._periodic.costs.close()  # a test looks itself
        opened.uploads.start_paths(LOCAL, [str(models / "tiny-noise-v1.safetensors")], None)
        wait_for(lambda: not any(u.active for u in opened.uploads.list(LOCAL)))
        verify_models(opened)
        opened.endpoints.create(LOCAL, "team", TYPE, 1)
        wait_for(lambda: opened.endpoints.list(LOCAL, refresh=True)[0].accepts_jobs)
        clock.runs, clock.now = False, datetime.now(UTC)
        yield opened
        if opened.endpoints.find(LOCAL, "team"):
            opened.endpoints.delete(LOCAL, "team")


def team(studio: Studio) -> Endpoint:
    found = studio.endpoints.find(LOCAL, "team")
    assert found
    return found


def pass_time(costs: Costs, clock: MovedClock, minutes: int) -> None:
    """So many looks, a minute apart."""
    for _ in range(minutes):
        clock.now += timedelta(minutes=1)
        costs.look()


def test_a_look_counts_and_a_budget_ends_it(studio: Studio, clock: MovedClock) -> None:
    costs = studio.costs
    costs.look()
    pass_time(costs, clock, 10)
    found = costs.of(team(studio))
    assert found.price
    assert found.price.per_hour == 3.6
    assert found.since_busy.dollars == pytest.approx(0.6)
    assert found.this_month.dollars == found.since_start.dollars == pytest.approx(0.6, abs=0.2)
    costs.set_limits(LOCAL, "team", round(found.this_month.dollars + 0.12, 4), None)
    assert costs.refusal("team") == ""
    pass_time(costs, clock, 1)
    assert costs.of(team(studio)).is_near_budget
    assert costs.refusal("team") == ""
    costs._parts.endpoints._listing.expire()
    pass_time(costs, clock, 1)
    assert "used up this month's budget" in costs.refusal("team")
    (stopped,) = costs.stopped()
    assert (stopped.name, stopped.reason) == ("team", StopReason.BUDGET)
    wait_for(lambda: studio.endpoints.find(LOCAL, "team") is None)
    assert costs.this_month().dollars == pytest.approx(found.this_month.dollars + 0.12, abs=0.01)


def test_a_job_over_the_budget_is_refused_before_anything_is_written(
    studio: Studio, clock: MovedClock
) -> None:
    draft = Draft(
        endpoint="team", checkpoints=("tiny-noise-v1.safetensors",), prompt="a dog", seed=1
    )
    clock.runs = True  # who follows the job waits
    (job,) = studio.jobs.submit(LOCAL, draft, "first")
    assert job.instance_type == TYPE
    finish(studio, job)
    clock.runs = False
    studio.costs.look()
    studio.costs.set_limits(LOCAL, "team", 0.01, None)
    clock.now += timedelta(minutes=1)
    studio.costs._ledger.look(team(studio), clock.now, is_busy=False)
    studio.costs._load(clock.now)
    with pytest.raises(EndpointNotReady, match=r"used up this month's budget of \$0.01"):
        studio.jobs.submit(LOCAL, draft, "second")
    assert [one.id for one in studio.jobs.page(LOCAL, JobFilter()).jobs] == [job.id]
    (day,) = wait_for(lambda: _days(studio, clock))
    assert (day.user, day.jobs, day.images) == ("local", 1, 1)


def _days(studio: Studio, clock: MovedClock) -> tuple[UserDay, ...]:
    studio.costs._load(clock.now)
    return studio.costs.days(LOCAL)


def test_a_job_ends_idle_time(studio: Studio, clock: MovedClock) -> None:
    studio.costs.look()
    pass_time(studio.costs, clock, 3)
    assert studio.costs.of(team(studio)).since_busy.seconds == 180
    studio.costs.note_job("team")
    pass_time(studio.costs, clock, 1)
    found = studio.costs.of(team(studio))
    assert (found.busy_at, found.since_busy.seconds) == (clock.now, 0)


def hold(studio: Studio, clock: MovedClock, spec: ScalingSpec) -> None:
    """Let the endpoint use up its budget, with jobs in its queue."""
    studio.scaling.order(LOCAL, "team", spec)
    wait_for(lambda: team(studio).scaling_applied)
    studio.costs.look()
    studio.costs.set_limits(LOCAL, "team", 0.05, None)
    pass_time(studio.costs, clock, 1)
    wait_for(lambda: team(studio).instances == 0)
    studio.endpoints.list(LOCAL, refresh=True)


def bounds(studio: Studio) -> tuple[int, int, bool]:
    """Minimum and maximum on AWS, and whether nothing may start instances."""
    (found,) = studio.scaling._account.read()
    assert found.target
    states = found.target["SuspendedState"]
    assert states["DynamicScalingOutSuspended"] is states["ScheduledScalingSuspended"]
    return (
        found.target["MinCapacity"],
        found.target["MaxCapacity"],
        states["ScheduledScalingSuspended"],
    )


def wait_in_queue(studio: Studio) -> None:
    """Queue a job as one that was sent before; AWS sees that it has no instance."""
    studio._workers.sender._runtime.invoke_endpoint_async(
        EndpointName="team", InputLocation="s3://costs/nothing", ContentType="application/json"
    )
    cloudwatch, alarm = studio.scaling._writer._cloudwatch, names_of("team").alarm

    def is_seen() -> bool:
        (found,) = cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
        return found["StateValue"] == "ALARM"

    if studio.scaling._account.read()[0].alarm(alarm):
        wait_for(is_seen)


ORDERS = [ScalingSpec(minimum=0, maximum=1), ScalingSpec(minimum=1, maximum=2)]


@pytest.mark.parametrize("spec", ORDERS)
def test_a_budget_keeps_an_endpoint_at_zero(
    studio: Studio, clock: MovedClock, spec: ScalingSpec
) -> None:
    hold(studio, clock, spec)
    assert [one.name for one in studio.costs.stopped()] == ["team"]
    assert "used up this month's budget" in studio.costs.refusal("team")
    assert (team(studio).is_held, team(studio).is_at_zero) == (True, False)
    assert bounds(studio) == (0, 0, True)
    wait_in_queue(studio)
    pass_time(studio.costs, clock, 5)
    assert (team(studio).instances, team(studio).desired) == (0, 0)
    studio.scaling.repair(LOCAL, "team")
    report = studio.scaling.reports(LOCAL, refresh=True)["team"]
    assert (report.findings, report.can_wake) == ((), False)
    assert bounds(studio) == (0, 0, True)
    with pytest.raises(InvalidInput, match="kept at zero"):
        studio.scaling.wake(LOCAL, "team")
    assert team(studio).scaling == spec


def raise_budget(studio: Studio, _clock: MovedClock) -> None:
    studio.costs.set_limits(LOCAL, "team", 5, None)


def go_on(studio: Studio, clock: MovedClock) -> None:
    studio.costs.go_on(LOCAL, "team")
    pass_time(studio.costs, clock, 2)  # and the budget does not stop it again


def next_month(studio: Studio, clock: MovedClock) -> None:
    clock.now = (clock.now.replace(day=28) + timedelta(days=4)).replace(day=1)
    studio.costs.look()


@pytest.mark.parametrize("way", [raise_budget, go_on, next_month])
def test_a_held_endpoint_gets_its_bounds_back(
    studio: Studio, clock: MovedClock, way: Callable[[Studio, MovedClock], None]
) -> None:
    hold(studio, clock, ORDERS[0])
    way(studio, clock)
    assert not team(studio).is_held
    assert bounds(studio) == (0, 1, False)
    assert studio.costs.refusal("team") == ""


def test_an_end_date_ends_it(studio: Studio, clock: MovedClock) -> None:
    studio.costs.set_limits(LOCAL, "team", None, clock.now + timedelta(minutes=2))
    pass_time(studio.costs, clock, 1)
    assert studio.costs.refusal("team") == ""
    pass_time(studio.costs, clock, 1)
    (stopped,) = studio.costs.stopped()
    assert stopped.reason is StopReason.END_DATE
    wait_for(lambda: studio.endpoints.find(LOCAL, "team") is None)


@pytest.mark.parametrize(
    ("budget", "minutes", "field"),
    [
        (0, None, "monthly_budget"),
        (-1, None, "monthly_budget"),
        (2e6, None, "monthly_budget"),
        (None, 0, "ends_at"),
        (5, -1, "ends_at"),
    ],
)
def test_limits_that_can_not_be_are_refused(
    studio: Studio, clock: MovedClock, budget: float | None, minutes: int | None, field: str
) -> None:
    ends_at = None if minutes is None else clock.now + timedelta(minutes=minutes)
    with pytest.raises(InvalidInput) as refused:
        studio.costs.set_limits(LOCAL, "team", budget, ends_at)
    assert refused.value.field == field
    with pytest.raises(NotFound):
        studio.costs.set_limits(LOCAL, "nobody", 5, None)
