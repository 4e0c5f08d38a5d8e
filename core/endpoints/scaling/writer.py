"""Writes the objects that scale an endpoint: in an order in which it never sleeps without a way
to wake up."""

from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from core.aws.client import Aws, translate_errors
from core.aws.tags import cost_tags
from core.endpoints.scaling.account import ScalingObjects
from core.endpoints.scaling.names import names_of
from core.endpoints.scaling.objects import (
    alarm_arguments,
    idle_alarm_arguments,
    idle_arguments,
    schedule_arguments,
    target_arguments,
    target_key,
    tracking_arguments,
    wake_arguments,
)
from core.endpoints.scaling.schedule import STOPPED, Bounds, bounds_at
from core.endpoints.scaling.spec import ScalingSpec
from core.endpoints.spec import VARIANT
from core.errors import AwsNotFound
from core.texts import scaling as texts

if TYPE_CHECKING:
    from types_boto3_application_autoscaling import ApplicationAutoScalingClient
    from types_boto3_cloudwatch import CloudWatchClient


class ScalingWriter:
    """The writer. Every call may be repeated: a second one changes nothing.

    `team` pays for the alarms, see core/aws/tags.py.
    """

    def __init__(self, aws: Aws, team: str) -> None:
        self._team = team
        self._sagemaker = aws.sagemaker
        self._autoscaling: ApplicationAutoScalingClient = aws.autoscaling()
        self._cloudwatch: CloudWatchClient = aws.cloudwatch()

    def apply(
        self,
        endpoint: str,
        spec: ScalingSpec,
        found: ScalingObjects,
        now: datetime,
        *,
        is_held: bool = False,
    ) -> None:
        """Make AWS's objects what the order says. The endpoint must be InService.

        A new target first keeps one instance: it may go to zero once policy and alarm can wake it.
        One that is held stays at zero.
        Raises AwsError; what was written until then stays, and the next call completes it.
        """
        with translate_errors(texts.applying_failed(endpoint)):
            if found.target is None:
                awake = Bounds(spec.first_instances, spec.maximum)
                self._register(endpoint, STOPPED if is_held else awake, is_held=is_held)
            self._put_wake(endpoint, spec, found)
            self._put_tracking(endpoint, spec, found)
            self._put_idle(endpoint, spec, found)
            self._put_schedule(endpoint, spec, found, now)
            bounds = STOPPED if is_held else bounds_at(spec, now)
            self._register(endpoint, bounds, is_held=is_held)

    def remove(self, endpoint: str, failed: str) -> None:
        """Remove everything: with the target go its policies and scheduled actions.

        What is not there is no error. Raises AwsError, with `failed` as the text's start.
        """
        with suppress(AwsNotFound), translate_errors(failed):
            self._autoscaling.deregister_scalable_target(**target_key(endpoint))
        names = names_of(endpoint)
        for alarm in (names.alarm, names.idle_alarm):  # one that is missing keeps AWS from both
            with suppress(AwsNotFound), translate_errors(failed):
                self._cloudwatch.delete_alarms(AlarmNames=[alarm])

    def set_bounds(
        self, endpoint: str, bounds: Bounds, failed: str, *, is_held: bool = False
    ) -> None:
        """Register the target with other bounds. Raises AwsError."""
        with translate_errors(failed):
            self._register(endpoint, bounds, is_held=is_held)

    def set_desired(self, endpoint: str, instances: int, failed: str) -> None:
        """Ask SageMaker for so many instances. Raises AwsError, also while it is changing."""
        with translate_errors(failed):
            self._sagemaker.update_endpoint_weights_and_capacities(
                EndpointName=endpoint,
                DesiredWeightsAndCapacities=[
                    {"VariantName": VARIANT, "DesiredInstanceCount": instances}
                ],
            )

    def _register(self, endpoint: str, bounds: Bounds, *, is_held: bool) -> None:
        arguments = target_arguments(endpoint, bounds, is_held=is_held)
        self._autoscaling.register_scalable_target(**arguments)

    def _put_wake(self, endpoint: str, spec: ScalingSpec, found: ScalingObjects) -> None:
        names, wanted = names_of(endpoint), wake_arguments(endpoint, spec)
        if wanted:
            arn = self._autoscaling.put_scaling_policy(**wanted)["PolicyARN"]
            self._put_alarm(endpoint, alarm_arguments(endpoint, arn))
        else:
            self._delete_alarm(names.alarm, found)
            self._delete_policy(endpoint, names.wake, found)

    def _put_idle(self, endpoint: str, spec: ScalingSpec, found: ScalingObjects) -> None:
        names, wanted = names_of(endpoint), idle_arguments(endpoint, spec)
        if wanted:
            arn = self._autoscaling.put_scaling_policy(**wanted)["PolicyARN"]
            self._put_alarm(endpoint, idle_alarm_arguments(endpoint, spec, arn))
        else:
            self._delete_alarm(names.idle_alarm, found)
            self._delete_policy(endpoint, names.idle, found)

    def _put_alarm(self, endpoint: str, arguments: dict[str, Any]) -> None:
        tags = cost_tags(team=self._team, endpoint=endpoint)
        self._cloudwatch.put_metric_alarm(**arguments, Tags=tags)

    def _delete_alarm(self, name: str, found: ScalingObjects) -> None:
        if found.alarm(name):
            self._cloudwatch.delete_alarms(AlarmNames=[name])

    def _put_tracking(self, endpoint: str, spec: ScalingSpec, found: ScalingObjects) -> None:
        wanted = tracking_arguments(endpoint, spec)
        if wanted:
            self._autoscaling.put_scaling_policy(**wanted)
        else:
            self._delete_policy(endpoint, names_of(endpoint).tracking, found)

    def _delete_policy(self, endpoint: str, name: str, found: ScalingObjects) -> None:
        if found.policy(name):
            self._autoscaling.delete_scaling_policy(**target_key(endpoint), PolicyName=name)

    def _put_schedule(
        self, endpoint: str, spec: ScalingSpec, found: ScalingObjects, now: datetime
    ) -> None:
        wanted = [] if spec.has_ended(now) else schedule_arguments(endpoint, spec)
        for action in wanted:
            self._autoscaling.put_scheduled_action(**action)
        names = names_of(endpoint)
        kept = {action["ScheduledActionName"] for action in wanted}
        for name in {names.opening, names.closing, names.ending} - kept:
            if found.action(name):
                self._autoscaling.delete_scheduled_action(
                    **target_key(endpoint), ScheduledActionName=name
                )
