"""What endpoints and jobs cost, and what limits them, as pages and the pre-flight ask for it."""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from core.aws.client import Aws
from core.endpoints.costs.enforcement import Enforcer, StopEndpoint
from core.endpoints.costs.instance_seconds import Seconds, plus
from core.endpoints.costs.job_usage import JOB_USAGE, count_job, job_seconds
from core.endpoints.costs.ledger import UsageLedger, month_of
from core.endpoints.costs.limit_changes import LimitChanges
from core.endpoints.costs.limits import LIMITS, EndpointLimits, StopReason
from core.endpoints.costs.price_list import MAX_PRICE, Price
from core.endpoints.costs.prices import Prices
from core.endpoints.costs.scaling_history import scaling_steps_or_none
from core.endpoints.costs.snapshot import CostsSnapshot
from core.endpoints.costs.spend import Spend, spend_of
from core.endpoints.costs.views import EndpointCosts, JobCost, StoppedEndpoint, UserDay, UserMonth
from core.endpoints.service import Endpoint, Endpoints
from core.endpoints.spec import instance_types
from core.endpoints.status import endpoint_item
from core.errors import AwsError, AwsUnreachable, Conflict, InvalidInput
from core.ids import Clock, NewId
from core.records.interface import RecordStore
from core.settings import Settings
from core.team.access import Access, Act
from core.team.audit.entries import AuditEvent
from core.team.permissions import Action, Item, Kind
from core.team.users import User
from core.texts import costs as texts
from formats.generation.result import GenerationResult

__all__ = [
    "Costs",
    "CostsParts",
    "EndpointCosts",
    "EndpointLimits",
    "JobCost",
    "Price",
    "Spend",
    "StopReason",
    "StoppedEndpoint",
    "UserDay",
    "UserMonth",
]

log = logging.getLogger(__name__)

_MOST_LIMITS: Final = 1000
_TOLD: Final = timedelta(days=7)
_DAYS_SHOWN: Final = 50
"""Rows of the table by user and day."""
_DAYS_OF_MONTH: Final = 31


@dataclass(frozen=True)
class CostsParts:
    """What the costs stand on."""

    aws: Aws
    records: RecordStore
    endpoints: Endpoints
    settings: Settings
    access: Access
    clock: Clock
    new_id: NewId
    stop: StopEndpoint
    """Stops an endpoint that is idle; the next job may wake it."""
    hold: StopEndpoint
    """Stops one whose budget is used up, so that no job wakes it."""
    release: Callable[[Endpoint], None]
    """Lets one that is held go on as it was ordered."""
    end: StopEndpoint
    """Ends one whose end date is over."""


