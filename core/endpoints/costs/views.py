"""What pages are told of costs: of an endpoint, of a stopped one, of a user's day, of a job."""

from datetime import datetime

from core.endpoints.costs.limits import WARN_AT, EndpointLimits, StopReason
from core.endpoints.costs.price_list import Price
from core.endpoints.costs.spend import Spend
from formats.frozen import Frozen


class EndpointCosts(Frozen):
    """What one endpoint has cost so far, and what limits it."""

    name: str
    price: Price | None
    """Of an hour of one of its instances; None where it is unknown."""
    since_start: Spend = Spend()
    this_month: Spend = Spend()
    """Of all endpoints that had its name this month."""
    busy_at: datetime | None = None
    """When it last had a job, or was first seen; None before the first look."""
    since_busy: Spend = Spend()
    limits: EndpointLimits = EndpointLimits()

    @property
    def budget_share(self) -> float | None:
        """The part of this month's budget that is used; None without a budget."""
        budget = self.limits.monthly_budget
        return None if budget is None else self.this_month.dollars / budget

    @property
    def is_near_budget(self) -> bool:
        """Whether most of the budget is used."""
        return self.budget_share is not None and self.budget_share >= WARN_AT


class StoppedEndpoint(Frozen):
    """An endpoint that a limit stopped."""

    name: str
    at: datetime
    reason: StopReason
    monthly_budget: float | None


class UserDay(Frozen):
    """What the jobs of one user cost on one day, UTC."""

    user: str
    day: str
    jobs: int
    images: int
    spend: Spend


class UserMonth(Frozen):
    """What the jobs of one user cost in one month, UTC."""

    user: str
    jobs: int
    images: int
    spend: Spend


class JobCost(Frozen):
    """What one job cost."""

    instance_type: str
    seconds: float
    """On the instance, its share where others were drawn beside it."""
    price: Price | None

    @property
    def dollars(self) -> float | None:
        """None where the price is unknown."""
        return None if self.price is None else self.price.per_hour * self.seconds / 3600
