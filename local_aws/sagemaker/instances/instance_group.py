"""Owns the instances of one deployment: starts and drains them to reach the desired counts."""

from collections.abc import Callable, Iterator

from local_aws.sagemaker.instances.deployment import Deployment, Variant
from local_aws.sagemaker.instances.instance import STOP_GRACE_S, Instance, InstanceState


class InstanceGroup:
    """Instances by variant. Not thread-safe: the endpoint's lock guards it.

    `new_instance` makes one that is not started yet.
    """

    def __init__(self, deployment: Deployment, new_instance: Callable[[Variant], Instance]) -> None:
        self.deployment = deployment
        self._new_instance = new_instance
        self._instances: dict[str, list[Instance]] = {v.name: [] for v in deployment.variants}
        self._retired = False

    def __iter__(self) -> Iterator[Instance]:
        """All instances, draining ones too."""
        for instances in self._instances.values():
            yield from instances

    def reconcile(self) -> None:
        """Start or drain instances to reach the desired counts; drop those that stopped."""
        for variant in self.deployment.variants:
            instances = self._instances[variant.name]
            instances[:] = [i for i in instances if i.state is not InstanceState.STOPPED]
            desired = 0 if self._retired else variant.desired
            active = [instance for instance in instances if not instance.draining]
            for _ in range(len(active), desired):
                instance = self._new_instance(variant)
                instances.append(instance)
                instance.start()
            excess = max(0, len(active) - desired)
            for instance in sorted(active, key=_scale_in_order)[:excess]:
                instance.draining = True
        for instance in self:
            if instance.draining and not instance.in_flight:
                instance.stop()

    def retire(self) -> None:
        """Drain all instances: each ends once its invocations are answered."""
        self._retired = True
        self.reconcile()

    def stop(self, grace: float = STOP_GRACE_S) -> None:
        """End all instances now, whatever they are doing."""
        self._retired = True
        for instance in self:
            instance.draining = True
            instance.stop(grace)

    def drop_failed(self) -> None:
        """Drop the instances that failed to start and lower the desired counts to the others."""
        for name, instances in self._instances.items():
            instances[:] = [i for i in instances if i.state is not InstanceState.FAILED]
            active = sum(not instance.draining for instance in instances)
            self.deployment = self.deployment.with_counts({name: active})

    @property
    def has_ended(self) -> bool:
        """Whether every instance has ended."""
        return all(instance.has_ended for instance in self)

    @property
    def is_stable(self) -> bool:
        """Whether it has exactly the desired instances, all healthy."""
        return all(
            len(self._instances[variant.name]) == variant.desired
            and all(instance.is_available for instance in self._instances[variant.name])
            for variant in self.deployment.variants
        )

    @property
    def failure_reason(self) -> str | None:
        """Why an instance failed to start; None when none did."""
        failed = (instance for instance in self if instance.state is InstanceState.FAILED)
        return next((instance.reason for instance in failed), None)

    @property
    def reason(self) -> str | None:
        """Why an instance failed or keeps crashing; None when all are well."""
        return next((instance.reason for instance in self if instance.reason), None)

    def healthy_count(self, variant: str) -> int:
        """How many instances of the variant serve."""
        return sum(instance.is_available for instance in self._instances.get(variant, []))

    def active_count(self, variant: str) -> int:
        """How many instances of the variant run or start, without draining ones."""
        return sum(not instance.draining for instance in self._instances.get(variant, []))

    def available(self, variant: str | None = None) -> list[Instance]:
        """The instances that can take an invocation, the least busy first."""
        instances = self if variant is None else self._instances.get(variant, [])
        return sorted(
            (i for i in instances if i.is_available), key=lambda instance: instance.in_flight
        )


def _scale_in_order(instance: Instance) -> tuple[bool, int]:
    """Order of scale-in: those that are not healthy yet, then the least busy."""
    return instance.state is InstanceState.HEALTHY, instance.in_flight
