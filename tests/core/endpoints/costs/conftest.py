"""An account behind a proxy, with the records of one test and a clock that can be moved."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.aws.client import Aws
from core.records.interface import RecordStore
from core.records.sqlite import SqliteRecordStore
from tests.support.faulty_aws import Answer, Call, Fault, FaultyAws, faulty_aws

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@dataclass
class MovedClock:
    """The time that the parts believe; a test moves it, or lets it run."""

    now: datetime = field(default=NOW)
    runs: bool = False

    def __call__(self) -> datetime:
        if self.runs:
            self.now = datetime.now(UTC)
        return self.now


def product(instance_type: str, price: str, unit: str = "Hrs", currency: str = "USD") -> str:
    """One entry of GetProducts' PriceList, with the fields of AWS's documents."""
    dimension = {
        "unit": unit,
        "rateCode": "X.JRTCKXETXF.6YS6EN2CT7",
        "beginRange": "0",
        "endRange": "Inf",
        "description": f"${price} per hour for {instance_type}",
        "appliesTo": [],
        "pricePerUnit": {currency: price},
    }
    return json.dumps(
        {
            "serviceCode": "AmazonSageMaker",
            "publicationDate": "2026-11-20T18:22:55Z",
            "version": "20261120182255",
            "product": {
                "productFamily": "ML Instance",
                "sku": "X",
                "attributes": {
                    "servicecode": "AmazonSageMaker",
                    "component": "Hosting",
                    "instanceName": instance_type,
                    "instanceType": f"{instance_type}-Hosting",
                    "regionCode": "eu-west-1",
                },
            },
            "terms": {"OnDemand": {"X.JRTCKXETXF": {"priceDimensions": {"X.J.6": dimension}}}},
        }
    )


def price_list(*pages: tuple[str, ...]) -> Fault:
    """AWS's price list, page by page."""

    def answer(call: Call) -> Answer:
        number = int(json.loads(call.text[call.text.index("{") :]).get("NextToken", "0"))
        more = {"NextToken": str(number + 1)} if number + 1 < len(pages) else {}
        body = {"FormatVersion": "aws_v1", "PriceList": pages[number], **more}
        headers = (("Content-Type", "application/x-amz-json-1.1"),)
        return Answer(200, json.dumps(body).encode(), headers)

    return answer


@pytest.fixture(scope="module")
def proxied() -> Iterator[tuple[FaultyAws, Aws]]:
    with faulty_aws() as account:
        yield account, Aws(account.connection)


@pytest.fixture
def account(proxied: tuple[FaultyAws, Aws]) -> Iterator[FaultyAws]:
    account, _ = proxied
    yield account
    account.faults.clear()


@pytest.fixture
def aws(proxied: tuple[FaultyAws, Aws]) -> Aws:
    return proxied[1]


@pytest.fixture
def records(tmp_path: Path) -> Iterator[RecordStore]:
    opened = SqliteRecordStore(tmp_path / "records.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()
