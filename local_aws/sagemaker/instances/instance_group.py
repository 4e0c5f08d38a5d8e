"""The instances that run one deployment, started and drained until there are as many as wanted."""

from collections.abc import Callable, Iterator

from local_aws.sagemaker.instances.deployment import Deployment, Variant
from local_aws.sagemaker.instances.instance import STOP_GRACE_S, Instance, State


class Group:
    """Instances by variant. Not thread-safe: the endpoint's lock guards it.

    `new_instance` makes one that has not begun yet.
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

    def fit(self) -> None:
        """Start or drain instances towards the wanted counts; forget those that are gone."""
        for variant in self.deployment.variants:
            instances = self._instances[variant.name]
            instances[:] = [i for i in instances if i.state is not State.STOPPED]
            wanted = 0 if self._retired else variant.desired
            members = [instance for instance in instances if not instance.draining]
            for _ in range(len(members), wanted):
                instance = self._new_instance(variant)
                instances.append(instance)
                instance.begin()
            for instance in sorted(members, key=_leaves_first)[: max(0, len(members) - wanted)]:
                instance.draining = True
        for instance in self:
            if instance.draining and not instance.in_flight:
                instance.stop()

    def retire(self) -> None:
        """Want no instance any more: each ends when it has answered what it has."""
        self._retired = True
        self.fit()

    def stop(self, grace: float = STOP_GRACE_S) -> None:
        """End all instances now, whatever they are doing."""
        self._retired = True
        for instance in self:
            instance.draining = True
            instance.stop(grace)

    def forget_failed(self) -> None:
        """Want as many instances as have not failed, after the others could not be started."""
        for name, instances in self._instances.items():
            instances[:] = [i for i in instances if i.state is not State.FAILED]
            members = sum(not instance.draining for instance in instances)
            self.deployment = self.deployment.resized({name: members})

    @property
    def gone(self) -> bool:
        """Whether every instance has ended."""
        return all(instance.over for instance in self)

    @property
    def settled(self) -> bool:
        """Whether it has the wanted instances, all healthy, and no other."""
        return all(
            len(self._instances[variant.name]) == variant.desired
            and all(instance.free for instance in self._instances[variant.name])
            for variant in self.deployment.variants
        )

    @property
    def failure(self) -> str | None:
        """Why an instance could not be started, if one couldn't."""
        failed = (instance for instance in self if instance.state is State.FAILED)
        return next((instance.reason for instance in failed), None)

    @property
    def trouble(self) -> str | None:
        """Why an instance failed or keeps dying, if one does."""
        return next((instance.reason for instance in self if instance.reason), None)

    def healthy(self, variant: str) -> int:
        """How many instances of the variant serve."""
        return sum(instance.free for instance in self._instances.get(variant, []))

    def members(self, variant: str) -> int:
        """How many instances the variant has or is getting."""
        return sum(not instance.draining for instance in self._instances.get(variant, []))

    def free(self, variant: str | None = None) -> list[Instance]:
        """The instances that can be given work, the least busy first."""
        instances = self if variant is None else self._instances.get(variant, [])
        return sorted((i for i in instances if i.free), key=lambda instance: instance.in_flight)


def _leaves_first(instance: Instance) -> tuple[bool, int]:
    """Order of scale-in: those that don't serve yet, then the idle ones."""
    return instance.state is State.HEALTHY, instance.in_flight
