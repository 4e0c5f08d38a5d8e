"""Reads the objects that scale the endpoints of an account: four listings, however many there are.

A listing has 50 objects a page, of alarms 100; nothing is asked for each endpoint.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from core.aws.client import Aws, translate_errors
from core.endpoints.scaling.names import PREFIX, endpoint_of
from core.endpoints.scaling.objects import NAMESPACE
from core.texts import scaling as texts
from formats.frozen import Frozen

if TYPE_CHECKING:
    from types_boto3_application_autoscaling import ApplicationAutoScalingClient
    from types_boto3_cloudwatch import CloudWatchClient

Described = Mapping[str, Any]


class ScalingObjects(Frozen):
    """What AWS has of one endpoint's scaling, as it describes it."""

    endpoint: str
    target: Described | None = None
    policies: tuple[Described, ...] = ()
    actions: tuple[Described, ...] = ()
    alarms: tuple[Described, ...] = ()

    def policy(self, name: str) -> Described | None:
        """The policy of that name."""
        return next((one for one in self.policies if one["PolicyName"] == name), None)

    def action(self, name: str) -> Described | None:
        """The scheduled action of that name."""
        return next((one for one in self.actions if one["ScheduledActionName"] == name), None)

    def alarm(self, name: str) -> Described | None:
        """The alarm of that name."""
        return next((one for one in self.alarms if one["AlarmName"] == name), None)

    @property
    def is_ours(self) -> bool:
        """Whether this software made some of it: an account has other people's targets too."""
        policies = (one["PolicyName"] for one in self.policies)
        actions = (one["ScheduledActionName"] for one in self.actions)
        return bool(self.alarms) or any(name.startswith(PREFIX) for name in (*policies, *actions))


class ScalingAccount:
    """The reader. Its clients are those for pages, which wait for seconds only."""

    def __init__(self, aws: Aws) -> None:
        self._autoscaling: ApplicationAutoScalingClient = aws.autoscaling(for_pages=True)
        self._cloudwatch: CloudWatchClient = aws.cloudwatch(for_pages=True)

    def read(self) -> tuple[ScalingObjects, ...]:
        """The objects of every endpoint that has some, by name. Raises AwsError."""
        found: dict[str, dict[str, list[Described]]] = {}

        def note(kind: str, endpoint: str, described: Described) -> None:
            if endpoint:
                found.setdefault(endpoint, {}).setdefault(kind, []).append(described)

        with translate_errors(texts.READING_FAILED):
            for kind, one in self._of_autoscaling():
                note(kind, endpoint_of(one["ResourceId"]), one)
            pages = self._cloudwatch.get_paginator("describe_alarms").paginate(
                AlarmNamePrefix=PREFIX, AlarmTypes=["MetricAlarm"]
            )
            for page in pages:
                for alarm in page["MetricAlarms"]:
                    note("alarms", _endpoint_of_alarm(alarm), alarm)
        return tuple(_objects(name, kinds) for name, kinds in sorted(found.items()))

    def _of_autoscaling(self) -> Iterator[tuple[str, Described]]:
        """Each object of Application Auto Scaling, after its kind."""
        client = self._autoscaling
        for targets in client.get_paginator("describe_scalable_targets").paginate(
            ServiceNamespace=NAMESPACE
        ):
            yield from (("targets", one) for one in targets["ScalableTargets"])
        for policies in client.get_paginator("describe_scaling_policies").paginate(
            ServiceNamespace=NAMESPACE
        ):
            yield from (("policies", one) for one in policies["ScalingPolicies"])
        for actions in client.get_paginator("describe_scheduled_actions").paginate(
            ServiceNamespace=NAMESPACE
        ):
            yield from (("actions", one) for one in actions["ScheduledActions"])


def _endpoint_of_alarm(alarm: Described) -> str:
    """The endpoint of an alarm's metric, or of the first one in its expression."""
    queries = alarm.get("Metrics", ())
    metrics = [one["MetricStat"]["Metric"] for one in queries if "MetricStat" in one]
    described = next(iter(metrics), alarm)
    dimensions = {one["Name"]: one["Value"] for one in described.get("Dimensions", ())}
    return str(dimensions.get("EndpointName", ""))


def _objects(name: str, kinds: Mapping[str, list[Described]]) -> ScalingObjects:
    return ScalingObjects(
        endpoint=name,
        target=next(iter(kinds.get("targets", ())), None),
        policies=tuple(kinds.get("policies", ())),
        actions=tuple(kinds.get("actions", ())),
        alarms=tuple(kinds.get("alarms", ())),
    )
