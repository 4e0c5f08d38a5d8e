"""Turns instance seconds into money, by the prices known today."""

from datetime import date

from core.endpoints.costs.instance_seconds import Seconds
from core.endpoints.costs.prices import Prices
from formats.frozen import Frozen

_HOUR = 3600


class Spend(Frozen):
    """Instance seconds and what they cost, in US dollars."""

    dollars: float = 0
    """Of those with a known price."""
    seconds: float = 0
    estimated_seconds: float = 0
    """The part of them in which nobody looked."""
    unpriced: tuple[str, ...] = ()
    """Instance types without a known price."""
    as_of: date | None = None
    """From when the oldest price is; None where none is needed."""


def spend_of(seconds: Seconds, estimated: Seconds, prices: Prices) -> Spend:
    """What instance seconds cost."""
    found = {kind: prices.of(kind) for kind in seconds}
    known = [(price, seconds[kind]) for kind, price in found.items() if price]
    return Spend(
        dollars=sum(price.per_hour * count / _HOUR for price, count in known),
        seconds=sum(seconds.values()),
        estimated_seconds=sum(estimated.values()),
        unpriced=tuple(sorted(kind for kind, price in found.items() if price is None)),
        as_of=min((price.as_of for price, _ in known), default=None),
    )
