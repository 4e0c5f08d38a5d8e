"""The specification of a new endpoint: checked, and turned into SageMaker's arguments."""

import re
from functools import cache
from typing import Any, Final

from core.aws.ascii_values import encode_value
from core.aws.client import isolated_session
from core.errors import InvalidInput
from core.settings import Settings
from core.texts import endpoints as texts
from formats.frozen import Frozen
from formats.keys import ASYNC_FAILURE, ASYNC_OUTPUT

VARIANT: Final = "main"
OWNER_TAG: Final = "contrapposto:owner"
MAX_INSTANCES: Final = 10
_NAME: Final = re.compile(r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$")
"""SageMaker's own rule for endpoint names."""

_STARTUP_SECONDS: Final = 900
_GPU: Final = re.compile(r"^ml\.(g|p)\d")
_JOBS_ON_GPU: Final = 8
"""Invocations that a GPU instance takes at once, to run them in one batch."""

_QUEUED: Final = 2
"""Jobs that an instance holds besides: real-time ones may come on top of SageMaker's queue."""


class EndpointSpec(Frozen):
    """The endpoint that a user asks for."""

    name: str
    instance_type: str
    instances: int
    owner: str


@cache
def instance_types() -> tuple[str, ...]:
    """Every instance type SageMaker can host on, from botocore's own service model."""
    session: Any = isolated_session()
    shape = session.get_service_model("sagemaker").shape_for("ProductionVariantInstanceType")
    return tuple(shape.enum)


def check_spec(spec: EndpointSpec) -> None:
    """Raise InvalidInput at the field that SageMaker would refuse."""
    if not _NAME.match(spec.name):
        raise InvalidInput(texts.NAME_RULE, "name")
    if spec.instance_type not in instance_types():
        raise InvalidInput(texts.no_such_instance_type(spec.instance_type), "instance_type")
    if not 1 <= spec.instances <= MAX_INSTANCES:
        raise InvalidInput(texts.instance_count(MAX_INSTANCES), "instances")


def model_arguments(spec: EndpointSpec, settings: Settings) -> dict[str, Any]:
    """CreateModel's arguments."""
    return {
        "ModelName": spec.name,
        "PrimaryContainer": {
            "Image": settings.container_image,
            "Environment": {
                "CONTRAPPOSTO_BUCKET": settings.bucket,
                "CONTRAPPOSTO_QUEUE_DEPTH": str(_concurrency(spec, settings) + _QUEUED),
            },
        },
        "ExecutionRoleArn": settings.role,
        "Tags": _tags(spec),
    }


def config_arguments(spec: EndpointSpec, settings: Settings, topic: str = "") -> dict[str, Any]:
    """CreateEndpointConfig's arguments: one variant, asynchronous.

    `topic` is the ARN of the SNS topic that is told of ended jobs; empty for none.
    """
    bucket = f"s3://{settings.bucket}/"
    return {
        "EndpointConfigName": spec.name,
        "ProductionVariants": [
            {
                "VariantName": VARIANT,
                "ModelName": spec.name,
                "InstanceType": spec.instance_type,
                "InitialInstanceCount": spec.instances,
                "ContainerStartupHealthCheckTimeoutInSeconds": _STARTUP_SECONDS,
            }
        ],
        "AsyncInferenceConfig": {
            "OutputConfig": {
                "S3OutputPath": bucket + ASYNC_OUTPUT,
                "S3FailurePath": bucket + ASYNC_FAILURE,
                **_notifications(topic),
            },
            "ClientConfig": {
                "MaxConcurrentInvocationsPerInstance": _concurrency(spec, settings),
            },
        },
        "Tags": _tags(spec),
    }


def endpoint_arguments(spec: EndpointSpec) -> dict[str, Any]:
    """CreateEndpoint's arguments."""
    return {
        "EndpointName": spec.name,
        "EndpointConfigName": spec.name,
        "Tags": _tags(spec),
    }


def _notifications(topic: str) -> dict[str, Any]:
    if not topic:
        return {}
    return {"NotificationConfig": {"SuccessTopic": topic, "ErrorTopic": topic}}


def _tags(spec: EndpointSpec) -> list[dict[str, str]]:
    return [{"Key": OWNER_TAG, "Value": encode_value(spec.owner)}]


def _concurrency(spec: EndpointSpec, settings: Settings) -> int:
    """Jobs an instance takes at once; the embedded AWS runs every type on this CPU."""
    return _JOBS_ON_GPU if _GPU.match(spec.instance_type) and not settings.embedded else 1
