"""What a new endpoint asks of AWS: only what its settings say, and what botocore's model takes."""

from typing import Any

import pytest
from botocore.validate import validate_parameters

from core.aws.client import isolated_session
from core.endpoints.spec import (
    EndpointSpec,
    config_arguments,
    endpoint_arguments,
    instance_types,
    model_arguments,
)
from core.settings import Backend, Settings
from sagemaker_container.settings import ContainerSettings

KEY = "alias/studio"
ROLE = "arn:aws:iam::123456789012:role/endpoint"
FULL = Settings(
    backend=Backend.AWS,
    endpoint_role=ROLE,
    team="art",
    kms_key=KEY,
    subnets="subnet-0a,subnet-0b",
    security_groups="sg-0a",
)


def test_a_real_time_endpoint_has_no_queue_and_names_its_bucket() -> None:
    asynchronous, real_time = (
        spec().model_copy(update={"is_asynchronous": value}) for value in (True, False)
    )
    assert "AsyncInferenceConfig" in config_arguments(asynchronous, FULL)
    config = config_arguments(real_time, FULL)
    assert "AsyncInferenceConfig" not in config
    bucket = {"Key": "contrapposto:bucket", "Value": FULL.bucket}
    for arguments in (config, endpoint_arguments(real_time, FULL)):
        assert bucket in arguments["Tags"]
    assert bucket not in endpoint_arguments(asynchronous, FULL)["Tags"]


def spec(instance_type: str = "ml.g5.xlarge") -> EndpointSpec:
    return EndpointSpec(name="e", instance_type=instance_type, instances=1, owner="ann")


@pytest.mark.parametrize("settings", [Settings(), FULL], ids=["defaults", "everything"])
@pytest.mark.parametrize("instance_type", ["ml.g5.xlarge", "ml.m5.large"])
def test_botocore_takes_the_arguments(settings: Settings, instance_type: str) -> None:
    session: Any = isolated_session()
    model = session.get_service_model("sagemaker")
    for operation, arguments in {
        "CreateModel": model_arguments(spec(instance_type), settings),
        "CreateEndpointConfig": config_arguments(spec(instance_type), settings),
        "CreateEndpoint": endpoint_arguments(spec(instance_type), settings),
    }.items():
        validate_parameters(arguments, model.operation_model(operation).input_shape)


def test_every_instance_type_has_arguments() -> None:
    for instance_type in instance_types():
        assert config_arguments(spec(instance_type), Settings())["ProductionVariants"]


@pytest.mark.parametrize("settings", [Settings(), FULL])
def test_the_environment_is_what_a_model_takes(settings: Settings) -> None:
    """At most 100 entries of 1,024 bytes, 32 KB in all (API_ContainerDefinition)."""
    environment = model_arguments(spec(), settings)["PrimaryContainer"]["Environment"]
    assert len(environment) <= 100
    assert max(len(value.encode()) for value in environment.values()) <= 1024
    assert sum(len(name) + len(value) for name, value in environment.items()) <= 32 * 1024


@pytest.mark.parametrize(
    ("settings", "instance_type", "device"),
    [
        (FULL, "ml.g5.xlarge", "cuda"),
        (FULL, "ml.m5.large", "auto"),
        (Settings(), "ml.g5.xlarge", "auto"),
    ],
)
def test_a_gpu_that_is_paid_for_is_used_or_the_start_fails(
    settings: Settings, instance_type: str, device: str
) -> None:
    container = model_arguments(spec(instance_type), settings)["PrimaryContainer"]
    assert ContainerSettings.from_environment(container["Environment"]).device == device


@pytest.mark.parametrize(("detailed", "emf"), [(True, False), (False, True)])
def test_metrics_are_set_on_purpose(detailed: bool, emf: bool) -> None:
    settings = Settings(backend=Backend.AWS, detailed_metrics=detailed, emf=emf)
    assert config_arguments(spec(), settings)["MetricsConfig"] == {
        "EnableEnhancedMetrics": False,
        "EnableDetailedObservability": detailed,
        "MetricPublishFrequencyInSeconds": 60,
    }
    container = model_arguments(spec(), settings)["PrimaryContainer"]
    (read,) = container["ContainerMetricsConfig"]["MetricsEndpoints"]
    assert read["MetricsEndpointPath"] == "/metrics"
    told = ContainerSettings.from_environment(container["Environment"])
    assert (told.emf, told.endpoint) == (emf, "e")


def test_the_embedded_aws_always_gets_the_figures_of_jobs() -> None:
    container = model_arguments(spec(), Settings())["PrimaryContainer"]
    assert container["Environment"]["CONTRAPPOSTO_EMF"] == "true"


@pytest.mark.parametrize(
    ("settings", "key"),
    [(Settings(), None), (FULL, KEY), (Settings(kms_key=KEY), None)],
    ids=["none", "aws", "embedded"],
)
def test_the_kms_key_is_for_aws_alone(settings: Settings, key: str | None) -> None:
    config = config_arguments(spec(), settings)
    assert config.get("KmsKeyId") == key
    assert config["AsyncInferenceConfig"]["OutputConfig"].get("KmsKeyId") == key
    container = model_arguments(spec(), settings)["PrimaryContainer"]
    assert container["Environment"].get("CONTRAPPOSTO_KMS_KEY") == key


def test_a_vpc_is_asked_for_where_it_is_set() -> None:
    assert "VpcConfig" not in model_arguments(spec(), Settings())
    assert model_arguments(spec(), FULL)["VpcConfig"] == {
        "Subnets": ["subnet-0a", "subnet-0b"],
        "SecurityGroupIds": ["sg-0a"],
    }


@pytest.mark.parametrize(
    ("settings", "extra"), [(Settings(), set()), (FULL, {("contrapposto:team", "art")})]
)
def test_all_that_costs_is_tagged(settings: Settings, extra: set[tuple[str, str]]) -> None:
    expected = {("contrapposto:owner", "ann"), ("contrapposto:endpoint", "e"), *extra}
    for arguments in (
        model_arguments(spec(), settings),
        config_arguments(spec(), settings),
        endpoint_arguments(spec(), settings),
    ):
        assert {(tag["Key"], tag["Value"]) for tag in arguments["Tags"]} == expected
