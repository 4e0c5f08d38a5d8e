"""Dispatches an endpoint's invocations to its containers: queued ones in order, others at once."""

import logging
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from local_aws.http.errors import NoCapacity
from local_aws.sagemaker.instances.container import Container
from local_aws.sagemaker.instances.deployment import Deployment
from local_aws.sagemaker.instances.instance import Instance
from local_aws.sagemaker.instances.instance_group import InstanceGroup
from local_aws.sagemaker.invocations.delivery import (
    DeliveryInterrupted,
    InvocationDelivery,
    InvocationFailure,
)
from local_aws.sagemaker.invocations.queue import Invocation, InvocationQueue

_logger = logging.getLogger(__name__)
_random = random.SystemRandom()


@dataclass(frozen=True)
class ContainerLease:
    """A container leased for one synchronous invocation, and its variant."""

    variant: str
    container: Container


class InvocationDispatcher:
    """Counts what each instance has in flight. `changed` is the endpoint's lock, notified of ends.

    Once `stopping` is set, deliveries under way leave their invocation in the queue.
    """

    def __init__(
        self,
        endpoint: str,
        queue: InvocationQueue,
        delivery: InvocationDelivery,
        changed: threading.Condition,
        stopping: threading.Event,
    ) -> None:
        self._endpoint = endpoint
        self._queue = queue
        self._delivery = delivery
        self._changed = changed
        self._stopping = stopping

    def dispatch(self, group: InstanceGroup) -> None:
        """Start waiting invocations on instances below their concurrency, the least busy first."""
        deployment = group.deployment
        while available := [
            i for i in group.available() if i.in_flight < deployment.max_concurrency
        ]:
            invocation = self._queue.claim(self._endpoint)
            if invocation is None:
                return
            available[0].in_flight += 1
            threading.Thread(
                target=self._deliver, args=(invocation, available[0], deployment), daemon=True
            ).start()

    @contextmanager
    def lease(
        self, find_group: Callable[[], InstanceGroup], variant: str | None
    ) -> Iterator[ContainerLease]:
        """Lease the least busy container; its variant is picked by weight unless it is given.

        Raises `NoCapacity`.
        """
        with self._changed:
            group = find_group()
            name = variant or _pick_variant(group)
            instance = next(iter(group.available(name)), None) if name else None
            if name is None or instance is None or instance.container is None:
                raise NoCapacity(f"Endpoint {self._endpoint} has no instance in service.")
            instance.in_flight += 1
            leased = ContainerLease(name, instance.container)
        try:
            yield leased
        finally:
            self._release(instance)

    def _deliver(self, invocation: Invocation, instance: Instance, deployment: Deployment) -> None:
        try:
            if instance.container is None:
                raise DeliveryInterrupted
            topics = deployment.notification_topics
            if self._delivery.deliver(invocation, instance.container, topics, self._stopping):
                instance.record_success()
            self._queue.remove(invocation)
        except DeliveryInterrupted:
            self._queue.requeue(invocation)
        except Exception as error:  # the edge of a worker: every invocation ends
            _logger.exception("event=delivery_broken inference_id=%s", invocation.inference_id)
            self._delivery.store_outcome(
                invocation, InvocationFailure(f"Internal failure: {error}"), {}
            )
            self._queue.remove(invocation)
        finally:
            self._release(instance)

    def _release(self, instance: Instance) -> None:
        with self._changed:
            instance.in_flight -= 1
            self._changed.notify_all()


def _pick_variant(group: InstanceGroup) -> str | None:
    variants = [v for v in group.deployment.variants if group.available(v.name)]
    if not variants:
        return None
    weights = [variant.weight or 1e-9 for variant in variants]  # all zero would be an error
    return _random.choices(variants, weights)[0].name
