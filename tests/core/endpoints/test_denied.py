"""What AWS refuses or does not answer about endpoints empties nobody's list."""

import logging
from collections.abc import Iterator

import pytest

from core.settings import Backend, Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from tests.support.faulty_aws import Fault, FaultyAws, faulty_aws, refuse

DENIED = refuse(400, "AccessDeniedException", "Not yours.")
AWAY = refuse(503, "ServiceUnavailable")


@pytest.fixture(scope="module")
def account() -> Iterator[FaultyAws]:
    with faulty_aws() as account:
        yield account


@pytest.fixture(scope="module")
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
        for name in ("ours", "foreign"):
            opened.endpoints.create(LOCAL, name, "ml.g4dn.xlarge", 1)
        yield opened


def names(studio: Studio) -> set[str]:
    return {endpoint.name for endpoint in studio.endpoints.list(LOCAL, refresh=True)}


@pytest.mark.parametrize(
    ("faults", "listed", "problem"),
    [
        ({'DescribeEndpoint {"EndpointName": "foreign"': DENIED}, {"ours"}, ""),
        ({'DescribeEndpointConfig {"EndpointConfigName": "foreign"': DENIED}, {"ours"}, ""),
        ({"ListEndpoints": DENIED}, {"ours", "foreign"}, "Listing the endpoints failed"),
        ({"ListEndpoints": AWAY}, {"ours", "foreign"}, "Listing the endpoints failed"),
        ({'DescribeEndpoint {"EndpointName": "ours"': AWAY}, {"ours", "foreign"}, "ours failed"),
    ],
)
def test_the_others_are_listed(
    studio: Studio,
    account: FaultyAws,
    caplog: pytest.LogCaptureFixture,
    faults: dict[str, Fault],
    listed: set[str],
    problem: str,
) -> None:
    studio.endpoints._listing.expire()
    studio.endpoints._configurations._known.clear()
    assert names(studio) == {"ours", "foreign"}
    assert studio.endpoints.listing_problem() == ""
    studio.endpoints._configurations._known.clear()
    account.faults.update(faults)
    with caplog.at_level(logging.WARNING):
        assert names(studio) == listed
    account.faults.clear()
    said = studio.endpoints.listing_problem()
    assert problem in said
    assert said.startswith("The list is as of ") is bool(problem)
    assert ("listing_failed" if problem else "endpoint_skipped name=foreign") in caplog.text
    studio.endpoints._denied.clear()
