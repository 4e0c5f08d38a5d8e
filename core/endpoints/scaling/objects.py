"""The objects that scale an endpoint, as the arguments of boto3's calls. Pure functions.

Sources: "Autoscale an asynchronous endpoint" of the SageMaker AI developer guide; RegisterScalable-
Target, PutScalingPolicy, PutScheduledAction and PutMetricAlarm of AWS's API references.
"""

from typing import Any, Final

from core.endpoints.scaling.names import names_of
from core.endpoints.scaling.schedule import (
    STOPPED,
    Bounds,
    closed_bounds,
    closing_cron,
    ending_at,
    last_office_moment,
    open_bounds,
    opening_cron,
)
from core.endpoints.scaling.spec import ScalingSpec

NAMESPACE: Final = "sagemaker"
DIMENSION: Final = "sagemaker:variant:DesiredInstanceCount"
METRICS: Final = "AWS/SageMaker"
BACKLOG: Final = "ApproximateBacklogSize"
_PER_INSTANCE: Final = "ApproximateBacklogSizePerInstance"
_WITHOUT_CAPACITY: Final = "HasBacklogWithoutCapacity"
"""Asynchronous endpoints do not publish InvocationsPerInstance."""

_SCALE_OUT_SECONDS: Final = 60
_LONGEST_WAKE_COOLDOWN: Final = 300
"""While the first instance starts, the alarm goes on: it must not add one every minute."""


def target_key(endpoint: str) -> dict[str, Any]:
    """What names the scalable target in every call."""
    return {
        "ServiceNamespace": NAMESPACE,
        "ResourceId": names_of(endpoint).resource,
        "ScalableDimension": DIMENSION,
    }


def target_arguments(endpoint: str, bounds: Bounds) -> dict[str, Any]:
    """RegisterScalableTarget's arguments; nothing of it is suspended."""
    return {
        **target_key(endpoint),
        "MinCapacity": bounds.minimum,
        "MaxCapacity": bounds.maximum,
        "SuspendedState": {
            "DynamicScalingInSuspended": False,
            "DynamicScalingOutSuspended": False,
            "ScheduledScalingSuspended": False,
        },
    }


def tracking_arguments(endpoint: str, spec: ScalingSpec) -> dict[str, Any] | None:
    """PutScalingPolicy's arguments of the backlog; None where the count never changes."""
    if open_bounds(spec).minimum == spec.maximum == spec.minimum:
        return None
    return {
        **target_key(endpoint),
        "PolicyName": names_of(endpoint).tracking,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": float(spec.backlog_target),
            "CustomizedMetricSpecification": {
                "MetricName": _PER_INSTANCE,
                "Namespace": METRICS,
                "Dimensions": _dimensions(endpoint),
                "Statistic": "Average",
            },
            "ScaleInCooldown": spec.idle_minutes * 60,
            "ScaleOutCooldown": _SCALE_OUT_SECONDS,
            "DisableScaleIn": False,
        },
    }


def wake_arguments(endpoint: str, spec: ScalingSpec) -> dict[str, Any] | None:
    """PutScalingPolicy's arguments of the first instance; None where there always is one.

    Target tracking can't leave zero: without an instance there is no backlog per instance.
    """
    if spec.minimum > 0:
        return None
    return {
        **target_key(endpoint),
        "PolicyName": names_of(endpoint).wake,
        "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": {
            "AdjustmentType": "ChangeInCapacity",
            "MetricAggregationType": "Average",
            "Cooldown": min(_LONGEST_WAKE_COOLDOWN, spec.idle_minutes * 60),
            "StepAdjustments": [{"MetricIntervalLowerBound": 0.0, "ScalingAdjustment": 1}],
        },
    }


def alarm_arguments(endpoint: str, policy_arn: str) -> dict[str, Any]:
    """PutMetricAlarm's arguments: jobs wait and no instance is there, so that the policy acts.

    `missing`: an endpoint that sends no metric has no jobs, and is left as it is.
    """
    return {
        "AlarmName": names_of(endpoint).alarm,
        "Namespace": METRICS,
        "MetricName": _WITHOUT_CAPACITY,
        "Dimensions": _dimensions(endpoint),
        "Statistic": "Average",
        "Period": 60,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "missing",
        "ActionsEnabled": True,
        "AlarmActions": [policy_arn],
    }


def schedule_arguments(endpoint: str, spec: ScalingSpec) -> list[dict[str, Any]]:
    """PutScheduledAction's arguments of the office hours and of the end date."""
    names, key, hours = names_of(endpoint), target_key(endpoint), spec.hours
    actions = []
    if hours:
        until = {"EndTime": last_office_moment(spec.ends_at)} if spec.ends_at else {}
        for name, schedule, bounds in (
            (names.opening, opening_cron(hours), open_bounds(spec)),
            (names.closing, closing_cron(hours), closed_bounds(spec)),
        ):
            action = _action(name, schedule, hours.timezone, bounds)
            actions.append({**key, **action, **until})
    if spec.ends_at:
        ending = _action(names.ending, ending_at(spec.ends_at), "UTC", STOPPED)
        actions.append({**key, **ending})
    return actions


def _action(name: str, schedule: str, timezone: str, bounds: Bounds) -> dict[str, Any]:
    return {
        "ScheduledActionName": name,
        "Schedule": schedule,
        "Timezone": timezone,
        "ScalableTargetAction": {"MinCapacity": bounds.minimum, "MaxCapacity": bounds.maximum},
    }


def _dimensions(endpoint: str) -> list[dict[str, str]]:
    return [{"Name": "EndpointName", "Value": endpoint}]
