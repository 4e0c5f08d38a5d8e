"""Reads the on-demand prices of hosting instances from AWS's price list.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html
"""

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from core.aws.client import Aws, translate_errors
from core.endpoints.costs.price_list import MAX_PRICE, PriceList
from core.errors import AwsError
from core.texts import costs as texts

_SERVICE: Final = "AmazonSageMaker"
_HOURS: Final = "Hrs"
_CURRENCY: Final = "USD"


def read_prices(aws: Aws, today: date) -> PriceList:
    """The prices of this region, in one or two calls; of several for one type the highest.

    Raises AwsError, also for an answer in another form than is known.
    """
    found = _products(aws)
    try:
        prices = _price_list(aws.region, [json.loads(text) for text in found], today)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise AwsError(texts.unknown_price_list(repr(error))) from error
    if not prices.per_hour:
        raise AwsError(texts.no_prices(aws.region))
    return prices


def _products(aws: Aws) -> list[str]:
    """What AWS tells of hosting instances, a JSON text for each."""
    filters = {"component": "Hosting", "regionCode": aws.region}
    with translate_errors(texts.READING_PRICES_FAILED):
        paginator = aws.pricing().get_paginator("get_products")
        pages = paginator.paginate(
            ServiceCode=_SERVICE,
            Filters=[
                {"Type": "TERM_MATCH", "Field": field, "Value": value}
                for field, value in filters.items()
            ],
            PaginationConfig={"PageSize": 100},
        )
        return [text for page in pages for text in page["PriceList"]]


def _price_list(region: str, products: list[Any], today: date) -> PriceList:
    published = max((str(one.get("publicationDate", "")) for one in products), default="")
    per_hour: dict[str, float] = {}
    for name, price in (found for one in products for found in _hourly_prices(one)):
        per_hour[name] = max(price, per_hour.get(name, 0))
    return PriceList(
        region=region,
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
            if name and dimension["unit"] == _HOURS and 0 < price <= MAX_PRICE:
                yield name, price
