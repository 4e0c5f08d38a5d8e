"""Reads the on-demand prices of hosting instances from AWS's price list.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html
"""

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from core.aws.client import Aws, translate_errors
from core.endpoints.costs.price_list import PriceList
from core.errors import AwsError
from core.texts import costs as texts

_SERVICE: Final = "AmazonSageMaker"
_HOURS: Final = "Hrs"
_CURRENCY: Final = "USD"


def read_prices(aws: Aws, today: date) -> PriceList:
    """The prices of this region, in one or two calls. Raises AwsError, AwsDenied."""
    per_hour: dict[str, float] = {}
    published = ""
    with translate_errors(texts.READING_PRICES_FAILED):
        pages = (
            aws.pricing()
            .get_paginator("get_products")
            .paginate(
                ServiceCode=_SERVICE,
                Filters=[
                    {"Type": "TERM_MATCH", "Field": "component", "Value": "Hosting"},
                    {"Type": "TERM_MATCH", "Field": "regionCode", "Value": aws.region},
                ],
                PaginationConfig={"PageSize": 100},
            )
        )
        for page in pages:
            for product in map(json.loads, page["PriceList"]):
                published = max(published, str(product.get("publicationDate", "")))
                per_hour |= dict(_hourly_prices(product))
    if not per_hour:
        raise AwsError(texts.no_prices(aws.region))
    return PriceList(
        region=aws.region,
        as_of=datetime.fromisoformat(published).date() if published else today,
        source=texts.PRICE_LIST_OF_AWS,
        per_hour=per_hour,
    )


def _hourly_prices(product: Any) -> Iterator[tuple[str, float]]:
    """The instance type and its price; nothing for what is not charged by the hour."""
    name = product["product"]["attributes"].get("instanceName", "")
    for term in product["terms"].get("OnDemand", {}).values():
        for dimension in term["priceDimensions"].values():
            price = float(dimension["pricePerUnit"].get(_CURRENCY, 0))
            if name and dimension["unit"] == _HOURS and price > 0:
                yield name, price
