"""Runs one endpoint: its rollout, and the dispatch of its invocations.

All decisions are made by one thread under one lock; instances, deliveries and API calls only
change the state that it reads and wake it. Nothing polls.
"""

import logging
import shutil
import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from local_aws.sagemaker.instances.deployment import Deployment, Variant
from local_aws.sagemaker.instances.instance import Instance
from local_aws.sagemaker.instances.instance_directory import ContainerFactory
from local_aws.sagemaker.instances.rollout import Rollout
from local_aws.sagemaker.invocations.delivery import InvocationDelivery
from local_aws.sagemaker.invocations.dispatcher import ContainerLease, InvocationDispatcher
from local_aws.sagemaker.invocations.queue import Invocation, InvocationQueue

_logger = logging.getLogger(__name__)
_SHUTDOWN_GRACE_S = 2.0
# Updating too: while only capacity or a new version is being added, the endpoint serves.
_SERVING_STATUSES = {"InService", "Updating"}


@dataclass(frozen=True)
class EndpointResources:
    """What all endpoints share: how containers are started, and where; queue and delivery."""

    containers: ContainerFactory
    folder: Path
    queue: InvocationQueue
    delivery: InvocationDelivery


@dataclass(frozen=True)
class EndpointLoad:
    """What scaling is based on: invocations waiting or running, instances running or starting,
    those that serve, and the invocations that ended since this process began."""

    backlog: int
    instances: int
    healthy: int
    processed: int


class EndpointRuntime:
    """The running side of one endpoint.

    `save` is called, under the lock, whenever status, reason or deployment have changed;
    `on_deleted` once the endpoint is deleted and its containers have exited.
    """

    def __init__(
        self,
        name: str,
        deployment: Deployment,
        resources: EndpointResources,
        save: Callable[["EndpointRuntime"], None],
        on_deleted: Callable[[str], None],
    ) -> None:
        self.name = name
        self._resources = resources
        self._folder = resources.folder / name
        self._on_deleted = on_deleted
        self._changed = threading.Condition(threading.RLock())
        self._closing = threading.Event()
        self._dispatcher = InvocationDispatcher(
            name, resources.queue, resources.delivery, self._changed, self._closing
        )
        self._instance_count = 0
        self._rollout = Rollout(name, deployment, self._new_instance, lambda: save(self))
        self._thread = threading.Thread(target=self._run, name=f"endpoint-{name}", daemon=True)

    def start(self) -> None:
        """Start the instances."""
        shutil.rmtree(self._folder / "instances", ignore_errors=True)
        self._thread.start()

    def restore_failed(self, reason: str | None) -> None:
        """Start as the Failed endpoint that it was in an earlier run."""
        self._rollout.restore_failed(reason)

    # What the API reads and does.

    @property
    def status(self) -> str:
        """EndpointStatus."""
        return self._rollout.status

    @property
    def reason(self) -> str | None:
        """FailureReason."""
        return self._rollout.reason

    @property
    def deployment(self) -> Deployment:
        """What runs now."""
        return self._rollout.current.deployment

    @property
    def next_deployment(self) -> Deployment | None:
        """What an UpdateEndpoint under way will run."""
        return self._rollout.next_deployment

    def healthy_count(self, variant: str) -> int:
        """How many instances of the variant serve (CurrentInstanceCount)."""
        with self._changed:
            return self._rollout.current.healthy_count(variant)

    def load(self) -> EndpointLoad:
        """Backlog, instances and ended invocations now."""
        with self._changed:
            group = self._rollout.current
            names = [variant.name for variant in group.deployment.variants]
            instances = sum(map(group.active_count, names))
            healthy = sum(map(group.healthy_count, names))
        queue = self._resources.queue
        # In this order: one that ends meanwhile is counted twice rather than not at all.
        backlog = queue.backlog(self.name)
        return EndpointLoad(backlog, instances, healthy, queue.processed(self.name))

    def rescale(self, counts: Mapping[str, int], weights: Mapping[str, float]) -> bool:
        """Change counts and weights, by variant; Updating until the instances are as desired.

        False, and nothing done, unless the endpoint is InService.
        """
        with self._changed:
            accepted = self._rollout.rescale(counts, weights)
            self.wake()
        return accepted

    def replace(self, deployment: Deployment) -> bool:
        """Start the new deployment beside the old one and switch over when it is healthy.

        False, and nothing done, unless the endpoint is InService.
        """
        with self._changed:
            accepted = self._rollout.replace(deployment)
            self.wake()
        return accepted

    def delete(self) -> bool:
        """End everything: containers, waiting invocations, files.

        False, and nothing done, while the endpoint is being created, updated or deleted.
        """
        with self._changed:
            accepted = self._rollout.delete()
            if accepted:
                self._resources.queue.remove_all(self.name)
            self.wake()
        return accepted

    @property
    def is_serving(self) -> bool:
        """Whether it takes invocations."""
        return self.status in _SERVING_STATUSES

    def enqueue(self, invocation: Invocation) -> bool:
        """Queue an asynchronous invocation; it is on disk when this returns.

        False, and nothing done, unless the endpoint serves: what a deletion ends is all that came
        before it.
        """
        with self._changed:
            if not self.is_serving:
                return False
            self._resources.queue.put(invocation)
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
            self._rollout.stop(_SHUTDOWN_GRACE_S)
            self.wake()

    def join(self, timeout: float) -> None:
        """Wait until the containers have exited."""
        for group in self._rollout.groups:
            for instance in group:
                instance.join(timeout)

    def lease(self, variant: str | None) -> AbstractContextManager[ContainerLease]:
        """Lease a container for one synchronous invocation. Raises `NoCapacity`."""
        return self._dispatcher.lease(lambda: self._rollout.current, variant)

    # What the thread does.

    def _run(self) -> None:
        with self._changed:
            while not self._closing.is_set() and not self._rollout.is_deleted:
                self._run_once()
                self._changed.wait()
        if not self._closing.is_set():
            shutil.rmtree(self._folder, ignore_errors=True)
            self._on_deleted(self.name)

    def _run_once(self) -> None:
        try:
            self._rollout.reconcile()
            if self.is_serving and self.deployment.async_config:
                self._dispatcher.dispatch(self._rollout.current)
        except Exception as error:  # the edge of a worker
            _logger.exception("event=endpoint_broken endpoint=%s", self.name)
            self._rollout.fail(f"Internal failure of the local AWS: {error}")

    def _new_instance(self, variant: Variant) -> Instance:
        self._instance_count += 1
        name = f"{variant.name}-{self._instance_count}"
        directory = self._resources.containers.directory(self._folder, name, variant)
        return Instance(name, variant, directory, self.wake)
