"""Computes an endpoint's metrics and the capacity that policies want for them. Pure functions.

Sources: "Target tracking scaling policies" and "Step scaling policies" of the Application Auto
Scaling user guide.
"""

import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, Literal

from local_aws.autoscaling.metric_math import UnknownExpression, Value, evaluate

AlarmState = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

NAMESPACE = "AWS/SageMaker"
HOST_NAMESPACE = "/aws/sagemaker/Endpoints"
# Target tracking scales in only below 90 % of its target, so that it doesn't swing.
_SCALE_IN_MARGIN = 0.9

_STATES_WITHOUT_DATA: Mapping[str, AlarmState | None] = {
    "missing": "INSUFFICIENT_DATA",
    "breaching": "ALARM",
    "notBreaching": "OK",
    "ignore": None,
}

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}


def endpoint_metrics(backlog: int, instances: int) -> dict[str, float]:
    """SageMaker's metrics of an asynchronous endpoint.

    `backlog` counts invocations that wait or run, `instances` those that run or start.
    """
    return {
        "ApproximateBacklogSize": float(backlog),
        "ApproximateBacklogSizePerInstance": backlog / instances if instances else 0.0,
        "HasBacklogWithoutCapacity": float(backlog > 0 and instances == 0),
    }


def variant_metrics(processed: int, healthy: int) -> dict[str, float]:
    """SageMaker's metrics of a variant; nothing is sent of what there was none.

    `processed` counts the invocations that ended, `healthy` the instances that serve: each gives
    CPUUtilization a sample.
    """
    values = {"InvocationsProcessed": float(processed), "CPUUtilization": float(healthy)}
    return {name: value for name, value in values.items() if value}


def metric_value(metric: Mapping[str, Any], endpoint: str, metrics: Mapping[str, float]) -> Value:
    """The value of the metric, or of the metric math, that an alarm or a policy names; None unless
    it is the endpoint's, or where it has no data."""
    queries = metric.get("Metrics")
    if not queries:
        return _single_value(metric, endpoint, metrics)
    values: dict[str, Value] = {}
    for query in queries:
        try:
            values[query["Id"]] = (
                evaluate(query["Expression"], values)
                if "Expression" in query
                else _single_value(query["MetricStat"]["Metric"], endpoint, metrics)
            )
        except UnknownExpression:
            return None
    return next((values[one["Id"]] for one in queries if one.get("ReturnData", True)), None)


def _single_value(metric: Mapping[str, Any], endpoint: str, metrics: Mapping[str, float]) -> Value:
    dimensions = {item["Name"]: item["Value"] for item in metric.get("Dimensions", [])}
    known = {NAMESPACE, HOST_NAMESPACE}
    if metric.get("Namespace") not in known or dimensions.get("EndpointName") != endpoint:
        return None
    return metrics.get(metric.get("MetricName", ""))


def target_tracking_capacity(policy: Mapping[str, Any], instances: int, value: float) -> int | None:
    """The instance count of target tracking, or None while the metric is about on target.

    It never scales out from 0: without an instance there is no metric per instance.
    """
    target = float(policy["TargetValue"])
    if instances == 0 or _SCALE_IN_MARGIN * target <= value <= target:
        return None
    return math.ceil(instances * value / target)


def is_breaching(alarm: Mapping[str, Any], value: float) -> bool:
    """Whether the value breaches the alarm's threshold."""
    compare = _COMPARISONS.get(alarm["ComparisonOperator"])
    return compare is not None and compare(value, alarm["Threshold"])


def missing_data_state(alarm: Mapping[str, Any]) -> AlarmState | None:
    """The state of an alarm whose endpoint has no metric; None where it stays as it is.

    Source: "Configuring how CloudWatch alarms treat missing data" of the CloudWatch user guide.
    """
    metrics = [
        one["MetricStat"]["Metric"] for one in alarm.get("Metrics", []) if "MetricStat" in one
    ]
    if not any(one.get("Namespace") == NAMESPACE for one in (alarm, *metrics)):
        return None
    return _STATES_WITHOUT_DATA[alarm.get("TreatMissingData") or "missing"]


def evaluation_period(alarm: Mapping[str, Any]) -> float:
    """How long, in seconds, a breach must last before the alarm is in ALARM.

    AWS takes at least a period of a minute. HasBacklogWithoutCapacity has none here: a user waits
    for the endpoint that it scales out from zero.
    """
    if alarm.get("MetricName") == "HasBacklogWithoutCapacity":
        return 0.0
    points = alarm.get("DatapointsToAlarm") or alarm["EvaluationPeriods"]
    stats = [one["MetricStat"] for one in alarm.get("Metrics", []) if "MetricStat" in one]
    return float(points * max(one["Period"] for one in stats or [alarm]))


def step_scaling_capacity(policy: Mapping[str, Any], instances: int, excess: float) -> int | None:
    """The instance count of a step policy whose metric is `excess` over the alarm's threshold.

    None when no step covers the excess.
    """
    for step in policy.get("StepAdjustments", []):
        low = step.get("MetricIntervalLowerBound", -math.inf)
        high = step.get("MetricIntervalUpperBound", math.inf)
        if low <= excess < high:
            return _apply_adjustment(policy, instances, step["ScalingAdjustment"])
    return None


def _apply_adjustment(policy: Mapping[str, Any], instances: int, adjustment: int) -> int:
    kind = policy.get("AdjustmentType", "ChangeInCapacity")
    if kind == "ExactCapacity":
        return adjustment
    if kind == "PercentChangeInCapacity":
        change = instances * adjustment / 100
        whole = math.floor(abs(change)) or (1 if change else 0)
        magnitude = max(whole, policy.get("MinAdjustmentMagnitude", 1))
        return instances + int(math.copysign(magnitude, adjustment))
    return instances + adjustment
