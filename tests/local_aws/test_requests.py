"""What the control plane refuses, with botocore's service models as the oracle."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from local_aws.http.errors import InvalidParameter, ServiceError
from local_aws.http.messages import Request
from local_aws.http.request_validation import RequestValidator, compile_java_pattern
from tests.local_aws.conftest import ROLE, Cloud, refusal

CONTAINER = {"Image": "stub:1"}
VARIANT = {
    "VariantName": "main",
    "ModelName": "a-model",
    "InstanceType": "ml.g5.xlarge",
    "InitialInstanceCount": 1,
}
POOLS = [
    {"InstanceType": "ml.m5.xlarge", "Priority": 1},
    {"InstanceType": "ml.g6.xlarge", "Priority": 2},
]


def model(**fields: Any) -> tuple[str, dict[str, Any]]:
    return "create_model", {
        "ModelName": "m",
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": CONTAINER,
        **fields,
    }


def config(**fields: Any) -> tuple[str, dict[str, Any]]:
    asked = {"EndpointConfigName": "c", "ProductionVariants": [VARIANT], **fields}
    return "create_endpoint_config", asked


def variant(**fields: Any) -> tuple[str, dict[str, Any]]:
    return config(ProductionVariants=[{**VARIANT, **fields}])


def asynchronous(**fields: Any) -> tuple[str, dict[str, Any]]:
    output = {"S3OutputPath": "s3://things/out"}
    return config(AsyncInferenceConfig={"OutputConfig": output, **fields})


def without_none(value: Any) -> Any:
    """A field that the table gives as None is left out."""
    if isinstance(value, dict):
        return {name: without_none(item) for name, item in value.items() if item is not None}
    return [without_none(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (model(ModelName="no spaces"), "'modelName' failed to satisfy constraint: Member must"),
        (model(ModelName="x" * 64), "length less than or equal to 63"),
        (model(ModelName="-x"), "regular expression pattern"),
        (model(ModelName=None), "Value null at 'modelName'"),
        (model(ExecutionRoleArn="somebody"), "'executionRoleArn'"),
        (model(PrimaryContainer={**CONTAINER, "Mode": "Fast"}), "enum value set: [SingleModel"),
        (model(PrimaryContainer={**CONTAINER, "ModelDataUrl": "/x"}), "modelDataUrl"),
        (model(Containers=[CONTAINER]), "either PrimaryContainer or Containers"),
        (model(PrimaryContainer={}), "either PrimaryContainer or Containers"),
        (model(PrimaryContainer={"Mode": "SingleModel"}), "Image"),
        (
            model(PrimaryContainer=None, Containers=[CONTAINER, CONTAINER]),
            "pipelines can't be run",
        ),
        (
            model(PrimaryContainer={**CONTAINER, "Environment": {"a": "b" * 1025}}),
            "length less than or equal to 1024",
        ),
        (
            model(
                PrimaryContainer={
                    **CONTAINER,
                    "Environment": {f"a{n}": "b" * 1000 for n in range(40)},
                }
            ),
            "larger than 32 KB",
        ),
        (model(Tags=[{"Key": "k#", "Value": "v"}]), "'tags.1.member.key'"),
        (variant(InstanceType="ml.huge"), "enum value set: [ml.t2.medium"),
        (variant(InitialInstanceCount=0), "greater than or equal to 1"),
        (variant(VolumeSizeInGB=513), "less than or equal to 512"),
        (variant(ContainerStartupHealthCheckTimeoutInSeconds=59), "greater than or equal to 60"),
        (variant(ModelName="none"), 'Could not find model "arn:aws:sagemaker:us-east-1:'),
        (variant(ModelName=None), "needs ModelName"),
        (variant(InstanceType=None), "needs either InstanceType or InstancePools"),
        (variant(InstancePools=POOLS), "needs either InstanceType or InstancePools"),
        (variant(InstanceType=None, InstancePools=[]), "length greater than or equal to 1"),
        (variant(InstanceType=None, InstancePools=POOLS, VolumeSizeInGB=9), "set for ml.g6.xlarge"),
        (
            variant(ServerlessConfig={"MemorySizeInMB": 1024, "MaxConcurrency": 1}),
            "no serverless inference",
        ),
        (config(ProductionVariants=[]), "length greater than or equal to 1"),
        (config(ProductionVariants=[VARIANT] * 11), "length less than or equal to 10"),
        (config(ProductionVariants=[VARIANT] * 2), "must be unique"),
        (
            asynchronous(ClientConfig={"MaxConcurrentInvocationsPerInstance": 1001}),
            "less than or equal to 1000",
        ),
        (asynchronous(OutputConfig={"S3OutputPath": "/srv/out"}), "s3OutputPath"),
        (asynchronous(OutputConfig={}), "needs AsyncInferenceConfig's S3OutputPath"),
        (("create_endpoint", {"EndpointName": "e"}), "Value null at 'endpointConfigName'"),
        (("list_endpoints", {"MaxResults": 101}), "less than or equal to 100"),
        (("list_endpoints", {"StatusEquals": "Happy"}), "enum value set: [OutOfService"),
    ],
)
def test_what_sagemaker_refuses(
    cloud: Cloud, asked: tuple[str, dict[str, Any]], words: str
) -> None:
    call: Callable[..., Any] = getattr(cloud.sagemaker, asked[0])
    code, message, status = refusal(lambda: call(**without_none(asked[1])))
    assert (code, status) == ("ValidationException", 400)
    assert words in message


@pytest.fixture(scope="module", autouse=True)
def _a_model(cloud: Cloud) -> None:
    cloud.model("a-model")


@pytest.mark.parametrize(
    "kind", ["ml.g4dn.xlarge", "ml.g5.2xlarge", "ml.g6e.xlarge", "ml.p5.48xlarge"]
)
def test_every_instance_type_of_sagemaker_is_known(cloud: Cloud, kind: str) -> None:
    config = cloud.config("a-model", InstanceType=kind)
    described = cloud.sagemaker.describe_endpoint_config(EndpointConfigName=config)
    assert described["ProductionVariants"][0]["InstanceType"] == kind


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"no json", "SerializationException"),
        (b"[]", "SerializationException"),
        (b'{"ModelName": 3}', "SerializationException"),
        (b'{"ModelName": "m", "EnableNetworkIsolation": "yes"}', "SerializationException"),
        (b'{"ModelName": "m", "Unknown": 1}', None),
    ],
)
def test_a_body_of_another_form(body: bytes, code: str | None) -> None:
    shapes = RequestValidator("sagemaker", ["CreateModel"])
    request = Request("POST", "/", {}, body)
    if code is None:
        assert shapes.parse_json("CreateModel", request)["ModelName"] == "m"
        return
    with pytest.raises(ServiceError) as caught:
        shapes.parse_json("CreateModel", request)
    assert caught.value.code == code


def test_all_faults_are_told_at_once() -> None:
    shapes = RequestValidator("sagemaker", ["CreateEndpoint"])
    asked = json.dumps({"EndpointName": "a b", "Tags": [{"Key": ""}]}).encode()
    with pytest.raises(InvalidParameter) as caught:
        shapes.parse_json("CreateEndpoint", Request("POST", "/", {}, asked))
    assert caught.value.message.startswith("4 validation errors detected: ")


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        (r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", "a-1", True),
        (r"[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", "a-", False),
        (r"\p{ASCII}*", "plain", True),
        (r"\p{ASCII}*", "ü", False),
        (r"\A\S[\p{Print}]*\z", "a b", True),
        (r"\A\S[\p{Print}]*\z", "a\n", False),
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "größe 1", True),
        (r"([\p{L}\p{Z}\p{N}_.:/=+\-@]*)", "a#", False),
        (r"[\u0020-\uD7FF\uE000-\uFFFD\uD800\uDC00-\uDBFF\uDFFF\r\n\t]*", "dog 🐶", True),
    ],
)
def test_patterns_of_java(pattern: str, text: str, fits: bool) -> None:
    assert bool(compile_java_pattern(pattern).fullmatch(text)) is fits


def test_an_oversized_body_is_refused_before_it_is_read(cloud: Cloud) -> None:
    table = {"TableName": "x" * (17 << 20)}
    code, _, status = refusal(lambda: cloud.client("dynamodb").describe_table(**table))
    assert (code, status) == ("RequestEntityTooLargeException", 413)


def test_other_services_are_there(cloud: Cloud) -> None:
    dynamodb = cloud.client("dynamodb")
    dynamodb.create_table(
        TableName="jobs",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    dynamodb.put_item(TableName="jobs", Item={"pk": {"S": "1"}})
    assert dynamodb.get_item(TableName="jobs", Key={"pk": {"S": "1"}})["Item"]
    assert cloud.client("sts").get_caller_identity()["Account"] == "123456789012"
    assert cloud.client("iam").list_roles()["Roles"] == []
    groups = cloud.client("logs").describe_log_groups(logGroupNamePrefix="/of-nobody")
    assert groups["logGroups"] == []
    assert cloud.sagemaker.list_training_jobs()["TrainingJobSummaries"] == []
    code, message, _ = refusal(cloud.sagemaker.list_inference_components)
    assert (code, "list_inference_components" in message) == ("UnknownOperationException", True)
