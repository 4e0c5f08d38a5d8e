"""Evaluates scaling policies and alarms against the live backlog and changes instance counts."""

import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from local_aws.autoscaling.alarms import CloudWatchAlarms
from local_aws.autoscaling.decisions import (
    AlarmState,
    endpoint_metrics,
    evaluation_period,
    is_breaching,
    metric_value,
    missing_data_state,
    step_scaling_capacity,
    target_tracking_capacity,
    variant_metrics,
)
from local_aws.autoscaling.service import ApplicationAutoScaling, parse_resource_id
from local_aws.document_store import Document
from local_aws.sagemaker.endpoint_runtime import EndpointRuntime
from local_aws.sagemaker.endpoints import EndpointManager

_logger = logging.getLogger(__name__)
_DEFAULT_COOLDOWN_S = 300.0  # of SageMaker's scalable dimension
# Target tracking scales in once its metric was low in 15 periods of a minute.
_LOW_S = 900.0


@dataclass(frozen=True)
class ScalingTarget:
    """A registered scalable target, the variant that it scales and its desired instance count."""

    registration: Document
    endpoint: EndpointRuntime
    variant: str
    desired: int


@dataclass(frozen=True)
class ScalingDecision:
    """The instance count that a policy wants, and why."""

    count: int
    policy: Document
    cause: str


