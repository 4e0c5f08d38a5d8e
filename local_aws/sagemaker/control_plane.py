"""Owns SageMaker's control-plane API: which method handles which operation."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from local_aws.document_store import Document, DocumentStore
from local_aws.http.messages import Request, Response
from local_aws.http.pagination import paginate
from local_aws.http.request_validation import RequestValidator
from local_aws.sagemaker.endpoints import EndpointManager
from local_aws.sagemaker.listing import summaries
from local_aws.sagemaker.registry import ResourceKind, ResourceRegistry
from local_aws.sagemaker.tags import ResourceTags, is_stored_here

_logger = logging.getLogger(__name__)

Operation = Callable[[Mapping[str, Any]], Document]

_DEFAULT_PAGE_SIZE = 10  # SageMaker's; MaxResults allows 100
_MODEL_SUMMARY = ("ModelName", "ModelArn", "CreationTime")
_CONFIG_SUMMARY = ("EndpointConfigName", "EndpointConfigArn", "CreationTime")
_ENDPOINT_SUMMARY = (
    "EndpointName",
    "EndpointArn",
    "CreationTime",
    "LastModifiedTime",
    "EndpointStatus",
)


class SageMakerControlPlane:
    """Handles the operations on models, endpoint configurations, endpoints and their tags."""

    def __init__(
        self, documents: DocumentStore, registry: ResourceRegistry, endpoints: EndpointManager
    ) -> None:
        self._documents = documents
        tags = ResourceTags(documents)
        self._operations: dict[str, Operation] = {
            "CreateModel": registry.create_model,
            "DescribeModel": lambda params: registry.describe("model", params["ModelName"]),
            "DeleteModel": lambda params: registry.delete("model", params["ModelName"]),
            "ListModels": lambda params: self._list("model", "Models", _MODEL_SUMMARY, params),
            "CreateEndpointConfig": registry.create_config,
            "DescribeEndpointConfig": lambda params: registry.describe(
                "endpoint-config", params["EndpointConfigName"]
            ),
            "DeleteEndpointConfig": lambda params: registry.delete(
                "endpoint-config", params["EndpointConfigName"]
            ),
            "ListEndpointConfigs": lambda params: self._list(
                "endpoint-config", "EndpointConfigs", _CONFIG_SUMMARY, params
            ),
            "CreateEndpoint": endpoints.create,
            "DescribeEndpoint": endpoints.describe,
            "UpdateEndpoint": endpoints.update,
            "UpdateEndpointWeightsAndCapacities": endpoints.rescale,
            "DeleteEndpoint": endpoints.delete,
            "ListEndpoints": lambda params: self._list(
                "endpoint", "Endpoints", _ENDPOINT_SUMMARY, params
            ),
            "AddTags": tags.add,
            "ListTags": tags.list_tags,
            "DeleteTags": tags.delete,
        }
        self._validator = RequestValidator("sagemaker", self._operations)

    def warm_up(self) -> None:
        """Read the service's model now, so that the first request needn't wait for it."""
        _logger.debug("event=warm operations=%d", len(self._validator.model.operation_names))

    def handle(self, request: Request) -> Response | None:
        """The response, or None for an operation on a resource that isn't stored here."""
        operation = self._operations.get(request.operation)
        if operation is None:
            return None
        params = self._validator.parse_json(request.operation, request)
        if request.operation.endswith("Tags") and not is_stored_here(params["ResourceArn"]):
            return None
        return Response.json(operation(params))

    def _list(
        self, kind: ResourceKind, list_name: str, fields: tuple[str, ...], params: Mapping[str, Any]
    ) -> Document:
        listed = summaries(self._documents.all(kind), params, fields[0], fields)
        return paginate(list_name, listed, params, _DEFAULT_PAGE_SIZE)
