"""Orders the instance types that a form offers, and finds another one where AWS has none left."""

from collections.abc import Callable
from typing import Final

from core.endpoints.capacity.quotas import AccountQuotas, Quota
from core.endpoints.capacity.shortage import Shortage, shortage_of
from core.endpoints.costs.price_list import Price
from core.endpoints.gpu_hosts import runs_image
from core.endpoints.spec import instance_types
from core.settings import Settings
from core.texts import quotas as texts
from formats.instance_hosts import gpu_family, types_of

_MOST: Final = 3
"""Alternatives that are named."""


class InstanceChoice:
    """The instance types by what the account may have; `price` tells an hour's."""

    def __init__(
        self, quotas: AccountQuotas, settings: Settings, price: Callable[[str], Price | None]
    ) -> None:
        self._quotas = quotas
        self._settings = settings
        self._price = price

    def offered(self) -> tuple[str, ...]:
        """Every type: those with a quota first, those with a quota of 0 last."""
        return tuple(sorted(instance_types(), key=self._rank))

    def quota(self, instance_type: str) -> Quota | None:
        """The account's quota of a type; None where AWS did not tell it."""
        return self._quotas.of(instance_type)

    def alternatives(self, instance_type: str) -> tuple[str, ...]:
        """Up to three types that run the same images: of the same GPU memory, else of the next
        larger one, the cheapest first; of an unknown price, last. None with a quota of 0."""
        types = types_of(instance_type)
        wanted = gpu_family(types[0])
        least = wanted.memory_gb if wanted else 0
        if not least:
            return ()
        found = [
            ((family.memory_gb, self._price_of(other)), other)
            for other in instance_types()
            if (family := gpu_family(other))
            and family.memory_gb >= least
            and other not in types
            and self._rank(other) < _rank_of(0)
            and runs_image(other, self._settings)
        ]
        return tuple(other for _, other in sorted(found)[:_MOST])

    def next_step(self, instance_type: str, words: str) -> str:
        """What to do where AWS's words say that it has, or gives, no such instance; else empty."""
        match shortage_of(words):
            case Shortage.QUOTA:
                quota = self.quota(types_of(instance_type)[0])
                step = texts.ask_for_more(instance_type, quota.url if quota else "")
            case Shortage.CAPACITY:
                step = texts.no_capacity(types_of(instance_type))
            case Shortage.NOT_OFFERED:
                step = texts.not_offered(instance_type)
            case None:
                return ""
        return f"{step} {texts.take_another(self.alternatives(instance_type))}".strip()

    def _rank(self, instance_type: str) -> int:
        quota = self.quota(instance_type)
        return _rank_of(quota.instances if quota else None)

    def _price_of(self, instance_type: str) -> float:
        price = self._price(instance_type)
        return price.per_hour if price else float("inf")


def _rank_of(instances: int | None) -> int:
    if instances is None:
        return 1
    return 0 if instances else 2
