"""Texts of costs: where a price is from, what can't be read, and why an endpoint was stopped."""

from typing import Final

# ---- prices
PRICE_LIST_OF_AWS: Final = "AWS price list"
SET_BY_HAND: Final = "set by hand"
THIS_MACHINE: Final = "this machine"
READING_PRICES_FAILED: Final = "Reading AWS's price list failed"


def no_prices(region: str) -> str:
    """AWS answers, with no price."""
    return f"AWS's price list has no prices of hosting instances in {region}."


def unknown_price_list(error: str) -> str:
    """AWS's answer is none that is known; `error` is Python's."""
    return f"AWS's price list has another form than is known ({error}). Set prices by hand."


def price_file_is_missing(path: str, reason: str) -> str:
    """CONTRAPPOSTO_PRICE_FILE can't be opened."""
    return f"CONTRAPPOSTO_PRICE_FILE can't be read: {reason}. Is {path} the right path?"


def price_file_is_wrong(path: str, where: str, reason: str) -> str:
    """It is not what such a file must be."""
    return (
        f"CONTRAPPOSTO_PRICE_FILE can't be used: {path} at {where or 'its top'}: {reason}. "
        "Compare it with core/endpoints/costs/prices.json."
    )


# ---- what was up
READING_ACTIVITIES_FAILED: Final = "Reading the endpoint's scaling activities failed"


def not_counted(error: str) -> str:
    """The seconds of the endpoints could not be counted; `error` is the whole message."""
    return f"Costs are as of the last look that succeeded, and limits are not watched now. {error}"


# ---- limits
END_DATE_IS_PAST: Final = "Choose an end that lies ahead."


def budget_range(limit: int) -> str:
    """A budget that can't be one."""
    return f"More than $0 and at most ${limit:,} a month; empty sets no limit."


def price_range(limit: int) -> str:
    """A price that can't be one."""
    return f"$0 to ${limit:,} an hour."


def budget_is_used_up(name: str, budget: float) -> str:
    """No job goes to the endpoint any more this month."""
    return (
        f"The endpoint {name} has used up this month's budget of ${budget:,.2f}. "
        "Raise it on the Endpoints page, or choose another endpoint."
    )


def end_date_is_over(name: str) -> str:
    """No job goes to the endpoint any more."""
    return f"The end date of the endpoint {name} is over. Choose another, or create one."


def could_not_be_stopped(error: str) -> str:
    """The limit is reached and the endpoint still runs; `error` is the whole message."""
    return f"It should be stopped, but that failed and is tried again every two minutes. {error}"
