"""Builds what deals with endpoints: their life, scaling, costs, logs, and the choice among them."""

from dataclasses import dataclass

from core.endpoints.capacity.instance_choice import InstanceChoice
from core.endpoints.capacity.quotas import AccountQuotas
from core.endpoints.costs.service import Costs, CostsParts
from core.endpoints.lifecycle.container_log import ContainerLog
from core.endpoints.lifecycle.deletion import EndpointDeletion
from core.endpoints.lifecycle.metric_history import MetricHistories
from core.endpoints.lifecycle.orphans import Orphans
from core.endpoints.lifecycle.update import EndpointUpdate
from core.endpoints.model_caches.caches import ModelCaches
from core.endpoints.model_caches.service import EndpointRouter
from core.endpoints.real_time.orders import EndpointOrders
from core.endpoints.real_time.service import RealTimeLimits
from core.endpoints.scaling.service import EndpointScaling
from core.endpoints.service import Endpoints
from core.ids import new_id
from core.studio.base import Base


@dataclass(frozen=True)
class EndpointParts:
    """The services of endpoints."""

    endpoints: Endpoints
    scaling: EndpointScaling
    orders: EndpointOrders
    costs: Costs
    real_time: RealTimeLimits
    caches: ModelCaches
    router: EndpointRouter
    account_quotas: AccountQuotas
    instance_choice: InstanceChoice
    container_log: ContainerLog
    metric_histories: MetricHistories
    deletion: EndpointDeletion
    orphans: Orphans
    updates: EndpointUpdate


def build_endpoint_parts(base: Base) -> EndpointParts:
    """All of them."""
    settings, access, clock = base.settings, base.access, base.clock
    endpoints = Endpoints(base.aws, base.page_storage, settings, access, clock)
    scaling = EndpointScaling(base.aws, endpoints, settings, access, clock)
    orders = EndpointOrders(endpoints, scaling, base.records, access, clock)
    costs = _costs(base, endpoints, orders, scaling)
    real_time = RealTimeLimits(base.records, settings)
    caches = ModelCaches(base.page_storage, clock)
    account_quotas = AccountQuotas(base.aws, settings, clock)
    return EndpointParts(
        endpoints=endpoints,
        scaling=scaling,
        orders=orders,
        costs=costs,
        real_time=real_time,
        caches=caches,
        router=EndpointRouter(endpoints, costs, real_time, caches),
        account_quotas=account_quotas,
        instance_choice=InstanceChoice(account_quotas, settings, costs.price),
        container_log=ContainerLog(base.aws, endpoints),
        metric_histories=MetricHistories(base.aws, endpoints, clock),
        deletion=EndpointDeletion(endpoints, base.records, access, clock),
        orphans=Orphans(base.aws, endpoints, access, clock),
        updates=EndpointUpdate(settings, endpoints, scaling, base.records, access, clock),
    )


def _costs(
    base: Base, endpoints: Endpoints, orders: EndpointOrders, scaling: EndpointScaling
) -> Costs:
    return Costs(
        CostsParts(
            aws=base.aws,
            records=base.records,
            endpoints=endpoints,
            settings=base.settings,
            access=base.access,
            clock=base.clock,
            new_id=new_id,
            stop=orders.stop,
            hold=orders.hold,
            release=scaling.budget.release,
            end=endpoints.delete,
        )
    )
