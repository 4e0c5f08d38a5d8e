"""The objects that scale an endpoint, as the arguments of boto3's calls. Pure functions.

Sources: "Autoscale an asynchronous endpoint" and "Alarms and logs for tracking metrics from
asynchronous endpoints" of the SageMaker AI developer guide; RegisterScalableTarget, PutScaling-
Policy, PutScheduledAction and PutMetricAlarm of AWS's API references.
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
from core.endpoints.spec import VARIANT

NAMESPACE: Final = "sagemaker"
DIMENSION: Final = "sagemaker:variant:DesiredInstanceCount"
METRICS: Final = "AWS/SageMaker"
BACKLOG: Final = "ApproximateBacklogSize"
_PER_INSTANCE: Final = "ApproximateBacklogSizePerInstance"
_WITHOUT_CAPACITY: Final = "HasBacklogWithoutCapacity"
"""Asynchronous endpoints do not publish InvocationsPerInstance."""

_PROCESSED: Final = "InvocationsProcessed"
"""Jobs that ended; AWS sends nothing for a minute without one. Its document writes a third s."""

_HOST_METRICS: Final = "/aws/sagemaker/Endpoints"
_CPU: Final = "CPUUtilization"
"""Each instance sends a sample a minute; without an instance there is none."""

_PERIOD: Final = 60
_SCALE_OUT_SECONDS: Final = 60
_SCALE_IN_SECONDS: Final = 300
"""Between two steps of target tracking; AWS's own default for SageMaker."""

_ABOVE_ZERO: Final = "backlog + 0.01"
"""What target tracking sees: never 0, so that it rounds up to one instance at least."""

_JOBS: Final = "MAX([backlog, FILL(processed, 0)]) + 0 * samples"
"""Jobs of a minute: the backlog is looked at from time to time and misses short ones, those that
ended are counted. A minute without an instance has no value: a missing operand leaves none."""

_LONGEST_WAKE_COOLDOWN: Final = 300
"""While the first instance starts, the alarm goes on: it must not add one every minute."""


def target_key(endpoint: str) -> dict[str, Any]:
    """What names the scalable target in every call."""
    return {
        "ServiceNamespace": NAMESPACE,
        "ResourceId": names_of(endpoint).resource,
        "ScalableDimension": DIMENSION,
    }


def target_arguments(endpoint: str, bounds: Bounds, *, is_held: bool = False) -> dict[str, Any]:
    """RegisterScalableTarget's arguments; while it is held, neither jobs nor schedules start
    instances."""
    return {
        **target_key(endpoint),
        "MinCapacity": bounds.minimum,
        "MaxCapacity": bounds.maximum,
        "SuspendedState": {
            "DynamicScalingInSuspended": False,
            "DynamicScalingOutSuspended": is_held,
            "ScheduledScalingSuspended": is_held,
        },
    }


def tracking_arguments(endpoint: str, spec: ScalingSpec) -> dict[str, Any] | None:
    """PutScalingPolicy's arguments of the backlog; None where the count never changes.

    It adds instances, and takes away those that a low backlog does not need, but never the last:
    its own alarm waits for 15 minutes whatever the order says, and its cooldown begins after the
    first step. With scale-in disabled, one job an hour would keep the instances of a rush.
    """
    if not _changes(spec):
        return None
    return {
        **target_key(endpoint),
        "PolicyName": names_of(endpoint).tracking,
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingScalingPolicyConfiguration": {
            "TargetValue": float(spec.backlog_target),
            "CustomizedMetricSpecification": {
                "Metrics": [
                    {
                        "Id": "backlog",
                        "MetricStat": {
                            "Metric": _metric(METRICS, _PER_INSTANCE, _dimensions(endpoint)),
                            "Stat": "Average",
                        },
                        "ReturnData": False,
                    },
                    {"Id": "above_zero", "Expression": _ABOVE_ZERO, "ReturnData": True},
                ]
            },
            "ScaleInCooldown": _SCALE_IN_SECONDS,
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


def idle_arguments(endpoint: str, spec: ScalingSpec) -> dict[str, Any] | None:
    """PutScalingPolicy's arguments of the end of the idle time: back to the minimum at once.

    Target tracking does not block a step policy that scales in. Within office hours the target's
    own minimum holds. None where the count never changes.
    """
    if not _changes(spec):
        return None
    return {
        **target_key(endpoint),
        "PolicyName": names_of(endpoint).idle,
        "PolicyType": "StepScaling",
        "StepScalingPolicyConfiguration": {
            "AdjustmentType": "ExactCapacity",
            "MetricAggregationType": "Maximum",
            "Cooldown": _PERIOD,
            "StepAdjustments": [
                {"MetricIntervalUpperBound": 0.0, "ScalingAdjustment": spec.minimum}
            ],
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
        "Period": _PERIOD,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "Threshold": 1.0,
        "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        "TreatMissingData": "missing",
        "ActionsEnabled": True,
        "AlarmActions": [policy_arn],
    }


def idle_alarm_arguments(endpoint: str, spec: ScalingSpec, policy_arn: str) -> dict[str, Any]:
    """PutMetricAlarm's arguments: no job in any of the idle minutes, a period each.

    `notBreaching`: a minute without an instance is not an idle one, so that one that was woken
    without a job is kept for its idle minutes. An alarm may look back for a day, the longest order.
    """
    variant = [*_dimensions(endpoint), {"Name": "VariantName", "Value": VARIANT}]
    return {
        "AlarmName": names_of(endpoint).idle_alarm,
        "Metrics": [
            _query("backlog", _metric(METRICS, BACKLOG, _dimensions(endpoint)), "Maximum"),
            _query("processed", _metric(METRICS, _PROCESSED, variant), "Sum"),
            _query("samples", _metric(_HOST_METRICS, _CPU, variant), "SampleCount"),
            {"Id": "jobs", "Expression": _JOBS, "ReturnData": True},
        ],
        "EvaluationPeriods": spec.idle_minutes,
        "DatapointsToAlarm": spec.idle_minutes,
        "Threshold": 1.0,
        "ComparisonOperator": "LessThanThreshold",
        "TreatMissingData": "notBreaching",
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


def _changes(spec: ScalingSpec) -> bool:
    """Whether the order ever changes the number of instances."""
    return not open_bounds(spec).minimum == spec.maximum == spec.minimum


def _query(name: str, metric: dict[str, Any], statistic: str) -> dict[str, Any]:
    stat = {"Metric": metric, "Period": _PERIOD, "Stat": statistic}
    return {"Id": name, "MetricStat": stat, "ReturnData": False}


def _metric(namespace: str, name: str, dimensions: list[dict[str, str]]) -> dict[str, Any]:
    return {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions}


def _dimensions(endpoint: str) -> list[dict[str, str]]:
    return [{"Name": "EndpointName", "Value": endpoint}]
