"""Instance pools: which types may stand in for another, what AWS is sent, what they cost."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from core.aws.client import Aws, Connection
from core.endpoints.costs.prices import Prices
from core.endpoints.instance_pools import instance_type_of
from core.endpoints.service import Endpoint
from core.endpoints.spec import EndpointSpec, check_spec, config_arguments
from core.errors import InvalidInput
from core.ids import utc_now
from core.records.sqlite import SqliteRecordStore
from core.settings import Backend, Settings
from core.studio.service import Studio, open_studio
from core.team.users import LOCAL
from local_aws.launcher import launch
from tests.support.helpers import wait_for
from tests.support.page_fixtures import STUB

POOL = "ml.g5.xlarge+ml.g6.xlarge+ml.g5.2xlarge"
ON_AWS = Settings(backend=Backend.AWS, role="arn:aws:iam::111122223333:role/contrapposto")


def spec(instance_type: str) -> EndpointSpec:
    return EndpointSpec(name="team", instance_type=instance_type, instances=1, owner="ann")


@pytest.mark.parametrize(
    ("instance_type", "field", "words"),
    [
        ("ml.huge+ml.g5.xlarge", "instance_type", "no instance type ml.huge"),
        ("ml.p3.2xlarge+ml.g5.xlarge", "instance_type", "no longer supports"),
        ("ml.g5.xlarge+ml.g5.huge", "instance_type", "no instance type ml.g5.huge"),
        ("ml.g5.xlarge+ml.p3.2xlarge", "other_types", "no longer supports"),
        ("ml.g5.xlarge+ml.g5.xlarge", "other_types", "once"),
        ("ml.g5.xlarge+ml.m5.xlarge", "other_types", "GPU or none"),
        ("ml.m5.xlarge+ml.m6g.xlarge", "other_types", "processors of the same kind"),
        (
            "+".join(f"ml.g5.{n}xlarge" for n in ("2", "4", "8", "12", "16", "24")),
            "other_types",
            "5 instance types at most",
        ),
    ],
)
def test_types_that_can_not_stand_in_are_refused(
    instance_type: str, field: str, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words) as caught:
        check_spec(spec(instance_type), ON_AWS)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("instance_type", "sent", "volume"),
    [
        ("ml.g5.xlarge", {"InstanceType": "ml.g5.xlarge"}, False),
        ("ml.m5.xlarge", {"InstanceType": "ml.m5.xlarge"}, True),
        (
            "ml.m5.xlarge+ml.c5.xlarge",
            {
                "InstancePools": [
                    {"InstanceType": "ml.m5.xlarge", "Priority": 1},
                    {"InstanceType": "ml.c5.xlarge", "Priority": 2},
                ],
                "VariantInstanceProvisionTimeoutInSeconds": 1800,
            },
            True,
        ),
        (
            "ml.m5.xlarge+ml.m5d.xlarge",  # the second has disks, and takes no volume
            {
                "InstancePools": [
                    {"InstanceType": "ml.m5.xlarge", "Priority": 1},
                    {"InstanceType": "ml.m5d.xlarge", "Priority": 2},
                ],
                "VariantInstanceProvisionTimeoutInSeconds": 1800,
            },
            False,
        ),
    ],
)
def test_what_aws_is_sent(instance_type: str, sent: dict[str, Any], volume: bool) -> None:
    check_spec(spec(instance_type), ON_AWS)
    (variant,) = config_arguments(spec(instance_type), ON_AWS)["ProductionVariants"]
    names = {"InstanceType", "InstancePools", "VariantInstanceProvisionTimeoutInSeconds"}
    assert {name: variant[name] for name in names & variant.keys()} == sent
    assert ("VolumeSizeInGB" in variant) is volume
    assert instance_type_of(variant) == instance_type


def test_the_order_is_that_of_the_priorities() -> None:
    pools = [{"InstanceType": kind, "Priority": place} for kind, place in (("b", 2), ("a", 1))]
    assert instance_type_of({"InstancePools": pools}) == "a+b"
    assert instance_type_of({}) == ""


@pytest.mark.parametrize(
    ("instance_type", "dearest"),
    [
        ("ml.g5.xlarge+ml.g5.4xlarge+ml.g5.2xlarge", "ml.g5.4xlarge"),
        ("ml.g5.xlarge+ml.g7e.48xlarge", None),  # the price of one of them is unknown
    ],
)
def test_the_dearest_counts(tmp_path: Path, instance_type: str, dearest: str | None) -> None:
    aws = Aws(
        Connection(
            url="http://127.0.0.1:9",
            region="us-east-1",
            access_key="testing",
            secret_key=SecretStr("testing"),
        )
    )
    records = SqliteRecordStore(tmp_path / "records.sqlite")
    found = Prices(aws, records, ON_AWS, utc_now).of(instance_type)
    records.close()
    assert (found and found.instance_type) == dearest


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with launch(tmp_path_factory.mktemp("pools"), container_command=STUB) as aws:
        connection = Connection(
            url=aws.url,
            access_key=aws.access_key,
            secret_key=SecretStr(aws.secret_key),
            region=aws.region,
        )
        settings = Settings(demo=False, data=tmp_path_factory.mktemp("studio"), bucket="pools")
        with open_studio(settings, connection) as opened:
            yield opened


def described(studio: Studio) -> Endpoint:
    found = studio.endpoints.find(LOCAL, "team")
    assert found
    return found


def test_an_endpoint_of_pools_runs_and_is_updated(studio: Studio) -> None:
    studio.endpoints.create(LOCAL, "team", POOL, 1)
    wait_for(lambda: described(studio).accepts_jobs)
    assert described(studio).instance_type == POOL
    answer = studio.endpoints.resources._sagemaker.describe_endpoint(EndpointName="team")
    assert answer["ProductionVariants"][0]["InstancePools"] == [
        {"InstanceType": "ml.g5.xlarge", "CurrentInstanceCount": 1},
        {"InstanceType": "ml.g6.xlarge", "CurrentInstanceCount": 0},
        {"InstanceType": "ml.g5.2xlarge", "CurrentInstanceCount": 0},
    ]
    studio.updates.ask(LOCAL, "team", "ml.g6.xlarge")
    wait_for(lambda: described(studio).instance_type == "ml.g6.xlarge")
