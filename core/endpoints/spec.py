"""Plans a new endpoint: what is asked of SageMaker, checked, before anything is asked."""

import re
from functools import cache
from typing import Any, Final

from core.aws.client import isolated_session
from core.errors import InvalidInput
from core.settings import Settings
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
"""Invocations that a GPU instance takes at once, to draw them in one batch."""

_WAITING: Final = 2
"""Jobs that an instance holds besides: real-time ones may come on top of the queue's."""


class EndpointOrder(Frozen):
    """What a user asks for."""

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


def check_order(order: EndpointOrder) -> None:
    """Raise InvalidInput at the field that SageMaker would refuse."""
    if not _NAME.match(order.name):
        raise InvalidInput(
            "1-63 letters, digits and hyphens; it starts and ends with a letter or digit.", "name"
        )
    if order.instance_type not in instance_types():
        raise InvalidInput(
            f"SageMaker has no instance type {order.instance_type}.", "instance_type"
        )
    if not 1 <= order.instances <= MAX_INSTANCES:
        raise InvalidInput(f"1 to {MAX_INSTANCES} instances.", "instances")


def model_of(order: EndpointOrder, settings: Settings) -> dict[str, Any]:
    """CreateModel's arguments."""
    return {
        "ModelName": order.name,
        "PrimaryContainer": {
            "Image": settings.container_image,
            "Environment": {
                "CONTRAPPOSTO_BUCKET": settings.bucket,
                "CONTRAPPOSTO_QUEUE_DEPTH": str(_at_once(order, settings) + _WAITING),
            },
        },
        "ExecutionRoleArn": settings.role,
        "Tags": _tags(order),
    }


def config_of(order: EndpointOrder, settings: Settings) -> dict[str, Any]:
    """CreateEndpointConfig's arguments: one variant, asynchronous."""
    bucket = f"s3://{settings.bucket}/"
    return {
        "EndpointConfigName": order.name,
        "ProductionVariants": [
            {
                "VariantName": VARIANT,
                "ModelName": order.name,
                "InstanceType": order.instance_type,
                "InitialInstanceCount": order.instances,
                "ContainerStartupHealthCheckTimeoutInSeconds": _STARTUP_SECONDS,
            }
        ],
        "AsyncInferenceConfig": {
            "OutputConfig": {
                "S3OutputPath": bucket + ASYNC_OUTPUT,
                "S3FailurePath": bucket + ASYNC_FAILURE,
            },
            "ClientConfig": {
                "MaxConcurrentInvocationsPerInstance": _at_once(order, settings),
            },
        },
        "Tags": _tags(order),
    }


def endpoint_of(order: EndpointOrder) -> dict[str, Any]:
    """CreateEndpoint's arguments."""
    return {
        "EndpointName": order.name,
        "EndpointConfigName": order.name,
        "Tags": _tags(order),
    }


def _tags(order: EndpointOrder) -> list[dict[str, str]]:
    return [{"Key": OWNER_TAG, "Value": order.owner}]


def _at_once(order: EndpointOrder, settings: Settings) -> int:
    """Jobs an instance takes at once; the embedded AWS runs every type on this CPU."""
    return _JOBS_ON_GPU if _GPU.match(order.instance_type) and not settings.embedded else 1
