"""An endpoint that is created through the SDK is the one that the Endpoints page creates."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from core.aws.client import Aws, Connection
from core.endpoints.scaling.spec import ScalingSpec
from core.errors import ConfigurationError, DeploymentFailed
from core.ids import utc_now
from core.settings import Backend, Settings
from core.team.users import LOCAL
from deploy.sdk_endpoints import follow, load_resources, open_endpoints, settings_of, snake_case
from deploy.stack import StackState
from local_aws.launcher import launch
from tests.local_aws.conftest import STUB
from tests.support import sdk_resources

STATE = StackState(
    name="contrapposto",
    status="UPDATE_COMPLETE",
    reason="",
    parameters={"Team": "animation"},
    outputs={
        "Bucket": "team-bucket",
        "JobsTable": "contrapposto-jobs",
        "RecordsTable": "contrapposto-records",
        "EndpointRole": "arn:aws:iam::123456789012:role/contrapposto-endpoint",
        "ContainerImage": "123456789012.dkr.ecr.us-east-1.amazonaws.com/c@sha256:" + "1" * 64,
    },
)


@pytest.fixture
def sagemaker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The embedded AWS with a stub of the container, found in the environment as an account is."""
    with launch(tmp_path, container_command=STUB) as local:
        for name, value in local.environment().items():
            monkeypatch.setenv(name, value)
        session = boto3.Session()
        session.client("s3").create_bucket(Bucket="team-bucket")
        yield session.client("sagemaker")


def test_the_endpoint_is_the_studios_own(sagemaker: Any) -> None:
    settings, said = settings_of(STATE), list[str]()
    endpoints, scaling = open_endpoints(Aws(Connection()), settings, sdk_resources, utc_now)
    scaling.create(LOCAL, "team", "ml.c5.xlarge", ScalingSpec(maximum=2))
    follow(endpoints, "team", said.append, sleep=lambda _: None)
    scaling.complete_pending()
    assert scaling.reports(LOCAL, refresh=True)["team"].findings == ()
    assert said[-1] == "endpoint team: InService"
    (listed,) = endpoints.list(LOCAL, refresh=True)
    assert (listed.name, listed.owner, listed.instance_type) == ("team", "local", "ml.c5.xlarge")
    model = sagemaker.describe_model(ModelName="team")
    assert model["PrimaryContainer"]["Image"] == STATE.outputs["ContainerImage"]
    assert model["PrimaryContainer"]["Environment"]["CONTRAPPOSTO_BUCKET"] == "team-bucket"
    assert model["ExecutionRoleArn"] == STATE.outputs["EndpointRole"]
    endpoints.delete(LOCAL, "team")


def test_an_endpoint_that_goes_away_is_no_success(sagemaker: Any) -> None:
    endpoints, _ = open_endpoints(Aws(Connection()), settings_of(STATE), sdk_resources, utc_now)
    with pytest.raises(DeploymentFailed, match="team is gone"):
        follow(endpoints, "team", print)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"ModelName": "a"}, {"model_name": "a"}),
        ({"Tags": [{"Key": "a:B", "Value": "C"}]}, {"tags": [{"key": "a:B", "value": "C"}]}),
        ({"Environment": {"A_B": "c"}}, {"environment": {"A_B": "c"}}),
        ({"S3OutputPath": "s3://b"}, {"s3_output_path": "s3://b"}),
        ({"VolumeSizeInGB": 64}, {"volume_size_in_gb": 64}),
        ({"EnableEnhancedMetrics": False}, {"enable_enhanced_metrics": False}),
        (
            {"ContainerStartupHealthCheckTimeoutInSeconds": 900},
            {"container_startup_health_check_timeout_in_seconds": 900},
        ),
    ],
)
def test_arguments_have_the_names_of_the_sdk(given: Any, expected: Any) -> None:
    assert snake_case(given) == expected


def test_the_settings_are_the_stacks() -> None:
    settings = settings_of(STATE)
    assert settings.backend is Backend.AWS
    assert (settings.bucket, settings.team) == ("team-bucket", "animation")
    assert settings.image == STATE.outputs["ContainerImage"]
    assert isinstance(settings, Settings)


def test_without_the_sdk_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sagemaker", None)
    with pytest.raises(ConfigurationError, match=r"contrapposto\[deploy\]"):
        load_resources()
