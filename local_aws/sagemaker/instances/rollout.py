"""Owns an endpoint's status and instance groups: rolls deployments out, over, and back."""

import logging
from collections.abc import Callable, Mapping

from local_aws.sagemaker.instances.deployment import Deployment, Variant
from local_aws.sagemaker.instances.instance import STOP_GRACE_S, Instance
from local_aws.sagemaker.instances.instance_group import InstanceGroup

_logger = logging.getLogger(__name__)


class Rollout:
    """From Creating to InService, Updating, Failed or Deleting. Guarded by the endpoint's lock.

    `new_instance` makes an instance that is not started yet; `save` is called whenever status,
    reason or deployment have changed.
    """

    def __init__(
        self,
        endpoint: str,
        deployment: Deployment,
        new_instance: Callable[[Variant], Instance],
        save: Callable[[], None],
    ) -> None:
        self.status = "Creating"
        self.reason: str | None = None
        self._endpoint = endpoint
        self._new_instance = new_instance
        self._save = save
        self._update_failure: str | None = None
        self._current = InstanceGroup(deployment, new_instance)
        self._next: InstanceGroup | None = None
        self._retired: list[InstanceGroup] = []

    @property
    def current(self) -> InstanceGroup:
        """The group that serves."""
        return self._current

    @property
    def next_deployment(self) -> Deployment | None:
        """What an UpdateEndpoint under way will run."""
        return self._next.deployment if self._next else None

    @property
    def groups(self) -> list[InstanceGroup]:
        """All groups with instances: the current one, the next one, retired ones."""
        return [self._current, *([self._next] if self._next else []), *self._retired]

    @property
    def is_deleted(self) -> bool:
        """Whether the endpoint was deleted and its last container has exited."""
        return self.status == "Deleting" and all(group.has_ended for group in self.groups)

    def restore_failed(self, reason: str | None) -> None:
        """Start as the Failed endpoint that it was in an earlier run."""
        self.status, self.reason = "Failed", reason
        self._current.retire()

    def rescale(self, counts: Mapping[str, int], weights: Mapping[str, float]) -> bool:
        """Change counts and weights, by variant; False unless the endpoint is InService."""
        if self.status != "InService":
            return False
        deployment = self._current.deployment
        self._current.deployment = deployment.with_counts(counts).with_weights(weights)
        self._begin_update()
        return True

    def replace(self, deployment: Deployment) -> bool:
        """Start another deployment beside the current one; False unless InService."""
        if self.status != "InService":
            return False
        self._next = InstanceGroup(deployment, self._new_instance)
        self._begin_update()
        return True

    def _begin_update(self) -> None:
        self._update_failure = None
        self._enter("Updating")

    def delete(self) -> bool:
        """End all instances; False while the endpoint is created, updated or deleted."""
        if self.status in {"Creating", "Updating", "Deleting"}:
            return False
        self._enter("Deleting")
        self.stop()
        return True

    def stop(self, grace: float = STOP_GRACE_S) -> None:
        """End all instances; the status stays."""
        for group in self.groups:
            group.stop(grace)

    def fail(self, reason: str) -> None:
        """End all instances; the endpoint is Failed."""
        self.stop()
        self._enter("Failed", reason)

    def reconcile(self) -> None:
        """Start and drain instances as needed, and enter the status that they allow."""
        for group in self.groups:
            group.reconcile()
        self._retired = [group for group in self._retired if not group.has_ended]
        if self.status == "Creating":
            self._reconcile_creating()
        elif self.status == "Updating" and self._next:
            self._reconcile_replacing(self._next)
        elif self.status == "Updating":
            self._reconcile_rescaling()
        elif self.status == "InService":
            self._reconcile_serving()

    def _reconcile_creating(self) -> None:
        if failure := self._current.failure_reason:
            self.fail(failure)
        elif self._current.is_stable:
            self._enter("InService")

    def _reconcile_replacing(self, following: InstanceGroup) -> None:
        if failure := following.failure_reason:
            following.retire()
            self._retired.append(following)
            self._next = None
            self._update_failure = failure
            self._enter("InService", failure)
        elif following.is_stable:
            self._current.retire()
            self._retired.append(self._current)
            self._current, self._next = following, None
            self._enter("InService")

    def _reconcile_rescaling(self) -> None:
        if failure := self._current.failure_reason:
            self._current.drop_failed()
            self._update_failure = failure
            self._enter("InService", failure)
        elif self._current.is_stable:
            self._enter("InService")

    def _reconcile_serving(self) -> None:
        reason = self._current.reason or self._update_failure
        if reason != self.reason:
            self._enter("InService", reason)

    def _enter(self, status: str, reason: str | None = None) -> None:
        self.status, self.reason = status, reason
        fields = (self._endpoint, status, reason)
        _logger.info("event=endpoint endpoint=%s status=%s reason=%r", *fields)
        self._save()