class Scaler:
    """Evaluates scheduled actions, alarms and the policies of every target, at each `evaluate`."""

    def __init__(
        self,
        autoscaling: ApplicationAutoScaling,
        endpoints: EndpointManager,
        alarms: CloudWatchAlarms,
    ) -> None:
        self._autoscaling = autoscaling
        self._endpoints = endpoints
        self._alarms = alarms
        # By alarm name or policy ARN: when its breach, or its metric's time below target, began.
        self._breach_started: dict[str, float] = {}
        # By policy ARN: when it last changed an instance count.
        self._last_scaled: dict[str, float] = {}
        self._alarm_states: dict[str, str] = {}
        # By endpoint: its metrics at this look, and how many invocations had ended until it.
        self._metrics: dict[str, dict[str, float]] = {}
        self._processed: dict[str, int] = {}

    def evaluate(self, now: float) -> None:
        """Evaluate scheduled actions, alarms and policies once; `now` in Unix seconds."""
        self._autoscaling.apply_scheduled_actions(now)
        self._read_metrics()
        in_alarm = list(self._alarms_in_alarm(now))
        for target in self._scaling_targets():
            decisions = [*self._step_decisions(target, in_alarm, now)]
            decisions += self._tracking_decisions(target, now)
            self._apply(target, decisions, now)

    def _read_metrics(self) -> None:
        loads = {endpoint.name: endpoint.load() for endpoint in self._endpoints.all()}
        self._metrics = {
            name: {
                **endpoint_metrics(load.backlog, load.instances),
                **variant_metrics(
                    load.processed - self._processed.get(name, load.processed), load.healthy
                ),
            }
            for name, load in loads.items()
        }
        self._processed = {name: load.processed for name, load in loads.items()}

    def _scaling_targets(self) -> Iterator[ScalingTarget]:
        """The scalable targets whose endpoint can be changed now."""
        for registration in self._autoscaling.targets():
            endpoint_name, name = parse_resource_id(registration["ResourceId"])
            endpoint = self._endpoints.find(endpoint_name)
            variant = endpoint.deployment.variant(name) if endpoint else None
            if endpoint and variant and endpoint.status == "InService":
                yield ScalingTarget(registration, endpoint, name, variant.desired)

    def _alarms_in_alarm(self, now: float) -> Iterator[tuple[Document, float]]:
        """The alarms in ALARM, with the value of their metric."""
        alarms = self._alarms.all()
        names = {alarm["AlarmName"] for alarm in alarms}
        self._alarm_states = {n: state for n, state in self._alarm_states.items() if n in names}
        for alarm in alarms:
            value = self._metric_value(alarm)
            state = self._alarm_state(alarm, value, now)
            if state is None:
                continue
            self._show_state(alarm, state, value)
            if state == "ALARM" and alarm.get("ActionsEnabled", True):
                yield alarm, alarm["Threshold"] if value is None else value

    def _alarm_state(self, alarm: Document, value: float | None, now: float) -> AlarmState | None:
        """The state of an alarm; None where it stays as it is, or is on no metric of SageMaker."""
        missing = None if value is not None else missing_data_state(alarm)
        breaching = missing == "ALARM" if value is None else is_breaching(alarm, value)
        if not breaching:
            self._breach_started.pop(alarm["AlarmName"], None)
            return missing if value is None else "OK"
        started = self._breach_started.setdefault(alarm["AlarmName"], now)
        return "ALARM" if now - started >= evaluation_period(alarm) else "OK"

    def _metric_value(self, alarm: Document) -> float | None:
        found = (metric_value(alarm, name, metrics) for name, metrics in self._metrics.items())
        return next((value for value in found if value is not None), None)

    def _show_state(self, alarm: Document, state: AlarmState, value: float | None) -> None:
        if self._alarm_states.get(alarm["AlarmName"]) != state:
            self._alarm_states[alarm["AlarmName"]] = state
            reason = "No data." if value is None else f"The metric is {value:g}."
            self._alarms.set_state(alarm, state, reason)

    def _step_decisions(
        self, target: ScalingTarget, in_alarm: list[tuple[Document, float]], now: float
    ) -> Iterator[ScalingDecision]:
        for policy in self._autoscaling.policies(target.registration["ResourceId"]):
            settings = policy.get("StepScalingPolicyConfiguration")
            if settings is None or self._in_cooldown(policy, settings.get("Cooldown"), now):
                continue
            for alarm, value in in_alarm:
                if policy["PolicyARN"] not in alarm.get("AlarmActions", []):
                    continue
                count = step_scaling_capacity(settings, target.desired, value - alarm["Threshold"])
                if count is not None:
                    cause = f"monitor alarm {alarm['AlarmName']} in state ALARM"
                    yield ScalingDecision(count, policy, cause)

    def _tracking_decisions(self, target: ScalingTarget, now: float) -> Iterator[ScalingDecision]:
        metrics, desired = self._metrics.get(target.endpoint.name, {}), target.desired
        for policy in self._autoscaling.policies(target.registration["ResourceId"]):
            settings = policy.get("TargetTrackingScalingPolicyConfiguration", {})
            metric = settings.get("CustomizedMetricSpecification", {})
            value = metric_value(metric, target.endpoint.name, metrics)
            count = None if value is None else target_tracking_capacity(settings, desired, value)
            if count is None or count >= desired:
                self._breach_started.pop(policy["PolicyARN"], None)
            if count is None or count == desired:
                continue
            if self._may_scale(policy, settings, count < desired, now):
                name = metric.get("MetricName", "The metric math")
                yield ScalingDecision(count, policy, f"{name} is {value:g}")

    def _may_scale(self, policy: Document, settings: Document, scale_in: bool, now: float) -> bool:
        """Each waits for its cooldown, scale-in for a quarter of an hour of a low metric too."""
        if not scale_in:
            return not self._in_cooldown(policy, settings.get("ScaleOutCooldown"), now)
        low_since = self._breach_started.setdefault(policy["PolicyARN"], now)
        cooldown = settings.get("ScaleInCooldown")
        return (
            not settings.get("DisableScaleIn", False)
            and now - low_since >= _LOW_S
            and not self._in_cooldown(policy, cooldown, now)
        )

    def _in_cooldown(self, policy: Document, cooldown: float | None, now: float) -> bool:
        wait = _DEFAULT_COOLDOWN_S if cooldown is None else cooldown
        return now - self._last_scaled.get(policy["PolicyARN"], float("-inf")) < wait

    def _apply(self, target: ScalingTarget, decisions: list[ScalingDecision], now: float) -> None:
        """Apply the largest decision within the target's bounds; the bounds hold without any."""
        registration, desired = target.registration, target.desired
        low, high = registration["MinCapacity"], registration["MaxCapacity"]
        decision = max(decisions, key=lambda item: item.count, default=None)
        count = min(max(desired if decision is None else decision.count, low), high)
        direction = "In" if count < desired else "Out"
        suspended = registration["SuspendedState"][f"DynamicScaling{direction}Suspended"]
        if count == desired or suspended:
            return
        if not target.endpoint.rescale({target.variant: count}, {}):
            return
        cause = f"the target's bounds are {low} and {high}"
        if decision is not None:
            self._last_scaled[decision.policy["PolicyARN"]] = now
            cause = f"{decision.cause} triggered policy {decision.policy['PolicyName']}"
        self._autoscaling.activities.appendleft(_activity(registration, count, cause, now))
        _logger.info(
            "event=scaled resource=%s from=%d to=%d cause=%r",
            registration["ResourceId"],
            desired,
            count,
            cause,
        )


def _activity(registration: Document, count: int, cause: str, now: float) -> Document:
    return {
        "ActivityId": str(uuid.uuid4()),
        "ServiceNamespace": registration["ServiceNamespace"],
        "ResourceId": registration["ResourceId"],
        "ScalableDimension": registration["ScalableDimension"],
        "Description": f"Setting desired instance count to {count}.",
        "Cause": cause,
        "StartTime": now,
        "EndTime": now,
        "StatusCode": "Successful",
        "StatusMessage": f"Successfully set desired instance count to {count}.",
    }
