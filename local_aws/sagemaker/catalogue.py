"""Models and endpoint configurations, and what the three kinds of records have in common."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

from local_aws.document_store import Document, DocumentStore
from local_aws.http.errors import InvalidParameter
from local_aws.sagemaker.arns import Arns
from local_aws.sagemaker.instances.deployment import Deployment, Variant

Kind = Literal["model", "endpoint-config", "endpoint"]

# AWS's words for the kinds in its messages.
_SPOKEN: Mapping[Kind, str] = {
    "model": "model",
    "endpoint-config": "endpoint configuration",
    "endpoint": "endpoint",
}
_MODEL_FIELDS = (
    "ModelName", "PrimaryContainer", "Containers", "InferenceExecutionConfig", "ExecutionRoleArn",
    "VpcConfig", "EnableNetworkIsolation",
)  # fmt: skip
_CONFIG_FIELDS = (
    "EndpointConfigName", "ProductionVariants", "DataCaptureConfig", "KmsKeyId",
    "AsyncInferenceConfig", "ExplainerConfig", "ShadowProductionVariants", "ExecutionRoleArn",
    "VpcConfig", "EnableNetworkIsolation",
)  # fmt: skip


class Catalogue:
    """Creates, describes and deletes models and endpoint configurations."""

    def __init__(self, documents: DocumentStore, arns: Arns, clock: Callable[[], float]) -> None:
        self._documents = documents
        self._arns = arns
        self._clock = clock

    def create_model(self, wanted: Mapping[str, Any]) -> Document:
        """CreateModel. One container is run; a pipeline of several is refused."""
        containers = wanted.get("Containers") or []
        if bool(wanted.get("PrimaryContainer")) == bool(containers):
            raise InvalidParameter("Specify either PrimaryContainer or Containers.")
        if len(containers) > 1:
            raise InvalidParameter("Inference pipelines can't be run by the local AWS.")
        container = wanted.get("PrimaryContainer") or containers[0]
        if not container.get("Image") and not container.get("ModelPackageName"):
            raise InvalidParameter("Specify the container's Image.")
        if "ModelDataUrl" in container and "ModelDataSource" in container:
            raise InvalidParameter("Specify either ModelDataUrl or ModelDataSource.")
        self._check_environment(container.get("Environment") or {})
        wanted = {"EnableNetworkIsolation": False, **wanted}
        arn = self._add("model", wanted["ModelName"], wanted, _MODEL_FIELDS)
        return {"ModelArn": arn}

    def _check_environment(self, environment: Mapping[str, str]) -> None:
        # The sum is a rule of the API's reference, not of its model.
        if sum(len(name) + len(value) for name, value in environment.items()) > 32 * 1024:
            raise InvalidParameter("The Environment is larger than 32 KB.")

    def create_config(self, wanted: Mapping[str, Any]) -> Document:
        """CreateEndpointConfig. Variants need a model and an instance type."""
        names = [variant["VariantName"] for variant in wanted["ProductionVariants"]]
        if len(set(names)) != len(names):
            raise InvalidParameter("The variant names of an endpoint config must be unique.")
        for variant in wanted["ProductionVariants"]:
            self._check_variant(variant)
        config = wanted.get("AsyncInferenceConfig")
        if config and not config["OutputConfig"].get("S3OutputPath"):
            raise InvalidParameter("The local AWS needs AsyncInferenceConfig's S3OutputPath.")
        arn = self._add("endpoint-config", wanted["EndpointConfigName"], wanted, _CONFIG_FIELDS)
        return {"EndpointConfigArn": arn}

    def _check_variant(self, variant: Mapping[str, Any]) -> None:
        if "ServerlessConfig" in variant or "InstancePools" in variant:
            raise InvalidParameter(
                "The local AWS runs variants with an InstanceType; it has no serverless inference "
                "and no instance pools."
            )
        for field in ("ModelName", "InstanceType", "InitialInstanceCount"):
            if field not in variant:
                name = variant["VariantName"]
                raise InvalidParameter(f"Variant {name} needs {field} on the local AWS.")
        self.get("model", variant["ModelName"])

    def describe(self, kind: Kind, name: str) -> Document:
        """DescribeModel and DescribeEndpointConfig: no field is there that was not given."""
        document = dict(self.get(kind, name))
        document.pop("Tags", None)
        return document

    def delete(self, kind: Kind, name: str) -> Document:
        """DeleteModel and DeleteEndpointConfig; endpoints that use it run on."""
        self.get(kind, name)
        self._documents.delete(kind, name)
        return {}

    def get(self, kind: Kind, name: str) -> Document:
        """A record. Raises `InvalidParameter`, as AWS does, when there is none."""
        document = self._documents.get(kind, name)
        if document is None:
            raise InvalidParameter(f'Could not find {_SPOKEN[kind]} "{self._arns.of(kind, name)}".')
        return document

    def exists_already(self, kind: Kind, name: str) -> InvalidParameter:
        """The refusal of a second record of that name."""
        return InvalidParameter(
            f'Cannot create already existing {_SPOKEN[kind]} "{self._arns.of(kind, name)}".'
        )

    def resolve(self, config_name: str) -> Deployment:
        """What an endpoint of that configuration runs."""
        config = self.get("endpoint-config", config_name)
        variants = tuple(self._resolve_variant(variant) for variant in config["ProductionVariants"])
        return Deployment(config_name, variants, config.get("AsyncInferenceConfig"))

    def _resolve_variant(self, variant: Mapping[str, Any]) -> Variant:
        model = self.get("model", variant["ModelName"])
        return Variant.from_config(variant, model.get("PrimaryContainer") or model["Containers"][0])

    def _add(
        self, kind: Kind, name: str, wanted: Mapping[str, Any], fields: tuple[str, ...]
    ) -> str:
        arn = self._arns.of(kind, name)
        named = {"model": "ModelArn", "endpoint-config": "EndpointConfigArn"}[kind]
        document = {field: wanted[field] for field in fields if wanted.get(field) is not None}
        document |= {named: arn, "CreationTime": self._clock(), "Tags": wanted.get("Tags", [])}
        if not self._documents.add(kind, name, document):
            raise self.exists_already(kind, name)
        return arn
