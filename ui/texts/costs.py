"""Texts of costs: prices, spend, idle endpoints, limits, and what users' jobs cost."""

from datetime import date
from typing import Final

from core.endpoints.costs.service import JobCost, Price, Spend, StoppedEndpoint, StopReason
from ui.texts.formatting import (
    date_time,
    duration,
    instance_types,
    number_of_instances,
    percent,
)

_HOURS_OF_MONTH: Final = 730

# ---- the price of an hour
PRICE: Final = "Price"
PRICE_NOTE: Final = "A price set here goes before every list, for everybody. Empty takes it back."
NOT_COUNTED: Final = "What it costs is counted within a minute."
FREE: Final = "Runs on this machine and costs nothing."
SAVE: Final = "Save"

# ---- idle endpoints
STOP: Final = "Stop"
STOP_QUESTION: Final = "Stop this endpoint?"

# ---- limits
LIMITS: Final = "Limits"
BUDGET: Final = "Budget a month, US dollars"
BUDGET_HELP: Final = "At 100 % jobs are refused and the endpoint is stopped. Empty sets no limit."
ENDS_AT: Final = "Runs until"
ENDS_AT_HELP: Final = "Then it is stopped. Empty sets no end."
GUARDED_BY_DASHBOARD: Final = (
    "The dashboard guards these limits, not AWS: while no dashboard runs, nothing is stopped."
)
END_GUARDED_BY_AWS: Final = "AWS guards its end itself, also while no dashboard runs."
BUDGET_WITHOUT_PRICE: Final = (
    "The budget can't be watched, as the price is unknown. Set one under Price in the form above."
)

# ---- users and days
DAYS_TITLE: Final = "Costs by user and day"
DAYS_NOTE: Final = (
    "Days in UTC. A job costs its time on the instance, shared with the pictures drawn beside it; "
    "the start and idle time of endpoints come on top."
)
COLUMN_DAY: Final = "Day"
COLUMN_USER: Final = "User"
COLUMN_JOBS: Final = "Jobs"
COLUMN_IMAGES: Final = "Pictures"
COLUMN_TIME: Final = "Instance time"
COLUMN_COST: Final = "Cost"


def dollars(amount: float) -> str:
    """`$4.20`, and `$0.0031` below ten cents."""
    if 0 < amount < 0.1:
        return f"${amount:.4f}"
    return f"${amount:,.2f}"


def _list_of(as_of: date, source: str) -> str:
    return f"list price as of {as_of} ({source})"


def price(found: Price) -> str:
    """The price of an hour, with its date and source."""
    return f"{dollars(found.per_hour)} an hour and instance, {_list_of(found.as_of, found.source)}"


def idle_price(found: Price, minimum: int) -> str:
    """What instances cost that are kept running whether they have jobs or not."""
    month = dollars(found.per_hour * minimum * _HOURS_OF_MONTH)
    return f"{number_of_instances(minimum)} always kept: {month} a month, also while idle"


def price_of_hour(instance_type: str) -> str:
    """The field of a price that is set by hand."""
    return f"{instance_type}, US dollars an hour"


def price_is_unknown(instance_type: str) -> str:
    """No source knows it."""
    return f"The price of {instance_type} in this region is unknown."


def hours(spend: Spend) -> str:
    """The time of instances, where it can't be said in money."""
    return f"{duration(spend.seconds)} of instances, price unknown"


def amount(spend: Spend) -> str:
    """What was spent; where a price is unknown, the time that is not in it."""
    if not spend.unpriced:
        return dollars(spend.dollars)
    if not spend.dollars:
        return hours(spend)
    unpriced = ", ".join(map(instance_types, spend.unpriced))
    return f"{dollars(spend.dollars)} and {unpriced} at an unknown price"


def spend(since_start: Spend, this_month: Spend) -> str:
    """What an endpoint has cost."""
    text = f"{amount(since_start)} since its start · {amount(this_month)} this month"
    estimated = max(since_start.estimated_seconds, this_month.estimated_seconds)
    if estimated < 60:
        return text
    return f"{text} · {duration(estimated)} of it are an estimate, as no dashboard ran"


def month(spent: Spend) -> str:
    """What all endpoints have cost this month."""
    return f"{amount(spent)} this month on all endpoints, deleted ones too."


def idle(seconds: float, since_busy: Spend) -> str:
    """The endpoint had no job for so long."""
    cost = hours(since_busy) if since_busy.unpriced else dollars(since_busy.dollars)
    return f"Idle for {duration(seconds)}, {cost} since then."


GO_ON: Final = "Go on this month"
GO_ON_HELP: Final = "Restores its scaling. The budget stops nothing until the month ends."
LIFTED: Final = "The budget stops nothing until this month ends."


def stop_note(name: str) -> str:
    """What stopping does to one that can't be at zero."""
    return (
        f"{name} is deleted on AWS, so that it costs nothing. Jobs, pictures and models stay, and "
        "Start again below the list creates it as it was."
    )


def stop_at_zero_note(name: str) -> str:
    """What stopping does to one that keeps its order."""
    return f"{name} goes to zero instances, so that it costs nothing, and the next job wakes it."


def budget_used(share: float, budget: float) -> str:
    """How much of the budget is used."""
    return f"{percent(share)} of this month's budget of {dollars(budget)}"


def budget_warning(share: float, budget: float) -> str:
    """Most of it is used."""
    rest = "Jobs are refused and it is stopped." if share >= 1 else "At 100 % it is stopped."
    return f"{budget_used(share, budget)} is used. {rest}"


def ends_at(time: str) -> str:
    """The end date that was set."""
    return f"Runs until {time}."


def stopped(endpoint: StoppedEndpoint) -> str:
    """A limit stopped the endpoint."""
    when = date_time(endpoint.at)
    if endpoint.reason is StopReason.END_DATE:
        return f"{endpoint.name} was stopped at {when}: its end date was over."
    return f"{endpoint.name} was stopped at {when}: its budget for the month was used up."


def job_cost(cost: JobCost) -> str:
    """What a job cost, and how that is computed."""
    time = f"{cost.seconds:.1f} s of {instance_types(cost.instance_type)}"
    if cost.price is None or cost.dollars is None:
        return f"unknown: {time}, whose price is unknown"
    per_hour = f"{dollars(cost.price.per_hour)} an hour"
    return (
        f"{dollars(cost.dollars)} for {time} at {per_hour}, "
        f"{_list_of(cost.price.as_of, cost.price.source)}"
    )
