"""Scheduled actions: their expressions in a time zone, and a target that gets their bounds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local_aws.autoscaling.schedules import parse_schedule
from tests.local_aws.conftest import Cloud, refusal, until

ANCHOR = datetime(2026, 11, 2, tzinfo=UTC)
WEEKDAYS = "cron(0 8 ? * MON-FRI *)"


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "zone", "after", "until", "due"),
    [
        # Friday 27 November 2026, 8:00 in Berlin is 7:00 UTC; in July it is 6:00 UTC.
        (WEEKDAYS, "Europe/Berlin", "2026-11-27T06:59", "2026-11-27T07:00", "2026-11-27T07:00"),
        (WEEKDAYS, "Europe/Berlin", "2026-11-27T07:00", "2026-11-30T06:59", None),
        (WEEKDAYS, "Europe/Berlin", "2026-11-27T07:00", "2026-12-03T12:00", "2026-12-03T07:00"),
        (WEEKDAYS, "Europe/Berlin", "2026-07-24T05:59", "2026-07-24T06:30", "2026-07-24T06:00"),
        (WEEKDAYS, "Asia/Tokyo", "2026-11-26T22:00", "2026-11-26T23:30", "2026-11-26T23:00"),
        (
            "cron(0/20 9,17 1 * ? 2026)",
            "UTC",
            "2026-11-30T00:00",
            "2026-12-01T17:30",
            "2026-12-01T17:20",
        ),
        ("cron(30 12 ? * 1 *)", "UTC", "2026-11-23T00:00", "2026-11-29T23:00", "2026-11-29T12:30"),
        ("cron(0 0 ? JAN-MAR * *)", "UTC", "2026-04-01T00:01", "2026-11-29T00:00", None),
        (
            "at(2026-12-31T18:00:00)",
            "America/New_York",
            "2026-12-31T22:59",
            "2026-12-31T23:00",
            "2026-12-31T23:00",
        ),
        ("at(2026-12-31T18:00:00)", "UTC", "2026-12-31T18:00", "2027-01-01T00:00", None),
        ("rate(2 hours)", "UTC", "2026-11-02T03:00", "2026-11-02T05:00", "2026-11-02T04:00"),
        ("rate(1 day)", "UTC", "2026-11-02T00:00", "2026-11-02T23:59", None),
    ],
)
def test_when_an_action_is_due(
    expression: str, zone: str, after: str, until: str, due: str | None
) -> None:
    schedule = parse_schedule(expression, zone, ANCHOR)
    assert schedule(moment(after), moment(until)) == (moment(due) if due else None)


@pytest.fixture(scope="module")
def resource(cloud: Cloud) -> dict[str, Any]:
    """A target of one to two instances."""
    found: dict[str, Any] = {
        "ServiceNamespace": "sagemaker",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "ResourceId": f"endpoint/{cloud.deploy()}/variant/main",
    }
    cloud.autoscaling.register_scalable_target(**found, MinCapacity=1, MaxCapacity=2)
    return found


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"Schedule": "daily"}, "neither at(), rate() nor cron()"),
        ({"Schedule": "cron(0 8 * * MON-FRI)"}, ""),
        ({"Schedule": "cron(0 8 1 * MON *)"}, "must be ?"),
        ({"Schedule": "cron(0 25 ? * MON *)"}, "25 is not within 0-23"),
        ({"Schedule": "cron(0 8)"}, "5 or 6 fields"),
        ({"Schedule": "at(tomorrow)"}, "is not valid"),
        ({"Schedule": "rate(0 minutes)"}, "positive"),
        ({"Timezone": "Europe/Nowhere"}, "Timezone"),
        ({"ScalableTargetAction": {"MinCapacity": 2, "MaxCapacity": 1}}, "Maximum capacity"),
        ({"ScalableTargetAction": {}}, "MinCapacity"),
    ],
)
def test_actions_that_aws_refuses(
    cloud: Cloud, resource: dict[str, Any], changed: dict[str, Any], words: str
) -> None:
    asked: dict[str, Any] = {
        **resource,
        "ScheduledActionName": "refused",
        "Schedule": "cron(0 8 ? * MON-FRI *)",
        "Timezone": "Europe/Berlin",
        "ScalableTargetAction": {"MinCapacity": 0, "MaxCapacity": 1},
        **changed,
    }
    if not words:
        cloud.autoscaling.put_scheduled_action(**asked)
        cloud.autoscaling.delete_scheduled_action(**resource, ScheduledActionName="refused")
        return
    refused = refusal(lambda: cloud.autoscaling.put_scheduled_action(**asked))
    assert (refused[0], words in refused[1]) == ("ValidationException", True)


def test_an_action_gives_the_target_its_bounds(cloud: Cloud, resource: dict[str, Any]) -> None:
    at = datetime.now(UTC) + timedelta(seconds=3)
    scaling = cloud.autoscaling
    common: Any = {**resource, "Timezone": "UTC"}
    scaling.put_scheduled_action(
        **common,
        ScheduledActionName="end",
        Schedule=f"at({at:%Y-%m-%dT%H:%M:%S})",
        ScalableTargetAction={"MinCapacity": 0, "MaxCapacity": 0},
    )
    scaling.put_scheduled_action(
        **common,
        ScheduledActionName="over",
        Schedule="rate(1 minute)",
        EndTime=at - timedelta(days=1),
        ScalableTargetAction={"MinCapacity": 2},
    )
    listed = scaling.describe_scheduled_actions(
        ServiceNamespace="sagemaker", ResourceId=common["ResourceId"]
    )["ScheduledActions"]
    assert [action["ScheduledActionName"] for action in listed] == ["end", "over"]
    until(lambda: cloud.counts(resource["ResourceId"].split("/")[1]) == (0, 0))
    (target,) = scaling.describe_scalable_targets(
        ServiceNamespace="sagemaker", ResourceIds=[resource["ResourceId"]]
    )["ScalableTargets"]
    assert (target["MinCapacity"], target["MaxCapacity"]) == (0, 0)
    left = scaling.describe_scheduled_actions(
        ServiceNamespace="sagemaker", ResourceId=common["ResourceId"]
    )["ScheduledActions"]
    assert [action["ScheduledActionName"] for action in left] == ["over"]
    scaling.deregister_scalable_target(**resource)
    gone = refusal(lambda: scaling.delete_scheduled_action(**resource, ScheduledActionName="over"))
    assert gone[0] == "ObjectNotFoundException"
