"""Keeps what a stopped endpoint was ordered with, so that one click starts it again."""

import logging
from datetime import datetime
from typing import Final

from core.endpoints.scaling.service import EndpointScaling
from core.endpoints.scaling.spec import ScalingSpec
from core.endpoints.service import Endpoint, Endpoints
from core.endpoints.status import endpoint_item
from core.errors import NotFound
from core.ids import Clock
from core.records.edit import edit
from core.records.interface import Record, RecordKind, RecordStore
from core.team.access import Access
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action
from core.team.users import User
from core.texts import endpoints as texts
from formats.frozen import Tolerant

log = logging.getLogger(__name__)

_MOST: Final = 50


class EndpointOrder(Tolerant):
    """What an endpoint was created with, and when it was stopped."""

    name: str
    instance_type: str
    instances: int
    owner: str = ""
    is_asynchronous: bool = True
    scaling: ScalingSpec | None = None
    stopped_at: datetime


ORDERS: Final = RecordKind("endpoint-order", EndpointOrder)
"""The owner is the endpoint's name."""
_ID: Final = "stopped"


class EndpointOrders:
    """Stops endpoints by deleting them, and starts them again as they were."""

    def __init__(
        self,
        endpoints: Endpoints,
        scaling: EndpointScaling,
        records: RecordStore,
        access: Access,
        clock: Clock,
    ) -> None:
        self._endpoints = endpoints
        self._scaling = scaling
        self._records = records
        self._access = access
        self._clock = clock

    def stop(self, user: User, name: str) -> None:
        """Stop what an endpoint costs: at zero instances where it can be so; else its order is
        kept, and it is deleted.

        Raises NotFound, NotAllowed, AwsError, InvalidInput where SageMaker does not change it now.
        """
        endpoint = self._endpoints.look_up_now(name)
        if endpoint is None:
            raise NotFound(texts.is_gone(name))
        if endpoint.stops_at_zero:
            self._scaling.stop(user, name)
        else:
            self._delete(user, endpoint)

    def hold(self, user: User, name: str) -> None:
        """Stop what an endpoint costs, so that no job wakes it: kept at zero where it can be so,
        else as `stop`. Raises as `stop`."""
        endpoint = self._endpoints.look_up_now(name)
        if endpoint is None:
            raise NotFound(texts.is_gone(name))
        if endpoint.can_be_held:
            with self._access.acting(user, Action.CHANGE, endpoint.item, name, AuditEvent.STOP):
                self._scaling.budget.hold(endpoint)
        else:
            self._delete(user, endpoint)

    def start(self, user: User, name: str) -> None:
        """Create a stopped endpoint again. Raises NotFound, and as `Endpoints.create`."""
        record = self._record(user, name)
        order = record.value
        if order.scaling:
            ends = {} if not order.scaling.has_ended(self._clock()) else {"ends_at": None}
            scaling = order.scaling.model_copy(update=ends)
            self._scaling.create(user, name, order.instance_type, scaling)
        else:
            self._endpoints.create(
                user,
                name,
                order.instance_type,
                order.instances,
                is_asynchronous=order.is_asynchronous,
            )
        self._records.delete(record)

    def forget(self, user: User, name: str) -> None:
        """Keep the order no longer. Raises NotFound, NotAllowed, AwsError."""
        record = self._record(user, name)
        item = endpoint_item(record.value.owner)
        with self._access.acting(user, Action.DELETE, item, name, AuditEvent.FORGET_ORDER):
            self._records.delete(record)

    def stopped(self, user: User) -> tuple[EndpointOrder, ...]:
        """The orders of endpoints that are not there, the last stopped first. Raises AwsError."""
        there = self._endpoints.names_in_account()
        records = self._records.page(ORDERS, limit=_MOST).records
        found = [
            record.value
            for record in records
            if record.owner not in there and self._may_see(user, record.value)
        ]
        return tuple(sorted(found, key=lambda order: order.stopped_at, reverse=True))

    def _delete(self, user: User, endpoint: Endpoint) -> None:
        """Delete it and keep its order."""
        name, event = endpoint.name, AuditEvent.STOP
        with self._access.acting(user, Action.DELETE, endpoint.item, name, event):
            order = _order_of(endpoint, self._clock())
            edit(self._records, ORDERS, name, _ID, lambda _: order)
            self._endpoints.remove(endpoint)
        log.info("event=endpoint_stopped name=%s", endpoint.name)

    def _may_see(self, user: User, order: EndpointOrder) -> bool:
        return self._access.may(user, Action.SEE, endpoint_item(order.owner))

    def _record(self, user: User, name: str) -> Record[EndpointOrder]:
        record = self._records.get(ORDERS, name, _ID)
        if record is None or not self._may_see(user, record.value):
            raise NotFound(texts.no_order(name))
        return record


def _order_of(endpoint: Endpoint, now: datetime) -> EndpointOrder:
    return EndpointOrder(
        name=endpoint.name,
        instance_type=endpoint.instance_type,
        instances=max(1, endpoint.desired),
        owner=endpoint.owner,
        is_asynchronous=endpoint.is_asynchronous,
        scaling=endpoint.scaling,
        stopped_at=now,
    )
