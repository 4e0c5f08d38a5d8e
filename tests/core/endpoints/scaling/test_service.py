"""An endpoint with an order on the embedded AWS: set up, examined, repaired, stopped, woken."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.aws.client import Connection
from core.endpoints.scaling.findings import ScalingProblem
from core.endpoints.scaling.names import names_of
from core.endpoints.scaling.objects import idle_alarm_arguments, target_key
from core.endpoints.scaling.spec import ScalingSpec
from core.endpoints.service import Endpoint
from core.errors import EndpointNotReady, InvalidInput
from core.ids import utc_now
from core.jobs.preparing.draft import Draft
from core.settings import Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from tests.core.endpoints.scaling.conftest import NAME, until_applied
from tests.core.endpoints.scaling.test_orders import OFFICE
from tests.support.helpers import wait_for

SPEC = ScalingSpec(maximum=2, backlog_target=3, idle_minutes=5, hours=OFFICE)
NAMES = names_of(NAME)


@pytest.fixture(scope="module", autouse=True)
def endpoint(studio: Studio) -> None:
    studio.scaling.create(LOCAL, NAME, "ml.m5.large", SPEC)
    until_applied(studio)


def described(studio: Studio) -> Endpoint:
    found = studio.endpoints.find(LOCAL, NAME)
    assert found
    return found


def problems(studio: Studio) -> set[tuple[ScalingProblem, str]]:
    report = studio.scaling.reports(LOCAL, refresh=True)[NAME]
    return {(finding.problem, finding.what) for finding in report.findings}


def test_everything_is_set_up_as_ordered(studio: Studio) -> None:
    (found,) = studio.scaling._account.read()
    assert found.target
    assert found.target["MaxCapacity"] == 2
    assert {one["PolicyName"] for one in found.policies} == {
        NAMES.tracking,
        NAMES.wake,
        NAMES.idle,
    }
    assert {one["ScheduledActionName"] for one in found.actions} == {NAMES.opening, NAMES.closing}
    wake, alarm = found.policy(NAMES.wake), found.alarm(NAMES.alarm)
    assert wake
    assert alarm
    assert alarm["AlarmActions"] == [wake["PolicyARN"]]
    assert alarm["TreatMissingData"] == "missing"
    idle, idle_alarm = found.policy(NAMES.idle), found.alarm(NAMES.idle_alarm)
    assert idle
    assert idle_alarm
    assert idle_alarm["AlarmActions"] == [idle["PolicyARN"]]
    assert (idle_alarm["EvaluationPeriods"], idle_alarm["TreatMissingData"]) == (5, "notBreaching")
    assert problems(studio) == set()


def test_what_one_dashboard_left_another_completes(connection: Connection, tmp_path: Path) -> None:
    """The first one is closed while the endpoint is still Creating."""
    settings = Settings(demo=False, data=tmp_path, bucket="scaling-left")
    with open_studio(settings, connection) as first:
        first._periodic.scaling.close()
        first.scaling.create(LOCAL, "left", "ml.m5.large", SPEC)
    with open_studio(settings, connection) as second:
        until_applied(second, "left")
        assert second.scaling.reports(LOCAL, refresh=True)["left"].findings == ()
        wait_for(lambda: (e := second.endpoints.find(LOCAL, "left")) and e.status == "InService")
        second.endpoints.delete(LOCAL, "left")


def delete_wake(studio: Studio) -> None:
    studio.scaling._writer._autoscaling.delete_scaling_policy(
        **target_key(NAME), PolicyName=NAMES.wake
    )


def delete_alarm(studio: Studio) -> None:
    studio.scaling._writer._cloudwatch.delete_alarms(AlarmNames=[NAMES.alarm])


def delete_idle_alarm(studio: Studio) -> None:
    studio.scaling._writer._cloudwatch.delete_alarms(AlarmNames=[NAMES.idle_alarm])


def other_idle_minutes(studio: Studio) -> None:
    spec, policy = SPEC.model_copy(update={"idle_minutes": 90}), ""
    found = studio.scaling._account.read()[0].policy(NAMES.idle)
    if found:
        policy = found["PolicyARN"]
    arguments = idle_alarm_arguments(NAME, spec, policy)
    studio.scaling._writer._cloudwatch.put_metric_alarm(**arguments)


def deregister(studio: Studio) -> None:
    studio.scaling._writer._autoscaling.deregister_scalable_target(**target_key(NAME))


def suspend(studio: Studio) -> None:
    studio.scaling._writer._autoscaling.register_scalable_target(
        **target_key(NAME), SuspendedState={"DynamicScalingOutSuspended": True}
    )


def other_maximum(studio: Studio) -> None:
    studio.scaling._writer._autoscaling.register_scalable_target(**target_key(NAME), MaxCapacity=9)


def other_target(studio: Studio) -> None:
    policy = studio.scaling._account.read()[0].policy(NAMES.tracking)
    assert policy
    settings: Any = {**policy["TargetTrackingScalingPolicyConfiguration"], "TargetValue": 50.0}
    studio.scaling._writer._autoscaling.put_scaling_policy(
        **target_key(NAME),
        PolicyName=NAMES.tracking,
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration=settings,
    )


def other_hours(studio: Studio) -> None:
    studio.scaling._writer._autoscaling.put_scheduled_action(
        **target_key(NAME), ScheduledActionName=NAMES.opening, Timezone="Asia/Tokyo"
    )


def unordered_end(studio: Studio) -> None:
    studio.scaling._writer._autoscaling.put_scheduled_action(
        **target_key(NAME),
        ScheduledActionName=NAMES.ending,
        Schedule="at(2099-01-01T00:00:00)",
        ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 0},
    )


MISSING, DIFFERENT = ScalingProblem.MISSING, ScalingProblem.DIFFERENT


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        (delete_wake, {(MISSING, "Policy that starts the first instance")}),
        (delete_alarm, {(MISSING, "Alarm on jobs without an instance")}),
        (delete_idle_alarm, {(MISSING, "Alarm on idle minutes")}),
        (other_idle_minutes, {(DIFFERENT, "Alarm on idle minutes")}),
        (
            deregister,
            {
                (MISSING, "Scalable target"),
                (MISSING, "Policy on the backlog for each instance"),
                (MISSING, "Policy that starts the first instance"),
                (MISSING, "Policy that stops idle instances"),
                (MISSING, "Schedule that opens the office"),
                (MISSING, "Schedule that closes the office"),
            },
        ),
        (suspend, {(DIFFERENT, "Scalable target")}),
        (other_maximum, {(DIFFERENT, "Scalable target")}),
        (other_target, {(DIFFERENT, "Policy on the backlog for each instance")}),
        (other_hours, {(DIFFERENT, "Schedule that opens the office")}),
        (unordered_end, {(ScalingProblem.UNWANTED, "Schedule of the end date")}),
    ],
)
def test_the_doctor_says_what_is_wrong_and_repairs_it(
    studio: Studio,
    damage: Callable[[Studio], None],
    found: set[tuple[ScalingProblem, str]],
) -> None:
    damage(studio)
    assert problems(studio) == found
    studio.scaling.repair(LOCAL, NAME)
    assert problems(studio) == set()


def test_the_policy_of_somebody_else_is_told_and_left(studio: Studio) -> None:
    scaling = studio.scaling._writer._autoscaling
    scaling.put_scaling_policy(
        **target_key(NAME),
        PolicyName="mine",
        PolicyType="StepScaling",
        StepScalingPolicyConfiguration={
            "AdjustmentType": "ExactCapacity",
            "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
        },
    )
    studio.scaling.repair(LOCAL, NAME)
    assert problems(studio) == {(ScalingProblem.FOREIGN, "Scaling policy mine")}
    scaling.delete_scaling_policy(**target_key(NAME), PolicyName="mine")


def test_the_calls_of_the_doctor_do_not_grow(studio: Studio) -> None:
    asked: list[str] = []
    for client in (studio.scaling._account._autoscaling, studio.scaling._account._cloudwatch):
        client.meta.events.register("before-call", lambda model, **_: asked.append(model.name))
    studio.scaling._account.read()
    one = sorted(asked)
    studio.scaling.create(LOCAL, "second", "ml.m5.large", SPEC)
    until_applied(studio, "second")
    asked.clear()
    assert len(studio.scaling._account.read()) == 2
    assert sorted(asked) == one
    assert len(one) == 4
    wait_for(lambda: studio.scaling.reports(LOCAL)["second"].can_stop)
    studio.endpoints.delete(LOCAL, "second")
    assert [objects.endpoint for objects in studio.scaling._account.read()] == [NAME]


def test_it_stops_and_wakes_at_a_click(studio: Studio) -> None:
    always = ScalingSpec(maximum=2, idle_minutes=5)
    studio.scaling.order(LOCAL, NAME, always)
    assert described(studio).scaling == always
    wait_for(lambda: studio.scaling.reports(LOCAL, refresh=True)[NAME].can_stop)
    studio.scaling.stop(LOCAL, NAME)
    wait_for(lambda: studio.scaling.reports(LOCAL, refresh=True)[NAME].can_wake)
    assert described(studio).is_at_zero
    assert problems(studio) == set()
    report = studio.scaling.reports(LOCAL, refresh=True)[NAME]
    assert (report.can_stop, report.can_wake, report.stops_at) == (False, True, None)
    studio.scaling.wake(LOCAL, NAME)
    assert described(studio).is_waking
    wait_for(lambda: described(studio).instances == 1)
    report = studio.scaling.reports(LOCAL, refresh=True)[NAME]
    assert report.stops_at
    assert report.stops_at > utc_now()


def test_one_with_a_minimum_can_not_be_stopped(studio: Studio) -> None:
    studio.scaling.order(LOCAL, NAME, ScalingSpec(minimum=1, maximum=1))
    (found,) = studio.scaling._account.read()
    assert (found.policies, found.actions, found.alarms) == ((), (), ())
    assert not studio.scaling.reports(LOCAL)[NAME].can_stop
    with pytest.raises(InvalidInput, match="minimum of 0"):
        studio.scaling.stop(LOCAL, NAME)


def test_after_its_end_date_it_takes_no_jobs(studio: Studio) -> None:
    with pytest.raises(InvalidInput) as caught:
        studio.scaling.order(LOCAL, NAME, ScalingSpec(ends_at=utc_now()))
    assert caught.value.field == "ends_at"
    end = utc_now() + timedelta(seconds=6)
    studio.scaling.order(LOCAL, NAME, ScalingSpec(ends_at=end))
    wait_for(lambda: described(studio).has_ended and described(studio).is_at_zero)
    assert problems(studio) == set()
    draft = Draft(endpoint=NAME, checkpoints=("a.safetensors",), prompt="x")
    with pytest.raises(EndpointNotReady, match="ended on"):
        studio.jobs.submit(LOCAL, draft, "click")
    with pytest.raises(InvalidInput, match="ended on"):
        studio.scaling.wake(LOCAL, NAME)
    studio.scaling.order(LOCAL, NAME, ScalingSpec(ends_at=end + timedelta(days=1)))
    assert described(studio).accepts_jobs


def test_what_is_left_of_a_deleted_endpoint_is_listed_and_removed(studio: Studio) -> None:
    """Somebody deletes it in AWS's console."""
    studio.scaling.order(LOCAL, NAME, SPEC)
    wait_for(lambda: described(studio).status == "InService" or None)
    studio.endpoints.resources._sagemaker.delete_endpoint(EndpointName=NAME)
    wait_for(lambda: studio.endpoints.find(LOCAL, NAME) is None)
    studio.endpoints.list(LOCAL, refresh=True)
    (left,) = studio.scaling.leftovers()
    assert (left.endpoint, left.alarms, left.others) == (NAME, 2, 6)
    studio.scaling.clean(LOCAL, NAME)
    assert studio.scaling.leftovers() == ()