class Costs:
    """Answers from memory, as of the last look, a minute ago at most: a page waits for nothing."""

    def __init__(self, parts: CostsParts) -> None:
        self._parts = parts
        self._records = parts.records
        self._prices = Prices(parts.aws, parts.records, parts.settings, parts.clock)
        aws = parts.aws
        self._ledger = UsageLedger(parts.records, lambda name: scaling_steps_or_none(aws, name))
        stops = {StopReason.BUDGET: parts.hold, StopReason.END_DATE: parts.end}
        self._enforcer = Enforcer(parts.records, stops, parts.new_id)
        self._changes = LimitChanges(parts.endpoints, parts.records, parts.access, parts.clock)
        self._lock = Lock()
        self._had_jobs: set[str] = set()
        """Endpoints on which a job ended since the last look."""
        self._warned: set[tuple[str, str]] = set()
        """Endpoints and months whose budget was told in the log to be nearly used up."""
        self._seen = CostsSnapshot()
        self._problem = ""

    @property
    def is_free(self) -> bool:
        """Whether everything runs on this machine and costs nothing."""
        return self._prices.is_free

    def price(self, instance_type: str) -> Price | None:
        """An hour of an instance; None where no source knows it."""
        return self._prices.of(instance_type)

    def per_hour(self, instance_type: str) -> float | None:
        """Dollars that are paid for an hour; None where nothing is, or it is not known."""
        found = None if self.is_free else self.price(instance_type)
        return found.per_hour if found else None

    def problem(self) -> str:
        """Why the last look could not count everything; empty where it could."""
        return self._problem

    def price_problem(self) -> str:
        """Why AWS's own prices can't be read; empty where they can."""
        return self._prices.problem

    def of(self, endpoint: Endpoint) -> EndpointCosts:
        """What an endpoint costs, as of the last look."""
        return self._seen.of(endpoint, self._prices)

    def this_month(self) -> Spend:
        """What all endpoints cost this month, deleted ones too."""
        return self._seen.spent(self._prices)

    def stopped(self) -> tuple[StoppedEndpoint, ...]:
        """The endpoints that a limit stopped in the last week, the last one first."""
        since = self._parts.clock() - _TOLD
        return tuple(one for one in self._seen.stopped() if one.at >= since)

    def days(self, user: User) -> tuple[UserDay, ...]:
        """What the jobs of each user cost on each day, the newest day first."""
        may, team = self._parts.access.may, Item(kind=Kind.TEAM)
        days = self._seen.user_days(self._prices)
        return tuple(day for day in days if day.user == user.name or may(user, Action.SEE, team))

    def month_of(self, user: User, name: str) -> UserMonth:
        """What the jobs of one person cost this month, the user's own or, for admins, anybody's;
        one query. Raises NotAllowed, AwsError."""
        if name != user.name:
            self._parts.access.require(user, Action.SEE, Item(kind=Kind.TEAM), name)
        month = month_of(self._parts.clock())
        days = self._records.page(JOB_USAGE, name, month, limit=_DAYS_OF_MONTH).records
        seconds: Seconds = {}
        for day in days:
            seconds = plus(seconds, day.value.seconds)
        return UserMonth(
            user=name,
            jobs=sum(day.value.jobs for day in days),
            images=sum(day.value.images for day in days),
            spend=spend_of(seconds, {}, self._prices),
        )

    def spent_by(self, user: str) -> float:
        """US dollars that a user's jobs cost this month, UTC, of those with a known price; one
        query. Raises AwsError."""
        month = month_of(self._parts.clock())
        days = self._records.page(JOB_USAGE, user, month, limit=_DAYS_OF_MONTH).records
        return sum(spend_of(day.value.seconds, {}, self._prices).dollars for day in days)

    def job(self, instance_type: str, result: GenerationResult) -> JobCost:
        """What a job cost that ran on an instance of this type."""
        seconds, price = job_seconds(result), self._prices.of(instance_type)
        return JobCost(instance_type=instance_type, seconds=seconds, price=price)

    def refusal(self, name: str) -> str:
        """Why an endpoint's limits let it take no more jobs, as a sentence; empty where they do."""
        match self._seen.reached(name, self._prices, self._parts.clock()):
            case StopReason.BUDGET:
                return texts.budget_is_used_up(name, self._seen.limits[name].monthly_budget or 0)
            case StopReason.END_DATE:
                return texts.end_date_is_over(name)
            case None:
                return ""

    def set_limits(
        self, user: User, name: str, monthly_budget: float | None, ends_at: datetime | None
    ) -> None:
        """Set an endpoint's budget and end date, None for none.

        Raises InvalidInput at the field, NotFound, NotAllowed, AwsError.
        """
        self._note(name, self._changes.set(user, name, monthly_budget, ends_at))
        self._release(name)

    def go_on(self, user: User, name: str) -> None:
        """Let an endpoint go on whose budget is used up; the budget stops nothing until the month
        ends. Raises NotFound, NotAllowed, AwsError."""
        self._note(name, self._changes.lift(user, name))
        self._release(name)

    def set_price(self, user: User, instance_type: str, per_hour: float | None) -> None:
        """Set the price of an hour by hand, for everybody; None takes it back.

        Raises InvalidInput, NotAllowed, AwsError.
        """
        acting, event = self._parts.access.acting, AuditEvent.SET_PRICE
        with acting(user, Action.CHANGE, endpoint_item(""), event=event) as act:
            self._set_price(instance_type, per_hour, act)

    def _set_price(self, instance_type: str, per_hour: float | None, act: Act) -> None:
        if per_hour is not None and not 0 <= per_hour <= MAX_PRICE:
            raise InvalidInput(texts.price_range(MAX_PRICE), "price")
        if instance_type in instance_types():
            act.name(instance_type)
        self._prices.set(instance_type, per_hour)

    def stop(self, user: User, name: str) -> None:
        """Stop an endpoint, so that it costs nothing. Raises NotFound, NotAllowed, AwsError."""
        self._parts.stop(user, name)

    def note_job(self, endpoint: str) -> None:
        """A job has ended on an endpoint: it was not idle."""
        with self._lock:
            self._had_jobs.add(endpoint)

    def count_job(self, owner: str, instance_type: str, result: GenerationResult) -> None:
        """Count what a job cost, for its user and day, once. Raises AwsError."""
        count_job(self._records, owner, instance_type, result)

    def look(self, busy: Collection[str] = ()) -> None:
        """Count every endpoint's seconds, and stop what has reached a limit. Raises AwsError.

        `busy` are the endpoints that have jobs now.
        """
        try:
            self._look(busy)
        except AwsError as error:
            self._problem = texts.not_counted(str(error))
            raise
        self._problem = ""

    def _look(self, busy: Collection[str]) -> None:
        self._prices.load()
        now = self._parts.clock()
        endpoints = self._parts.endpoints.all()
        if old := self._parts.endpoints.listing_problem():
            raise AwsUnreachable(old)  # whether its instances are still up is not known
        with self._lock:
            had_jobs, self._had_jobs = self._had_jobs | set(busy), set()
        for endpoint in endpoints:
            self._count(endpoint, now, is_busy=endpoint.name in had_jobs)
        self._load(now)
        for endpoint in endpoints:
            self._enforce(endpoint, now)

    def _count(self, endpoint: Endpoint, now: datetime, *, is_busy: bool) -> None:
        try:
            self._ledger.look(endpoint, now, is_busy=is_busy)
        except Conflict as error:  # a record of a newer version must not keep us from the others
            log.warning("event=not_counted endpoint=%s error=%s", endpoint.name, error)

    def _load(self, now: datetime) -> None:
        limits = self._records.page(LIMITS, limit=_MOST_LIMITS).records
        self._seen = CostsSnapshot(
            usage=self._ledger.month(now),
            limits={record.owner: record.value for record in limits},
            days=self._records.page(JOB_USAGE, limit=_DAYS_SHOWN).records,
        )

    def _note(self, name: str, limits: EndpointLimits) -> None:
        self._seen = replace(self._seen, limits={**self._seen.limits, name: limits})

    def _release(self, name: str) -> None:
        """Let an endpoint go on that is held and has reached no limit any more."""
        endpoint = self._parts.endpoints.look_up_now(name)
        is_reached = self._seen.reached(name, self._prices, self._parts.clock())
        if endpoint and endpoint.is_held and not is_reached:
            self._parts.release(endpoint)

    def _enforce(self, endpoint: Endpoint, now: datetime) -> None:
        name, costs = endpoint.name, self.of(endpoint)
        if reason := self._seen.reached(name, self._prices, now):
            if limits := self._enforcer.enforce(endpoint, reason, now):
                self._note(name, limits)
            return
        if costs.is_near_budget and (name, month_of(now)) not in self._warned:
            self._warned.add((name, month_of(now)))
            log.warning("event=near_budget endpoint=%s share=%.2f", name, costs.budget_share)
        if endpoint.is_held:  # another month has begun, or another dashboard took a budget back
            try:
                self._release(name)
            except AwsError as error:
                log.warning("event=not_released endpoint=%s error=%s", name, error)
