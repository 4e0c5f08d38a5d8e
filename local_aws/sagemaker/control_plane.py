"""SageMaker's control plane as it comes over the wire: which operation is answered by whom."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from local_aws.document_store import Document, DocumentStore
from local_aws.http.messages import Request, Response
from local_aws.http.request_validation import RequestValidator
from local_aws.sagemaker.catalogue import Catalogue, Kind
from local_aws.sagemaker.endpoints import Endpoints
from local_aws.sagemaker.listing import list_documents
from local_aws.sagemaker.tags import Tags, is_ours

_log = logging.getLogger(__name__)

Operation = Callable[[Mapping[str, Any]], Document]

_MODEL = ("ModelName", "ModelArn", "CreationTime")
_CONFIG = ("EndpointConfigName", "EndpointConfigArn", "CreationTime")
_ENDPOINT = ("EndpointName", "EndpointArn", "CreationTime", "LastModifiedTime", "EndpointStatus")


class Control:
    """Answers the operations on models, endpoint configurations, endpoints and their tags."""

    def __init__(
        self, documents: DocumentStore, catalogue: Catalogue, endpoints: Endpoints
    ) -> None:
        self._documents = documents
        tags = Tags(documents)
        self._operations: dict[str, Operation] = {
            "CreateModel": catalogue.create_model,
            "DescribeModel": lambda asked: catalogue.describe("model", asked["ModelName"]),
            "DeleteModel": lambda asked: catalogue.delete("model", asked["ModelName"]),
            "ListModels": lambda asked: self._list("model", "Models", _MODEL, asked),
            "CreateEndpointConfig": catalogue.create_config,
            "DescribeEndpointConfig": lambda asked: catalogue.describe(
                "endpoint-config", asked["EndpointConfigName"]
            ),
            "DeleteEndpointConfig": lambda asked: catalogue.delete(
                "endpoint-config", asked["EndpointConfigName"]
            ),
            "ListEndpointConfigs": lambda asked: self._list(
                "endpoint-config", "EndpointConfigs", _CONFIG, asked
            ),
            "CreateEndpoint": endpoints.create,
            "DescribeEndpoint": endpoints.describe,
            "UpdateEndpoint": endpoints.update,
            "UpdateEndpointWeightsAndCapacities": endpoints.rescale,
            "DeleteEndpoint": endpoints.delete,
            "ListEndpoints": lambda asked: self._list("endpoint", "Endpoints", _ENDPOINT, asked),
            "AddTags": tags.add,
            "ListTags": tags.of,
            "DeleteTags": tags.delete,
        }
        self._validator = RequestValidator("sagemaker", self._operations)

    def warm_up(self) -> None:
        """Read the service's model now, so that the first request needn't wait for it."""
        _log.debug("event=warm operations=%d", len(self._validator.model.operation_names))

    def handle(self, request: Request) -> Response | None:
        """The answer, or None for an operation on something that isn't kept here."""
        operation = self._operations.get(request.operation)
        if operation is None:
            return None
        asked = self._validator.parse_json(request.operation, request)
        if request.operation.endswith("Tags") and not is_ours(asked["ResourceArn"]):
            return None
        return Response.json(operation(asked))

    def _list(
        self, kind: Kind, answer: str, fields: tuple[str, ...], asked: Mapping[str, Any]
    ) -> Document:
        page, token = list_documents(self._documents.all(kind), asked, fields[0], fields)
        return {answer: page, **({"NextToken": token} if token else {})}
