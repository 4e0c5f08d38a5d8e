"""One running endpoint: its status, its instances, and who does which invocation.

All decisions are made by one thread under one lock; instances, deliveries and API calls only
change what it looks at and wake it. Nothing polls.
"""

import logging
import shutil
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

from local_aws.sagemaker.instances.deployment import Deployment, Variant
from local_aws.sagemaker.instances.instance import Instance
from local_aws.sagemaker.instances.instance_group import InstanceGroup
from local_aws.sagemaker.invocations.dispatcher import ContainerLease, InvocationDispatcher
from local_aws.sagemaker.resources import Workshop

_log = logging.getLogger(__name__)
_SHUTDOWN_GRACE_S = 2.0


@dataclass(frozen=True)
class Load:
    """What the scaling looks at: invocations waiting or running, instances there or coming."""

    backlog: int
    instances: int


class Fleet:
    """The running side of one endpoint.

    `save` is called, under the lock, whenever status, reason or deployment have changed; `gone`
    once the endpoint is deleted and its containers have ended.
    """

    def __init__(
        self,
        name: str,
        deployment: Deployment,
        workshop: Workshop,
        save: Callable[["Fleet"], None],
        gone: Callable[[str], None],
    ) -> None:
        self.name = name
        self.status = "Creating"
        self.reason: str | None = None
        self._workshop = workshop
        self._folder = workshop.folder / name
        self._save = save
        self._gone = gone
        self._changed = threading.Condition(threading.RLock())
        self._closing = threading.Event()
        self._dispatcher = InvocationDispatcher(
            name, workshop.queue, workshop.delivery, self._changed, self._closing
        )
        self._counter = 0
        self._note: str | None = None  # what the last update failed of
        self._group = InstanceGroup(deployment, self._new_instance)
        self._next: InstanceGroup | None = None
        self._old: list[InstanceGroup] = []
        self._thread = threading.Thread(target=self._run, name=f"endpoint-{name}", daemon=True)

    def begin(self) -> None:
        """Start the instances."""
        shutil.rmtree(self._folder / "instances", ignore_errors=True)
        self._thread.start()

    def stay_failed(self, reason: str | None) -> None:
        """Begin as the Failed endpoint that it was in an earlier run."""
        self.status, self.reason = "Failed", reason
        self._group.retire()

    # What the API does.

    @property
    def deployment(self) -> Deployment:
        """What runs now."""
        return self._group.deployment

    @property
    def upcoming(self) -> Deployment | None:
        """What an UpdateEndpoint under way will run."""
        return self._next.deployment if self._next else None

    def healthy(self, variant: str) -> int:
        """How many instances of the variant serve (CurrentInstanceCount)."""
        with self._changed:
            return self._group.healthy_count(variant)

    def load(self) -> Load:
        """Backlog and instances now."""
        with self._changed:
            instances = sum(self._group.active_count(v.name) for v in self.deployment.variants)
        return Load(self._workshop.queue.backlog(self.name), instances)

    def rescale(self, counts: Mapping[str, int], weights: Mapping[str, float]) -> bool:
        """Change counts and weights, by variant; Updating until the instances are as wanted.

        False, and nothing done, unless the endpoint is InService.
        """
        with self._changed:
            if self.status != "InService":
                return False
            self._group.deployment = self.deployment.with_counts(counts).with_weights(weights)
            self._begin_update()
        return True

    def replace(self, deployment: Deployment) -> bool:
        """Start the new deployment beside the old one and change over when it is healthy.

        False, and nothing done, unless the endpoint is InService.
        """
        with self._changed:
            if self.status != "InService":
                return False
            self._next = InstanceGroup(deployment, self._new_instance)
            self._begin_update()
        return True

    def _begin_update(self) -> None:
        self._note = None
        self._enter("Updating")
        self.wake()

    def delete(self) -> bool:
        """End everything: containers, waiting invocations, files.

        False, and nothing done, while the endpoint is being created, updated or deleted.
        """
        with self._changed:
            if self.status in {"Creating", "Updating", "Deleting"}:
                return False
            self._enter("Deleting")
            self._workshop.queue.remove_all(self.name)
            for group in self._groups():
                group.stop()
            self.wake()
        return True

    def wake(self) -> None:
        """Let the thread look again: something was queued or has changed."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """End the containers because the local AWS ends; waiting invocations stay."""
        self._closing.set()
        with self._changed:
            for group in self._groups():
                group.stop(_SHUTDOWN_GRACE_S)
            self.wake()

    def join(self, timeout: float) -> None:
        """Wait for the containers to be gone."""
        for group in self._groups():
            for instance in group:
                instance.join(timeout)

    def lease(self, variant: str | None) -> AbstractContextManager[ContainerLease]:
        """Lend a container for one synchronous invocation. Raises `NoCapacity`."""
        return self._dispatcher.lease(lambda: self._group, variant)

    # What the thread does.

    def _run(self) -> None:
        with self._changed:
            while not self._closing.is_set() and not self._is_over():
                self._run_step()
                self._changed.wait()
        if not self._closing.is_set():
            shutil.rmtree(self._folder, ignore_errors=True)
            self._gone(self.name)

    def _run_step(self) -> None:
        try:
            self._step()
            if self.status in {"InService", "Updating"} and self.deployment.async_config:
                self._dispatcher.dispatch(self._group)
        except Exception as error:  # noqa: BLE001 (the edge of a worker)
            _log.exception("event=endpoint_broken endpoint=%s", self.name)
            self._fail(f"Internal failure of the local AWS: {error}")

    def _is_over(self) -> bool:
        return self.status == "Deleting" and all(group.has_ended for group in self._groups())

    def _groups(self) -> list[InstanceGroup]:
        return [self._group, *([self._next] if self._next else []), *self._old]

    def _step(self) -> None:
        for group in self._groups():
            group.reconcile()
        self._old = [group for group in self._old if not group.has_ended]
        if self.status == "Creating":
            self._step_creating()
        elif self.status == "Updating" and self._next:
            self._step_replacing(self._next)
        elif self.status == "Updating":
            self._step_rescaling()
        elif self.status == "InService":
            self._step_serving()

    def _step_creating(self) -> None:
        if failure := self._group.failure_reason:
            self._fail(failure)
        elif self._group.is_stable:
            self._enter("InService")

    def _step_replacing(self, upcoming: InstanceGroup) -> None:
        if failure := upcoming.failure_reason:
            upcoming.retire()
            self._old.append(upcoming)
            self._next = None
            self._note = failure
            self._enter("InService", failure)
        elif upcoming.is_stable:
            self._group.retire()
            self._old.append(self._group)
            self._group, self._next = upcoming, None
            self._enter("InService")

    def _step_rescaling(self) -> None:
        if failure := self._group.failure_reason:
            self._group.drop_failed()
            self._note = failure
            self._enter("InService", failure)
        elif self._group.is_stable:
            self._enter("InService")

    def _step_serving(self) -> None:
        reason = self._group.reason or self._note
        if reason != self.reason:
            self._enter("InService", reason)

    def _fail(self, reason: str) -> None:
        for group in self._groups():
            group.stop()
        self._enter("Failed", reason)

    def _enter(self, status: str, reason: str | None = None) -> None:
        self.status, self.reason = status, reason
        _log.info("event=endpoint endpoint=%s status=%s reason=%r", self.name, status, reason)
        self._save(self)

    def _new_instance(self, variant: Variant) -> Instance:
        self._counter += 1
        name = f"{variant.name}-{self._counter}"
        directory = self._workshop.builder.directory(self._folder, name, variant)
        return Instance(name, variant, directory, self.wake)
