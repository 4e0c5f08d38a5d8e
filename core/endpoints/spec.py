"""The specification of a new endpoint: checked, and turned into SageMaker's arguments."""

import re
from functools import cache
from typing import Any, Final

from core.aws.client import isolated_session
from core.aws.tags import BUCKET_TAG, cost_tags
from core.endpoints.gpu_hosts import is_gpu
from core.endpoints.instance_pools import check_pool, pool_arguments, takes_volume
from core.endpoints.scaling.order_tag import ORDER_TAG, encode_order
from core.endpoints.scaling.spec import ScalingSpec
from core.errors import InvalidInput
from core.settings import Settings
from core.texts import endpoints as texts
from formats.frozen import Frozen
from formats.instance_hosts import types_of
from formats.keys import ASYNC_FAILURE, ASYNC_OUTPUT

VARIANT: Final = "main"
MAX_INSTANCES: Final = 10
_NAME: Final = re.compile(r"^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$")
"""SageMaker's own rule for endpoint names."""
_LONGEST_NAME: Final = 63

_STARTUP_SECONDS: Final = 900
_DOWNLOAD_SECONDS: Final = 1200
"""For model data that somebody adds to the model; AWS's own limits leave little for a large one."""

_METRICS_PATH: Final = "/metrics"
_METRIC_SECONDS: Final = 60
"""How often AWS reads the figures there."""

_JOBS_ON_GPU: Final = 8
"""Invocations that a GPU instance takes at once, to run them in one batch."""

_QUEUED: Final = 2
"""Jobs that an instance holds besides: real-time ones may come on top of SageMaker's queue."""


class EndpointSpec(Frozen):
    """The endpoint that a user asks for."""

    name: str
    instance_type: str
    """Or several, see core/endpoints/instance_pools.py."""
    instances: int
    owner: str
    scaling: ScalingSpec | None = None
    """None leaves the number of instances as it is."""
    is_asynchronous: bool = True
    """Else real-time: without a queue, and never without an instance."""
    version: str = ""
    """Of an endpoint that exists: names its new configuration and model."""
    image: str = ""
    """The container's; empty takes that of the settings."""

    @property
    def config_name(self) -> str:
        """The name of its configuration and its model."""
        if not self.version:
            return self.name
        return f"{self.name[: _LONGEST_NAME - 1 - len(self.version)]}-{self.version}"


@cache
def instance_types() -> tuple[str, ...]:
    """Every instance type SageMaker can host on, from botocore's own service model."""
    session: Any = isolated_session()
    shape = session.get_service_model("sagemaker").shape_for("ProductionVariantInstanceType")
    return tuple(shape.enum)


def is_endpoint_name(text: str) -> bool:
    """Whether SageMaker takes it as an endpoint's name."""
    return _NAME.match(text) is not None


def check_spec(spec: EndpointSpec, settings: Settings) -> None:
    """Raise InvalidInput at the field that SageMaker would refuse."""
    if not is_endpoint_name(spec.name):
        raise InvalidInput(texts.NAME_RULE, "name")
    for kind in types_of(spec.instance_type):
        if kind not in instance_types():
            raise InvalidInput(texts.no_such_instance_type(kind), "instance_type")
    check_pool(spec.instance_type, settings)
    if not 1 <= spec.instances <= MAX_INSTANCES:
        raise InvalidInput(texts.instance_count(MAX_INSTANCES), "instances")
    if spec.scaling and not spec.is_asynchronous:
        raise InvalidInput(texts.REAL_TIME_SCALING)


def model_arguments(spec: EndpointSpec, settings: Settings) -> dict[str, Any]:
    """CreateModel's arguments."""
    arguments: dict[str, Any] = {
        "ModelName": spec.config_name,
        "PrimaryContainer": {
            "Image": spec.image or settings.container_image,
            "Environment": _environment(spec, settings),
            "ContainerMetricsConfig": {
                "MetricsEndpoints": [
                    {
                        "MetricsEndpointPath": _METRICS_PATH,
                        "MetricPublishFrequencyInSeconds": _METRIC_SECONDS,
                    }
                ]
            },
        },
        "ExecutionRoleArn": settings.role,
        "Tags": _tags(spec, settings),
    }
    if settings.subnets:
        arguments["VpcConfig"] = {
            "Subnets": settings.subnets.split(","),
            "SecurityGroupIds": settings.security_groups.split(","),
        }
    return arguments


