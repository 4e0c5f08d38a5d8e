"""Prices: which source counts, what AWS's price list says, and what is wrong with a file."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.aws.client import Aws
from core.endpoints.costs.price_list import packaged_prices, read_price_file
from core.endpoints.costs.prices import Prices
from core.endpoints.service import instance_types
from core.errors import ConfigurationError
from core.records.interface import RecordStore
from core.settings import Backend, Settings
from tests.core.endpoints.costs.conftest import MovedClock, price_list, product
from tests.support.faulty_aws import Answer, Call, FaultyAws, refuse

G5 = "ml.g5.xlarge"
ON_AWS = Settings(backend=Backend.AWS)


def file_of(folder: Path, *lists: dict[str, Any]) -> Path:
    path = folder / "prices.json"
    path.write_text(json.dumps(lists), "utf-8")
    return path


def listed(**changes: Any) -> dict[str, Any]:
    return {
        "region": "eu-west-1",
        "as_of": "2026-10-01",
        "source": "our contract",
        "per_hour": {G5: 1.25},
        **changes,
    }


def test_the_packaged_list_names_instance_types_that_there_are() -> None:
    for prices in packaged_prices():
        assert set(prices.per_hour) <= set(instance_types())
        assert prices.source
    assert packaged_prices()[0].per_hour[G5] == 1.4084


def test_of_two_sources_the_first_counts(
    account: FaultyAws, aws: Aws, records: RecordStore, clock: MovedClock, tmp_path: Path
) -> None:
    account.faults["GetProducts"] = price_list(
        (product(G5, "1.5700000000"),), (product("ml.g6.xlarge", "1.2"), product(G5, "1.5"))
    )
    plain = Prices(aws, records, ON_AWS, clock)
    assert plain.of(G5) is None  # the packaged list is of another region
    plain.load()
    of_aws = plain.of(G5)
    assert of_aws
    assert (of_aws.per_hour, of_aws.as_of) == (1.57, date(2026, 11, 20))
    assert of_aws.source == "AWS price list"
    assert plain.of("ml.g6.xlarge")
    settings = ON_AWS.model_copy(update={"price_file": file_of(tmp_path, listed())})
    with_file = Prices(aws, records, settings, clock)
    with_file.load()
    from_file = with_file.of(G5)
    assert from_file
    assert (from_file.per_hour, from_file.source) == (1.25, "our contract")
    with_file.set(G5, 1)
    plain.load()
    for prices in (with_file, plain):
        by_hand = prices.of(G5)
        assert by_hand
        assert (by_hand.per_hour, by_hand.as_of) == (1, clock.now.date())
    plain.set(G5, None)
    plain.set(G5, None)  # a second click is harmless
    assert plain.of(G5) == of_aws
    assert plain.of("ml.p5.48xlarge") is None


def test_the_price_list_is_read_once_a_day_by_all_dashboards(
    account: FaultyAws, aws: Aws, records: RecordStore, clock: MovedClock
) -> None:
    calls: list[str] = []
    answer = price_list((product(G5, "1.57"),))

    def counted(call: Call) -> Answer:
        calls.append(call.text)
        return answer(call)

    account.faults["GetProducts"] = counted
    for _ in range(2):
        Prices(aws, records, ON_AWS, clock).load()
    assert len(calls) == 1
    assert '"component"' in calls[0]
    assert '"eu-west-1"' in calls[0]
    clock.now += timedelta(days=1)
    Prices(aws, records, ON_AWS, clock).load()
    assert len(calls) == 2


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        (refuse(400, "AccessDeniedException", "not authorized"), "Reading AWS's price list failed"),
        (price_list(()), "no prices of hosting instances in eu-west-1"),
        (price_list((product(G5, "1.5", unit="Requests"),)), "no prices of hosting instances"),
        (price_list((product(G5, "1.5", currency="CNY"),)), "no prices of hosting instances"),
        (price_list((product(G5, "99999"),)), "no prices of hosting instances"),
        (price_list((product(G5, "free"),)), "has another form than is known"),
        (price_list(("no json",)), "has another form than is known"),
        (price_list(("{}",)), "has another form than is known"),
        (price_list(("[]",)), "has another form than is known"),
    ],
)
def test_a_list_that_can_not_be_read_leaves_prices_unknown(
    account: FaultyAws,
    aws: Aws,
    records: RecordStore,
    clock: MovedClock,
    fault: Any,
    message: str,
) -> None:
    account.faults["GetProducts"] = fault
    prices = Prices(aws, records, ON_AWS, clock)
    prices.load()
    assert prices.of(G5) is None
    assert message in prices.problem
    account.faults["GetProducts"] = price_list((product(G5, "1.57"),))
    prices.load()  # not asked again so soon
    assert prices.of(G5) is None
    clock.now += timedelta(hours=6)
    prices.load()
    assert prices.of(G5)
    assert prices.problem == ""


def test_on_this_machine_everything_is_free(
    aws: Aws, records: RecordStore, clock: MovedClock, tmp_path: Path
) -> None:
    prices = Prices(aws, records, Settings(), clock)
    prices.load()
    free = prices.of(G5)
    assert free
    assert (free.per_hour, prices.is_free) == (0, True)
    tried = Prices(aws, records, Settings(price_file=file_of(tmp_path, listed())), clock)
    tried.load()
    assert tried.of(G5)
    assert not tried.is_free


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "can't be read"),
        ("no json", "at its top"),
        ("{}", "at its top"),
        (json.dumps([listed(per_hour={G5: -1})]), "at 0.per_hour.ml.g5.xlarge"),
        (json.dumps([listed(as_of="yesterday")]), "at 0.as_of"),
    ],
)
def test_a_wrong_price_file_is_explained(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "prices.json"
    if content is not None:
        path.write_text(content, "utf-8")
    with pytest.raises(ConfigurationError, match=message):
        read_price_file(path)
