"""Evaluates scaling policies and alarms against the live backlog and changes instance counts."""

import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from local_aws.autoscaling.alarms import Alarms
from local_aws.autoscaling.decisions import (
    alarm_breaches,
    alarm_patience,
    metric_value,
    metrics_of,
    step_wish,
    tracking_wish,
)
from local_aws.autoscaling.targets import Targets, split_resource
from local_aws.document_store import Document
from local_aws.sagemaker.endpoint_runtime import Fleet
from local_aws.sagemaker.endpoints import Endpoints

_log = logging.getLogger(__name__)
_DEFAULT_COOLDOWN_S = 300.0  # of SageMaker's scalable dimension


@dataclass(frozen=True)
class Subject:
    """A scalable target with what it scales, and the instance count that is wanted now."""

    target: Document
    fleet: Fleet
    variant: str
    desired: int


@dataclass(frozen=True)
class Wish:
    """An instance count that a policy wants, and why."""

    count: int
    policy: Document
    cause: str


class Scaler:
    """Looks at every scalable target when told to (`tick`)."""

    def __init__(self, targets: Targets, endpoints: Endpoints, alarms: Alarms) -> None:
        self._targets = targets
        self._endpoints = endpoints
        self._alarms = alarms
        self._since: dict[str, float] = {}  # when an alarm's breach, or a low metric, began
        self._acted: dict[str, float] = {}  # when a policy last changed something
        self._shown: dict[str, str] = {}

    def tick(self, now: float) -> None:
        """Evaluate alarms and policies once; `now` in Unix seconds."""
        going_off = list(self._going_off(now))
        for subject in self._subjects():
            wishes = [*self._step_wishes(subject, going_off, now)]
            wishes += self._tracking_wishes(subject, now)
            self._apply(subject, wishes, now)

    def _subjects(self) -> Iterator[Subject]:
        """The scalable targets whose endpoint can be changed now."""
        for target in self._targets.all():
            endpoint, name = split_resource(target["ResourceId"])
            fleet = self._endpoints.find(endpoint)
            variant = fleet.deployment.variant(name) if fleet else None
            if fleet and variant and fleet.status == "InService":
                yield Subject(target, fleet, name, variant.desired)

    def _going_off(self, now: float) -> Iterator[tuple[Document, float]]:
        """The alarms in ALARM, with the value of their metric."""
        alarms = self._alarms.all()
        known = {alarm["AlarmName"] for alarm in alarms}
        self._shown = {name: state for name, state in self._shown.items() if name in known}
        for alarm in alarms:
            value = self._value(alarm)
            if value is None:
                continue
            name = alarm["AlarmName"]
            breaching = alarm_breaches(alarm, value)
            begun = self._since.setdefault(name, now) if breaching else None
            if begun is None:
                self._since.pop(name, None)
            off = begun is not None and now - begun >= alarm_patience(alarm)
            self._show(alarm, "ALARM" if off else "OK", value)
            if off and alarm.get("ActionsEnabled", True):
                yield alarm, value

    def _value(self, alarm: Document) -> float | None:
        for fleet in self._endpoints.fleets():
            load = fleet.load()
            value = metric_value(alarm, fleet.name, metrics_of(load.backlog, load.instances))
            if value is not None:
                return value
        return None

    def _show(self, alarm: Document, state: str, value: float) -> None:
        if self._shown.get(alarm["AlarmName"]) != state:
            self._shown[alarm["AlarmName"]] = state
            self._alarms.show(alarm, state, f"The metric is {value:g}.")

    def _step_wishes(
        self, subject: Subject, going_off: list[tuple[Document, float]], now: float
    ) -> Iterator[Wish]:
        for policy in self._targets.policies(subject.target["ResourceId"]):
            settings = policy.get("StepScalingPolicyConfiguration")
            if settings is None or self._cooling(policy, settings.get("Cooldown"), now):
                continue
            for alarm, value in going_off:
                if policy["PolicyARN"] not in alarm.get("AlarmActions", []):
                    continue
                count = step_wish(settings, subject.desired, value - alarm["Threshold"])
                if count is not None:
                    cause = f"monitor alarm {alarm['AlarmName']} in state ALARM"
                    yield Wish(count, policy, cause)

    def _tracking_wishes(self, subject: Subject, now: float) -> Iterator[Wish]:
        load, desired = subject.fleet.load(), subject.desired
        metrics = metrics_of(load.backlog, load.instances)
        for policy in self._targets.policies(subject.target["ResourceId"]):
            settings = policy.get("TargetTrackingScalingPolicyConfiguration", {})
            named = settings.get("CustomizedMetricSpecification", {})
            value = metric_value(named, subject.fleet.name, metrics)
            count = None if value is None else tracking_wish(settings, desired, value)
            if count is None or count >= desired:
                self._since.pop(policy["PolicyARN"], None)
            if count is None or count == desired:
                continue
            if self._may_track(policy, settings, count < desired, now):
                yield Wish(count, policy, f"{named['MetricName']} is {value:g}")

    def _may_track(self, policy: Document, settings: Document, scale_in: bool, now: float) -> bool:
        """Scale-out waits for its cooldown, scale-in for as long a time of a low metric too."""
        if not scale_in:
            return not self._cooling(policy, settings.get("ScaleOutCooldown"), now)
        low_since = self._since.setdefault(policy["PolicyARN"], now)
        cooldown = settings.get("ScaleInCooldown")
        patience = _DEFAULT_COOLDOWN_S if cooldown is None else cooldown
        return (
            not settings.get("DisableScaleIn", False)
            and now - low_since >= patience
            and not self._cooling(policy, cooldown, now)
        )

    def _cooling(self, policy: Document, cooldown: float | None, now: float) -> bool:
        wait = _DEFAULT_COOLDOWN_S if cooldown is None else cooldown
        return now - self._acted.get(policy["PolicyARN"], float("-inf")) < wait

    def _apply(self, subject: Subject, wishes: list[Wish], now: float) -> None:
        """Follow the largest wish within the target's bounds; the bounds hold without any."""
        target, desired = subject.target, subject.desired
        low, high = target["MinCapacity"], target["MaxCapacity"]
        wish = max(wishes, key=lambda item: item.count, default=None)
        count = min(max(desired if wish is None else wish.count, low), high)
        direction = "In" if count < desired else "Out"
        if count == desired or target["SuspendedState"][f"DynamicScaling{direction}Suspended"]:
            return
        if not subject.fleet.rescale({subject.variant: count}, {}):
            return
        cause = f"the target's bounds are {low} and {high}"
        if wish is not None:
            self._acted[wish.policy["PolicyARN"]] = now
            cause = f"{wish.cause} triggered policy {wish.policy['PolicyName']}"
        self._targets.activities.appendleft(_activity(target, count, cause, now))
        _log.info(
            "event=scaled resource=%s from=%d to=%d cause=%r",
            target["ResourceId"],
            desired,
            count,
            cause,
        )


def _activity(target: Document, count: int, cause: str, now: float) -> Document:
    return {
        "ActivityId": str(uuid.uuid4()),
        "ServiceNamespace": target["ServiceNamespace"],
        "ResourceId": target["ResourceId"],
        "ScalableDimension": target["ScalableDimension"],
        "Description": f"Setting desired instance count to {count}.",
        "Cause": cause,
        "StartTime": now,
        "EndTime": now,
        "StatusCode": "Successful",
        "StatusMessage": f"Successfully set desired instance count to {count}.",
    }