def config_arguments(spec: EndpointSpec, settings: Settings, topic: str = "") -> dict[str, Any]:
    """CreateEndpointConfig's arguments: one variant, asynchronous or real-time.

    `topic` is the ARN of the SNS topic that is told of ended jobs; empty for none.
    """
    return {
        **_encryption(settings),
        "EndpointConfigName": spec.config_name,
        "ProductionVariants": [_variant(spec, settings)],
        **(_queue(spec, settings, topic) if spec.is_asynchronous else {}),
        "MetricsConfig": {
            "EnableEnhancedMetrics": False,
            "EnableDetailedObservability": settings.detailed_metrics,
            "MetricPublishFrequencyInSeconds": _METRIC_SECONDS,
        },
        "Tags": _tags(spec, settings),
    }


def endpoint_arguments(spec: EndpointSpec, settings: Settings) -> dict[str, Any]:
    """CreateEndpoint's arguments."""
    return {
        "EndpointName": spec.name,
        "EndpointConfigName": spec.name,
        "Tags": [*_tags(spec, settings), *_order(spec)],
    }


def update_arguments(spec: EndpointSpec, *, is_counted: bool) -> dict[str, Any]:
    """UpdateEndpoint's arguments: the number of instances is retained unless it is counted."""
    count = {"VariantPropertyType": "DesiredInstanceCount"}
    return {
        "EndpointName": spec.name,
        "EndpointConfigName": spec.config_name,
        "RetainAllVariantProperties": True,
        **({"ExcludeRetainedVariantProperties": [count]} if is_counted else {}),
    }


def _queue(spec: EndpointSpec, settings: Settings, topic: str) -> dict[str, Any]:
    """What makes an endpoint asynchronous: SageMaker then takes no other invocations for it."""
    bucket = f"s3://{settings.bucket}/"
    return {
        "AsyncInferenceConfig": {
            "OutputConfig": {
                "S3OutputPath": bucket + ASYNC_OUTPUT,
                "S3FailurePath": bucket + ASYNC_FAILURE,
                **_encryption(settings),
                **_notifications(topic),
            },
            "ClientConfig": {
                "MaxConcurrentInvocationsPerInstance": concurrency(spec.instance_type, settings),
            },
        }
    }


def _encryption(settings: Settings) -> dict[str, str]:
    return {"KmsKeyId": settings.encryption_key} if settings.encryption_key else {}


def _environment(spec: EndpointSpec, settings: Settings) -> dict[str, str]:
    environment = {
        "CONTRAPPOSTO_BUCKET": settings.bucket,
        "CONTRAPPOSTO_QUEUE_DEPTH": str(concurrency(spec.instance_type, settings) + _QUEUED),
        "CONTRAPPOSTO_ENDPOINT": spec.name,
        "CONTRAPPOSTO_EMF": str(settings.emf or settings.embedded).lower(),
    }
    if settings.encryption_key:
        environment["CONTRAPPOSTO_KMS_KEY"] = settings.encryption_key
    if is_gpu(spec.instance_type):
        # NVIDIA's container toolkit then refuses a host whose driver is too old, and says why.
        environment["NVIDIA_REQUIRE_CUDA"] = f"cuda>={settings.image_cuda}"
    if is_gpu(spec.instance_type) and not settings.embedded:
        # Without its GPU it would run on the CPU, hundreds of times slower at the same price.
        environment["CONTRAPPOSTO_DEVICE"] = "cuda"
    return environment


def _variant(spec: EndpointSpec, settings: Settings) -> dict[str, Any]:
    variant: dict[str, Any] = {
        "VariantName": VARIANT,
        "ModelName": spec.config_name,
        **pool_arguments(spec.instance_type),
        "InitialInstanceCount": spec.instances,
        "ModelDataDownloadTimeoutInSeconds": _DOWNLOAD_SECONDS,
        "ContainerStartupHealthCheckTimeoutInSeconds": _STARTUP_SECONDS,
    }
    if is_gpu(spec.instance_type) and settings.inference_ami:
        variant["InferenceAmiVersion"] = settings.inference_ami
    if takes_volume(spec.instance_type):
        variant["VolumeSizeInGB"] = settings.volume_gb
    return variant


def _notifications(topic: str) -> dict[str, Any]:
    if not topic:
        return {}
    return {"NotificationConfig": {"SuccessTopic": topic, "ErrorTopic": topic}}


def _tags(spec: EndpointSpec, settings: Settings) -> list[Any]:
    bucket = [] if spec.is_asynchronous else [{"Key": BUCKET_TAG, "Value": settings.bucket}]
    return [*cost_tags(team=settings.team, owner=spec.owner, endpoint=spec.name), *bucket]


def _order(spec: EndpointSpec) -> list[dict[str, str]]:
    """The order, for whichever dashboard sees the endpoint InService."""
    return [{"Key": ORDER_TAG, "Value": encode_order(spec.scaling)}] if spec.scaling else []


def concurrency(instance_type: str, settings: Settings) -> int:
    """Jobs an instance takes at once; the embedded AWS runs every type on this CPU."""
    return _JOBS_ON_GPU if is_gpu(instance_type) and not settings.embedded else 1
