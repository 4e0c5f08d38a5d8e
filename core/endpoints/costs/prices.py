"""Decides what an hour of an instance costs: set by hand, or listed in a file or by AWS."""

import logging
from datetime import datetime, timedelta
from typing import Final

from core.aws.client import Aws
from core.endpoints.costs.price_api import read_prices
from core.endpoints.costs.price_list import Price, PriceList, packaged_prices, read_price_file
from core.errors import AwsError
from core.ids import Clock
from core.records.edit import edit
from core.records.interface import RecordKind, RecordStore
from core.settings import Settings
from core.texts import costs as texts
from formats.instance_hosts import types_of

log = logging.getLogger(__name__)

PRICES: Final = RecordKind("price", Price)
"""Set by hand. The owner is the region, the id the instance type."""

PRICE_LISTS: Final = RecordKind("price-list", PriceList)
"""Read from AWS. The owner is the region."""
_OF_AWS: Final = "of-aws"

_MOST: Final = 200
"""Prices set by hand; AWS has about as many instance types."""

_READ_AGAIN: Final = timedelta(days=1)
_TRY_AGAIN: Final = timedelta(hours=6)
"""After AWS refused: a role without the permission does not get it within minutes."""


class Prices:
    """The prices of one region. `of` answers from memory; `load`, which a worker calls, reads the
    records and, once a day, AWS's own list. Of two sources the first of these counts: a price set
    by hand, the file of the settings, AWS, the packaged list."""

    def __init__(self, aws: Aws, records: RecordStore, settings: Settings, clock: Clock) -> None:
        self._aws = aws
        self._records = records
        self._clock = clock
        self._region = aws.region
        self.is_free = settings.embedded and settings.price_file is None
        """Everything runs on this machine, and no prices were given to try what would be paid."""
        self._asks_aws = not settings.embedded
        self._file = read_price_file(settings.price_file) if settings.price_file else ()
        self._packaged = packaged_prices()
        self._by_hand: dict[str, Price] = {}
        self._of_aws: PriceList | None = None
        self._asked_at: datetime | None = None
        self.problem = ""
        """Why AWS's own prices can't be read; empty where they were."""

    def of(self, instance_type: str) -> Price | None:
        """The price of an hour, or None where no source knows it; of several types the dearest's,
        as AWS chooses among them."""
        if self.is_free:
            today = self._clock().date()
            return Price(
                instance_type=instance_type, per_hour=0, as_of=today, source=texts.THIS_MACHINE
            )
        types = types_of(instance_type)
        known = [price for one in types if (price := self._by_hand.get(one) or self._listed(one))]
        if len(known) < len(types):
            return None
        return max(known, key=lambda price: price.per_hour)

    def set(self, instance_type: str, per_hour: float | None) -> None:
        """Set a price by hand, for everybody; None takes it back. Raises AwsError, Conflict."""
        kept = self._records.get(PRICES, self._region, instance_type)
        if per_hour is not None:
            today = self._clock().date()
            price = Price(
                instance_type=instance_type,
                per_hour=per_hour,
                as_of=today,
                source=texts.SET_BY_HAND,
            )
            edit(self._records, PRICES, self._region, instance_type, lambda _: price)
        elif kept:
            self._records.delete(kept)
        self._load_by_hand()

    def load(self) -> None:
        """Read the records, and AWS's own list where the last one is old. Raises AwsError."""
        if self.is_free:
            return
        self._load_by_hand()
        of_aws = self._records.get(PRICE_LISTS, self._region, _OF_AWS)
        self._of_aws = of_aws.value if of_aws else None
        if self._asks_aws and self._is_old():
            self._read_from_aws()

    def _load_by_hand(self) -> None:
        page = self._records.page(PRICES, self._region, limit=_MOST)
        self._by_hand = {record.id: record.value for record in page.records}

    def _listed(self, instance_type: str) -> Price | None:
        lists: tuple[PriceList | None, ...] = (*self._file, self._of_aws, *self._packaged)
        for prices in filter(None, lists):
            if prices.region == self._region and instance_type in prices.per_hour:
                return prices.price(instance_type)
        return None

    def _is_old(self) -> bool:
        now = self._clock()
        if self._asked_at and now - self._asked_at < _TRY_AGAIN:
            return False
        read_at = self._of_aws.read_at if self._of_aws else None
        return read_at is None or now - read_at >= _READ_AGAIN

    def _read_from_aws(self) -> None:
        now = self._asked_at = self._clock()
        try:
            found = read_prices(self._aws, now.date()).model_copy(update={"read_at": now})
        except AwsError as error:
            self.problem = str(error)
            log.info("event=prices_not_read error=%s", error)
            return
        self.problem = ""
        self._of_aws = edit(self._records, PRICE_LISTS, self._region, _OF_AWS, lambda _: found)
        log.info("event=prices_read region=%s types=%d", self._region, len(found.per_hour))
