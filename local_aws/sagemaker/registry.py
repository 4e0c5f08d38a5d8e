"""Owns models and endpoint configurations, and looks all kinds of resources up by name."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from formats.instance_hosts import has_local_disks
from local_aws.arns import build_arn
from local_aws.document_store import Document, DocumentStore
from local_aws.http.errors import InvalidParameter
from local_aws.sagemaker.instances.deployment import Deployment, Variant

ResourceKind = Literal["model", "endpoint-config", "endpoint"]

# The kinds as AWS's messages name them.
_DISPLAY_NAMES: Mapping[ResourceKind, str] = {
    "model": "model",
    "endpoint-config": "endpoint configuration",
    "endpoint": "endpoint",
}
_MODEL_FIELDS = (
    "ModelName",
    "PrimaryContainer",
    "Containers",
    "InferenceExecutionConfig",
    "ExecutionRoleArn",
    "VpcConfig",
    "EnableNetworkIsolation",
)
_CONFIG_FIELDS = (
    "EndpointConfigName",
    "ProductionVariants",
    "DataCaptureConfig",
    "KmsKeyId",
    "AsyncInferenceConfig",
    "ExplainerConfig",
    "ShadowProductionVariants",
    "ExecutionRoleArn",
    "VpcConfig",
    "EnableNetworkIsolation",
    "MetricsConfig",
)


class ResourceRegistry:
    """Creates, describes and deletes models and endpoint configurations."""

    def __init__(self, documents: DocumentStore, region: str, clock: Callable[[], float]) -> None:
        self._documents = documents
        self._region = region
        self._clock = clock

    def arn(self, kind: ResourceKind, name: str) -> str:
        """The ARN of a resource, which need not exist."""
        return build_arn("sagemaker", self._region, f"{kind}/{name}")

    def create_model(self, params: Mapping[str, Any]) -> Document:
        """CreateModel. One container is run; a pipeline of several is an error."""
        containers = params.get("Containers") or []
        if bool(params.get("PrimaryContainer")) == bool(containers):
            raise InvalidParameter("Specify either PrimaryContainer or Containers.")
        if len(containers) > 1:
            raise InvalidParameter("Inference pipelines can't be run by the local AWS.")
        container = params.get("PrimaryContainer") or containers[0]
        if not container.get("Image") and not container.get("ModelPackageName"):
            raise InvalidParameter("Specify the container's Image.")
        if "ModelDataUrl" in container and "ModelDataSource" in container:
            raise InvalidParameter("Specify either ModelDataUrl or ModelDataSource.")
        self._check_environment(container.get("Environment") or {})
        params = {"EnableNetworkIsolation": False, **params}
        arn = self._add("model", params["ModelName"], params, _MODEL_FIELDS)
        return {"ModelArn": arn}

    def _check_environment(self, environment: Mapping[str, str]) -> None:
        # The sum is a rule of the API's reference, not of its model.
        if sum(len(name) + len(value) for name, value in environment.items()) > 32 * 1024:
            raise InvalidParameter("The Environment is larger than 32 KB.")

    def create_config(self, params: Mapping[str, Any]) -> Document:
        """CreateEndpointConfig. Variants need a model and an instance type."""
        names = [variant["VariantName"] for variant in params["ProductionVariants"]]
        if len(set(names)) != len(names):
            raise InvalidParameter("The variant names of an endpoint config must be unique.")
        for variant in params["ProductionVariants"]:
            self._check_variant(variant)
        config = params.get("AsyncInferenceConfig")
        if config and not config["OutputConfig"].get("S3OutputPath"):
            raise InvalidParameter("The local AWS needs AsyncInferenceConfig's S3OutputPath.")
        arn = self._add("endpoint-config", params["EndpointConfigName"], params, _CONFIG_FIELDS)
        return {"EndpointConfigArn": arn}

    def _check_variant(self, variant: Mapping[str, Any]) -> None:
        name = variant["VariantName"]
        if "ServerlessConfig" in variant:
            raise InvalidParameter("The local AWS has no serverless inference.")
        for field in ("ModelName", "InitialInstanceCount"):
            if field not in variant:
                raise InvalidParameter(f"Variant {name} needs {field} on the local AWS.")
        for kind in _types(variant):
            if "VolumeSizeInGB" in variant and has_local_disks(kind):
                raise InvalidParameter(
                    f"VolumeSizeInGB can't be set for {kind}, which has local disks."
                )
        self.get("model", variant["ModelName"])

    def describe(self, kind: ResourceKind, name: str) -> Document:
        """DescribeModel and DescribeEndpointConfig: only the fields of the request, and the ARN."""
        document = dict(self.get(kind, name))
        document.pop("Tags", None)
        return document

    def delete(self, kind: ResourceKind, name: str) -> Document:
        """DeleteModel and DeleteEndpointConfig; endpoints that use it run on."""
        self.get(kind, name)
        self._documents.delete(kind, name)
        return {}

    def get(self, kind: ResourceKind, name: str) -> Document:
        """A resource. Raises `InvalidParameter`, as AWS does, when there is none."""
        document = self._documents.get(kind, name)
        if document is None:
            raise InvalidParameter(
                f'Could not find {_DISPLAY_NAMES[kind]} "{self.arn(kind, name)}".'
            )
        return document

    def already_exists(self, kind: ResourceKind, name: str) -> InvalidParameter:
        """The error for a second resource of that name."""
        return InvalidParameter(
            f'Cannot create already existing {_DISPLAY_NAMES[kind]} "{self.arn(kind, name)}".'
        )

    def resolve_deployment(self, config_name: str) -> Deployment:
        """What an endpoint of that configuration runs."""
        config = self.get("endpoint-config", config_name)
        variants = tuple(self._resolve_variant(variant) for variant in config["ProductionVariants"])
        return Deployment(config_name, variants, config.get("AsyncInferenceConfig"))

    def _resolve_variant(self, variant: Mapping[str, Any]) -> Variant:
        model = self.get("model", variant["ModelName"])
        return Variant.from_config(variant, model.get("PrimaryContainer") or model["Containers"][0])

    def _add(
        self, kind: ResourceKind, name: str, params: Mapping[str, Any], fields: tuple[str, ...]
    ) -> str:
        arn = self.arn(kind, name)
        arn_field = {"model": "ModelArn", "endpoint-config": "EndpointConfigArn"}[kind]
        document = {field: params[field] for field in fields if params.get(field) is not None}
        document |= {arn_field: arn, "CreationTime": self._clock(), "Tags": params.get("Tags", [])}
        if not self._documents.add(kind, name, document):
            raise self.already_exists(kind, name)
        return arn


def _types(variant: Mapping[str, Any]) -> tuple[str, ...]:
    """A variant's instance types. Raises `InvalidParameter` unless they are said in one way."""
    if ("InstanceType" in variant) == ("InstancePools" in variant):
        name = variant["VariantName"]
        raise InvalidParameter(f"Variant {name} needs either InstanceType or InstancePools.")
    pools = variant.get("InstancePools", ())
    return tuple(pool["InstanceType"] for pool in pools) or (variant["InstanceType"],)
