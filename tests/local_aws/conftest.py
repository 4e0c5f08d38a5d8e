"""A local AWS whose containers are stubs, and clients that know nothing of it but its exports."""

import json
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from types_boto3_application_autoscaling import ApplicationAutoScalingClient
from types_boto3_cloudwatch import CloudWatchClient
from types_boto3_s3 import S3Client
from types_boto3_sagemaker import SageMakerClient
from types_boto3_sagemaker_runtime import SageMakerRuntimeClient

from local_aws.launcher import LocalAws, launch

STUB = (sys.executable, "-S", str(Path(__file__).with_name("stub_container.py")))
ROLE = "arn:aws:iam::123456789012:role/endpoint"
BUCKET = "things"
T = TypeVar("T")


def until(what: Callable[[], T | None], seconds: float = 120) -> T:
    """Ask until the answer is true; a test fails when the time is over."""
    deadline = time.monotonic() + seconds
    while not (found := what()):
        assert time.monotonic() < deadline, f"not within {seconds} s: last answer {found!r}"
        time.sleep(0.03)
    assert found is not None
    return found


def refusal(call: Callable[[], object]) -> tuple[str, str, int]:
    """Code, message and HTTP status of the error that a call must end with."""
    with pytest.raises(ClientError) as caught:
        call()
    answer = caught.value.response
    status = answer["ResponseMetadata"]["HTTPStatusCode"]
    return answer["Error"]["Code"], answer["Error"]["Message"], status


class Cloud:
    """The clients of one local AWS, and the steps that the tests share."""

    def __init__(self, aws: LocalAws, data: Path) -> None:
        self.aws = aws
        self.data = data
        self._session: Any = boto3.Session(aws.access_key, aws.secret_key, region_name=aws.region)

    def client(self, service: str) -> Any:
        config = Config(retries={"max_attempts": 0}, parameter_validation=False)
        return self._session.client(service, endpoint_url=self.aws.url, config=config)

    @cached_property
    def sagemaker(self) -> SageMakerClient:
        client: SageMakerClient = self.client("sagemaker")
        return client

    @cached_property
    def runtime(self) -> SageMakerRuntimeClient:
        client: SageMakerRuntimeClient = self.client("sagemaker-runtime")
        return client

    @cached_property
    def s3(self) -> S3Client:
        client: S3Client = self.client("s3")
        return client

    @cached_property
    def cloudwatch(self) -> CloudWatchClient:
        client: CloudWatchClient = self.client("cloudwatch")
        return client

    @cached_property
    def autoscaling(self) -> ApplicationAutoScalingClient:
        client: ApplicationAutoScalingClient = self.client("application-autoscaling")
        return client

    def model(self, name: str | None = None, **container: Any) -> str:
        """Create a model; its name."""
        name = name or f"m-{uuid.uuid4().hex[:8]}"
        environment = {"GREETING": "hello", **container.pop("Environment", {})}
        primary: Any = {"Image": "stub:1", "Environment": environment, **container}
        self.sagemaker.create_model(ModelName=name, ExecutionRoleArn=ROLE, PrimaryContainer=primary)
        return name

    def config(
        self,
        model: str,
        name: str | None = None,
        *,
        asynchronous: bool = True,
        slots: int | None = None,
        output: Mapping[str, Any] | None = None,
        **variant: Any,
    ) -> str:
        """Create an endpoint configuration with one variant `main`; its name."""
        name = name or f"c-{uuid.uuid4().hex[:8]}"
        settings: dict[str, Any] = {"EndpointConfigName": name}
        settings["ProductionVariants"] = [
            {
                "VariantName": "main",
                "ModelName": model,
                "InstanceType": "ml.g5.xlarge",
                "InitialInstanceCount": 1,
                **variant,
            }
        ]
        if asynchronous:
            paths = {"S3OutputPath": f"s3://{BUCKET}/out/", "S3FailurePath": f"s3://{BUCKET}/bad"}
            client = {"MaxConcurrentInvocationsPerInstance": slots} if slots else {}
            settings["AsyncInferenceConfig"] = {
                "ClientConfig": client,
                "OutputConfig": {**paths, **(output or {})},
            }
        self.sagemaker.create_endpoint_config(**settings)
        return name

    def create(self, config: str, name: str | None = None) -> str:
        """Create an endpoint without waiting; its name."""
        name = name or f"e-{uuid.uuid4().hex[:8]}"
        self.sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=config)
        return name

    def deploy(self, name: str | None = None, *, environment: Any = None, **config: Any) -> str:
        """A new endpoint in service; its name."""
        model = self.model(Environment=environment or {})
        name = self.create(self.config(model, **config), name)
        self.reach(name, "InService")
        return name

    def describe(self, endpoint: str) -> Any:
        return self.sagemaker.describe_endpoint(EndpointName=endpoint)

    def counts(self, endpoint: str) -> tuple[int, int]:
        """Current and desired instance count."""
        variant = self.describe(endpoint)["ProductionVariants"][0]
        return variant["CurrentInstanceCount"], variant["DesiredInstanceCount"]

    def reach(self, endpoint: str, status: str) -> Any:
        """Wait for a status; any end that isn't it fails at once."""

        def arrived() -> Any:
            found = self.describe(endpoint)
            assert found["EndpointStatus"] in {status, "Creating", "Updating"}, found
            return found if found["EndpointStatus"] == status else None

        return until(arrived)

    def scale(self, endpoint: str, count: int) -> None:
        """Ask for an instance count without waiting."""
        self.sagemaker.update_endpoint_weights_and_capacities(
            EndpointName=endpoint,
            DesiredWeightsAndCapacities=[{"VariantName": "main", "DesiredInstanceCount": count}],
        )

    def submit(self, endpoint: str, knobs: Mapping[str, Any] | None = None, **more: Any) -> Any:
        """Invoke asynchronously with an inline body."""
        body = json.dumps(knobs or {}).encode()
        return self.runtime.invoke_endpoint_async(EndpointName=endpoint, Body=body, **more)

    def begun(self, endpoint: str) -> int:
        """How many invocations the endpoint's containers have been given."""
        return len(list(self.data.glob(f"endpoints/{endpoint}/instances/*/seen-*")))

    def object(self, uri: str) -> bytes | None:
        """The bytes at an s3:// address, once they are there."""
        bucket, key = uri.removeprefix("s3://").split("/", 1)
        try:
            return self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        except self.s3.exceptions.NoSuchKey:
            return None

    def output(self, submitted: Mapping[str, Any]) -> Any:
        """The stub's report, once it is there; fails on a failure object."""

        def found() -> bytes | None:
            assert self.object(submitted["FailureLocation"]) is None
            return self.object(submitted["OutputLocation"])

        return json.loads(until(found))

    def failure(self, submitted: Mapping[str, Any]) -> str:
        """The text of the failure object, once it is there."""
        return until(lambda: self.object(submitted["FailureLocation"])).decode()


def start(data: Path, **options: Any) -> Cloud:
    """A local AWS of the test's own, with the bucket; close `cloud.aws` afterwards."""
    cloud = Cloud(launch(data, container_command=STUB, **options), data)
    if BUCKET not in {bucket["Name"] for bucket in cloud.s3.list_buckets()["Buckets"]}:
        cloud.s3.create_bucket(Bucket=BUCKET)
    return cloud


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """One local AWS for all tests that don't stop it."""
    started = start(tmp_path_factory.mktemp("cloud"))
    with started.aws:
        yield started
