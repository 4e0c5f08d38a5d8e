"""An endpoint is created or deleted once, and whole, where one answer of AWS is lost."""

from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from core.errors import AwsError
from core.settings import Backend, Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from tests.support.faulty_aws import (
    Answer,
    Call,
    FaultyAws,
    faulty_aws,
    lose_answer,
    lose_first_answer,
    refuse,
)

CREATED = ["SageMaker.CreateModel", "SageMaker.CreateEndpointConfig", "SageMaker.CreateEndpoint "]


@pytest.fixture(scope="module")
def account() -> Iterator[FaultyAws]:
    with faulty_aws() as account:
        yield account


@pytest.fixture
def studio(account: FaultyAws) -> Iterator[Studio]:
    settings = Settings(
        backend=Backend.AWS,
        bucket="my-team-bucket",
        endpoint_role="arn:aws:iam::123456789012:role/endpoint",
        image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/contrapposto:1",
    )
    with open_studio(settings, account.connection) as opened:
        opened.setup.create_bucket()
        opened.setup.create_tables()
        yield opened
        account.faults.clear()
        for endpoint in opened.endpoints.list(LOCAL, refresh=True):
            opened.endpoints.delete(LOCAL, endpoint.name)


def parts(studio: Studio) -> set[str]:
    """What of an endpoint is on AWS."""
    sagemaker = studio.endpoints.resources._sagemaker
    described: dict[str, Callable[[], object]] = {
        "model": lambda: sagemaker.describe_model(ModelName="team"),
        "config": lambda: sagemaker.describe_endpoint_config(EndpointConfigName="team"),
        "endpoint": lambda: sagemaker.describe_endpoint(EndpointName="team"),
    }
    found = set()
    for what, describe in described.items():
        with suppress(sagemaker.exceptions.ClientError):
            describe()
            found.add(what)
    return found


@pytest.mark.parametrize("call", CREATED)
def test_it_is_created_whole(studio: Studio, account: FaultyAws, call: str) -> None:
    account.faults[call] = lose_first_answer()
    studio.endpoints.create(LOCAL, "team", "ml.g4dn.xlarge", 1)
    assert parts(studio) == {"model", "config", "endpoint"}


def test_one_that_may_exist_keeps_its_parts(studio: Studio, account: FaultyAws) -> None:
    """Every answer is lost, and AWS does not say either whether the endpoint is there."""

    def then_silent(call: Call) -> Answer:
        account.faults["SageMaker.DescribeEndpoint "] = refuse(400, "AccessDeniedException")
        return lose_answer(call)

    account.faults["SageMaker.CreateEndpoint "] = then_silent
    with pytest.raises(AwsError):
        studio.endpoints.create(LOCAL, "team", "ml.g4dn.xlarge", 1)
    account.faults.clear()
    assert parts(studio) == {"model", "config", "endpoint"}


def test_a_refusal_leaves_nothing(studio: Studio, account: FaultyAws) -> None:
    account.faults["SageMaker.CreateEndpoint "] = refuse(400, "ResourceLimitExceeded")
    with pytest.raises(AwsError, match="ResourceLimitExceeded"):
        studio.endpoints.create(LOCAL, "team", "ml.g4dn.xlarge", 1)
    assert parts(studio) == set()


def test_it_is_deleted_whole(studio: Studio, account: FaultyAws) -> None:
    studio.endpoints.create(LOCAL, "team", "ml.g4dn.xlarge", 1)
    account.faults["SageMaker.DeleteEndpoint "] = lose_first_answer()
    studio.endpoints.delete(LOCAL, "team")
    assert parts(studio) == set()
