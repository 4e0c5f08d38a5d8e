"""What the last look at records found, and what follows from it by the prices known now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.endpoints.costs.enforcement import reached
from core.endpoints.costs.instance_seconds import EndpointUsage, plus
from core.endpoints.costs.job_usage import JobUsage
from core.endpoints.costs.limits import EndpointLimits, StopReason
from core.endpoints.costs.prices import Prices
from core.endpoints.costs.spend import Spend, spend_of
from core.endpoints.costs.views import EndpointCosts, StoppedEndpoint, UserDay
from core.endpoints.status import Endpoint
from core.records.interface import Record


@dataclass(frozen=True)
class CostsSnapshot:
    """The usage of this month's endpoints, the limits by endpoint, and the days of users."""

    usage: tuple[EndpointUsage, ...] = ()
    limits: Mapping[str, EndpointLimits] = field(default_factory=dict)
    days: tuple[Record[JobUsage], ...] = ()

    def of(self, endpoint: Endpoint, prices: Prices) -> EndpointCosts:
        """What an endpoint costs; before its first look nothing but its price."""
        costs = EndpointCosts(
            name=endpoint.name,
            price=prices.of(endpoint.instance_type),
            this_month=self.spent_on(endpoint.name, prices),
            limits=self.limits.get(endpoint.name, EndpointLimits()),
        )
        own = [usage for usage in self._named(endpoint.name) if _is_of(usage, endpoint)]
        if not own:
            return costs
        seconds = plus(own[0].before, own[0].seconds)
        estimated = plus(own[0].before_estimated, own[0].estimated)
        return costs.model_copy(
            update={
                "since_start": spend_of(seconds, estimated, prices),
                "busy_at": own[0].busy_at,
                "since_busy": spend_of(own[0].idle, {}, prices),
            }
        )

    def spent_on(self, name: str, prices: Prices) -> Spend:
        """This month's spend on all endpoints that had a name."""
        return _sum(self._named(name), prices)

    def spent(self, prices: Prices) -> Spend:
        """This month's spend on all endpoints, deleted ones too."""
        return _sum(self.usage, prices)

    def reached(self, name: str, prices: Prices, now: datetime) -> StopReason | None:
        """Which limit an endpoint has reached."""
        limits = self.limits.get(name, EndpointLimits())
        return reached(limits, self.spent_on(name, prices).dollars, now)

    def stopped(self) -> tuple[StoppedEndpoint, ...]:
        """The endpoints that a limit stopped, the last one first."""
        found = [
            StoppedEndpoint(
                name=name,
                at=limits.stopped_at,
                reason=limits.stopped_for,
                monthly_budget=limits.monthly_budget,
            )
            for name, limits in self.limits.items()
            if limits.stopped_at and limits.stopped_for
        ]
        return tuple(sorted(found, key=lambda one: one.at, reverse=True))

    def user_days(self, prices: Prices) -> tuple[UserDay, ...]:
        """What the jobs of each user cost on each day, the newest day first."""
        return tuple(
            UserDay(
                user=record.owner,
                day=record.id,
                jobs=record.value.jobs,
                images=record.value.images,
                spend=spend_of(record.value.seconds, {}, prices),
            )
            for record in self.days
        )

    def _named(self, name: str) -> tuple[EndpointUsage, ...]:
        return tuple(usage for usage in self.usage if usage.endpoint == name)


def _is_of(usage: EndpointUsage, endpoint: Endpoint) -> bool:
    return usage.created_at == endpoint.created_at


def _sum(usages: Iterable[EndpointUsage], prices: Prices) -> Spend:
    seconds: dict[str, float] = {}
    estimated: dict[str, float] = {}
    for usage in usages:
        seconds = plus(seconds, usage.seconds)
        estimated = plus(estimated, usage.estimated)
    return spend_of(seconds, estimated, prices)
