"""What scaling policies and alarms make of an endpoint's metrics. Pure functions.

Sources: "Target tracking scaling policies" and "Step scaling policies" of the Application Auto
Scaling user guide.
"""

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

NAMESPACE = "AWS/SageMaker"
# Target tracking scales in only below 90 % of its target, so that it doesn't swing.
_SLACK = 0.9

_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def metrics_of(backlog: int, instances: int) -> dict[str, float]:
    """SageMaker's metrics of an asynchronous endpoint.

    `backlog` counts invocations that wait or run, `instances` those that are there or coming.
    """
    return {
        "ApproximateBacklogSize": float(backlog),
        "ApproximateBacklogSizePerInstance": backlog / instances if instances else 0.0,
        "HasBacklogWithoutCapacity": float(backlog > 0 and instances == 0),
    }


def metric_value(
    named: Mapping[str, Any], endpoint: str, metrics: Mapping[str, float]
) -> float | None:
    """The value of the metric that an alarm or a policy names, if it is one of the endpoint's."""
    dimensions = {item["Name"]: item["Value"] for item in named.get("Dimensions", [])}
    if named.get("Namespace") != NAMESPACE or dimensions.get("EndpointName") != endpoint:
        return None
    return metrics.get(named.get("MetricName", ""))


def tracking_wish(policy: Mapping[str, Any], instances: int, value: float) -> int | None:
    """The instance count that target tracking wants, or None while the metric is about on target.

    It can't leave 0: no instance, no metric per instance.
    """
    target = float(policy["TargetValue"])
    if instances == 0 or _SLACK * target <= value <= target:
        return None
    return math.ceil(instances * value / target)


def alarm_breaches(alarm: Mapping[str, Any], value: float) -> bool:
    """Whether the value is on the alarm's side of its threshold."""
    compare = _COMPARE.get(alarm["ComparisonOperator"])
    return compare is not None and compare(value, alarm["Threshold"])


def alarm_patience(alarm: Mapping[str, Any]) -> float:
    """How long, in seconds, a breach must last before the alarm goes off.

    AWS takes at least a period of a minute. HasBacklogWithoutCapacity goes off at once here: it
    wakes an endpoint that somebody is waiting for.
    """
    if alarm.get("MetricName") == "HasBacklogWithoutCapacity":
        return 0.0
    points = alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"]
    return float(points * alarm["Period"])


def step_wish(policy: Mapping[str, Any], instances: int, excess: float) -> int | None:
    """The instance count that a step policy wants when its metric is `excess` over the threshold.

    None when no step covers the excess.
    """
    for step in policy.get("StepAdjustments", []):
        low = step.get("MetricIntervalLowerBound", -math.inf)
        high = step.get("MetricIntervalUpperBound", math.inf)
        if low <= excess < high:
            return _adjusted(policy, instances, step["ScalingAdjustment"])
    return None


def _adjusted(policy: Mapping[str, Any], instances: int, adjustment: int) -> int:
    kind = policy.get("AdjustmentType", "ChangeInCapacity")
    if kind == "ExactCapacity":
        return adjustment
    if kind == "PercentChangeInCapacity":
        change = instances * adjustment / 100
        whole = math.floor(abs(change)) or (1 if change else 0)
        least = max(whole, policy.get("MinAdjustmentMagnitude", 1))
        return instances + int(math.copysign(least, adjustment))
    return instances + adjustment
