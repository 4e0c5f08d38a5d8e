"""Hands an endpoint's invocations to its containers: queued ones in turn, others at once."""

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
from local_aws.sagemaker.invocations.delivery import Delivery, Failure, NotDelivered
from local_aws.sagemaker.invocations.queue import Invocation, InvocationQueue

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Loan:
    """A container lent for one synchronous invocation, and its variant."""

    variant: str
    container: Container


class Dispatcher:
    """Counts what each instance has in flight. `changed` is the endpoint's lock, told of ends.

    Once `halted` is set, deliveries under way leave their invocation in the queue.
    """

    def __init__(
        self,
        endpoint: str,
        queue: InvocationQueue,
        delivery: Delivery,
        changed: threading.Condition,
        halted: threading.Event,
    ) -> None:
        self._endpoint = endpoint
        self._queue = queue
        self._delivery = delivery
        self._changed = changed
        self._halted = halted

    def dispatch(self, group: InstanceGroup) -> None:
        """Give waiting invocations to free slots, the least busy instance first."""
        deployment = group.deployment
        while free := [i for i in group.available() if i.in_flight < deployment.max_concurrency]:
            invocation = self._queue.claim(self._endpoint)
            if invocation is None:
                return
            free[0].in_flight += 1
            threading.Thread(
                target=self._deliver, args=(invocation, free[0], deployment), daemon=True
            ).start()

    @contextmanager
    def borrow(
        self, find_group: Callable[[], InstanceGroup], variant: str | None
    ) -> Iterator[Loan]:
        """Lend the least busy container; its variant is picked by weight unless it is given.

        Raises `NoCapacity`.
        """
        with self._changed:
            group = find_group()
            name = variant or _pick_variant(group)
            instance = next(iter(group.available(name)), None) if name else None
            if name is None or instance is None or instance.container is None:
                raise NoCapacity(f"Endpoint {self._endpoint} has no instance in service.")
            instance.in_flight += 1
            loan = Loan(name, instance.container)
        try:
            yield loan
        finally:
            self._release(instance)

    def _deliver(self, invocation: Invocation, instance: Instance, deployment: Deployment) -> None:
        try:
            if instance.container is None:
                raise NotDelivered
            topics = deployment.notification_topics
            if self._delivery.deliver(invocation, instance.container, topics, self._halted):
                instance.record_success()
            self._queue.finish(invocation)
        except NotDelivered:
            self._queue.put_back(invocation)
        except Exception as error:  # noqa: BLE001 (the edge of a worker: every invocation ends)
            _log.exception("event=delivery_broken inference_id=%s", invocation.inference_id)
            self._delivery.conclude(invocation, Failure(f"Internal failure: {error}"), {})
            self._queue.finish(invocation)
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
    return random.choices(variants, weights)[0].name  # noqa: S311 (spreads load)
