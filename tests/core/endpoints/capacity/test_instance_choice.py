"""What the account may have comes first, and where AWS has none, another type is named."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from core.aws.client import Aws, Connection
from core.endpoints.capacity.instance_choice import InstanceChoice
from core.endpoints.capacity.quotas import AccountQuotas
from core.endpoints.capacity.shortage import Shortage, shortage_of
from core.endpoints.costs.price_list import packaged_prices
from core.settings import Backend, Settings
from tests.support.answering_aws import answering

NOW = datetime(2026, 11, 29, tzinfo=UTC)
SETTINGS = Settings(backend=Backend.AWS)


def quota(name: str, value: float, code: str = "L-1") -> dict[str, Any]:
    return {"QuotaName": name, "QuotaCode": code, "Value": value}


PAGES: dict[str, dict[str, Any]] = {
    "": {
        "Quotas": [
            quota("ml.g6.2xlarge for endpoint usage", 2),
            quota("ml.g5.xlarge for training job usage", 7),
            quota("ml.g5.xlarge for endpoint usage", 0, "L-1928E07B"),
        ],
        "NextToken": "2",
    },
    "2": {"Quotas": [quota("ml.g5.2xlarge for endpoint usage", 0)]},
}


@pytest.fixture
def asked() -> list[str]:
    return []


@pytest.fixture
def aws(asked: list[str]) -> Iterator[Aws]:
    def answer(request: dict[str, Any]) -> dict[str, Any]:
        asked.append(request["ServiceCode"])
        return PAGES[request.get("NextToken", "")]

    with answering(answer) as url:
        keys = {"access_key": "testing", "secret_key": SecretStr("testing")}
        yield Aws(Connection(url=url, region="us-east-1", **keys))


@pytest.fixture
def quotas(aws: Aws) -> AccountQuotas:
    loaded = AccountQuotas(aws, SETTINGS, lambda: NOW)
    loaded.load()
    return loaded


def choice(quotas: AccountQuotas) -> InstanceChoice:
    (prices,) = (one for one in packaged_prices() if one.region == "us-east-1")
    return InstanceChoice(
        quotas, SETTINGS, lambda kind: prices.price(kind) if kind in prices.per_hour else None
    )


def test_those_with_a_quota_come_first_and_those_without_last(quotas: AccountQuotas) -> None:
    offered = choice(quotas).offered()
    assert offered[0] == "ml.g6.2xlarge"
    assert set(offered[-2:]) == {"ml.g5.xlarge", "ml.g5.2xlarge"}
    found = choice(quotas).quota("ml.g5.xlarge")
    assert found
    assert found.instances == 0
    assert found.url == (
        "https://us-east-1.console.aws.amazon.com/servicequotas/home/services/sagemaker/quotas/"
        "L-1928E07B"
    )


def test_they_are_read_once_an_hour(aws: Aws, asked: list[str]) -> None:
    now = [NOW]
    quotas = AccountQuotas(aws, SETTINGS, lambda: now[0])
    for minutes, calls in ((0, 2), (59, 2), (61, 4)):
        now[0] = NOW + timedelta(minutes=minutes)
        quotas.load()
        assert len(asked) == calls


def test_the_embedded_aws_has_no_quotas(aws: Aws, asked: list[str]) -> None:
    quotas = AccountQuotas(aws, Settings(), lambda: NOW)
    quotas.load()
    assert (quotas.of("ml.g5.xlarge"), asked) == (None, [])


def test_who_may_not_read_them_is_offered_all_the_same() -> None:
    connection = Connection(url="http://127.0.0.1:9", region="us-east-1", access_key="testing")
    aws = Aws(connection.model_copy(update={"secret_key": SecretStr("testing")}))
    quotas = AccountQuotas(aws, SETTINGS, lambda: NOW)
    quotas.load()
    assert "Reading the account's quotas failed" in quotas.problem
    assert "ml.g5.xlarge" in choice(quotas).offered()


@pytest.mark.parametrize(
    ("instance_type", "others"),
    [
        ("ml.g5.xlarge", ("ml.g6.2xlarge", "ml.g5.4xlarge", "ml.g5.8xlarge")),
        ("ml.m5.xlarge", ()),
    ],
)
def test_another_type_has_as_much_gpu_memory_and_is_cheap(
    quotas: AccountQuotas, instance_type: str, others: tuple[str, ...]
) -> None:
    assert choice(quotas).alternatives(instance_type) == others


LIMIT = (
    "Creating the endpoint team failed: The account-level service limit 'ml.g5.xlarge for endpoint "
    "usage' is 0 Instances, with current utilization of 0 Instances and a request delta of 1 "
    "Instances. (ResourceLimitExceeded)."
)
CAPACITY = (
    "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. "
    "Please retry using a different ML instance type or after some time."
)


@pytest.mark.parametrize(
    ("words", "shortage", "said"),
    [
        (LIMIT, Shortage.QUOTA, "quotas/L-1928E07B"),
        (CAPACITY, Shortage.CAPACITY, "no ml.g5.xlarge left"),
        ("The primary container did not pass the ping health check.", None, ""),
    ],
)
def test_the_next_step_is_said(
    quotas: AccountQuotas, words: str, shortage: Shortage | None, said: str
) -> None:
    step = choice(quotas).next_step("ml.g5.xlarge", words)
    assert shortage_of(words) is shortage
    assert said in step
    assert ("ml.g6.2xlarge" in step) is bool(said)


def test_of_several_types_none_is_left(quotas: AccountQuotas) -> None:
    step = choice(quotas).next_step("ml.g5.xlarge+ml.g6.2xlarge", CAPACITY)
    assert "no ml.g5.xlarge and no ml.g6.2xlarge left" in step
    assert "under Else" in step
    assert "ml.g5.4xlarge" in step
