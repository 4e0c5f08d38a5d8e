"""Owns AddTags, ListTags and DeleteTags on models, endpoint configurations and endpoints."""

from collections.abc import Mapping
from typing import Any, cast

from local_aws.document_store import Document, DocumentStore
from local_aws.http.errors import InvalidParameter
from local_aws.sagemaker.registry import ResourceKind

_MAX_TAGS = 50  # on one resource


class ResourceTags:
    """Tags are stored in the document of the resource that they belong to."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents

    def add(self, params: Mapping[str, Any]) -> Document:
        """AddTags: a key that is there gets the new value; the answer has all tags."""
        tags = {tag["Key"]: tag for tag in self._get(params["ResourceArn"])["Tags"]}
        tags |= {tag["Key"]: tag for tag in params["Tags"]}
        if len(tags) > _MAX_TAGS:
            raise InvalidParameter(f"A resource can have at most {_MAX_TAGS} tags.")
        return {"Tags": self._set(params["ResourceArn"], list(tags.values()))}

    def list_tags(self, params: Mapping[str, Any]) -> Document:
        """ListTags, in one page."""
        return {"Tags": self._get(params["ResourceArn"])["Tags"]}

    def delete(self, params: Mapping[str, Any]) -> Document:
        """DeleteTags."""
        arn, keys = params["ResourceArn"], set(params["TagKeys"])
        self._set(arn, [tag for tag in self._get(arn)["Tags"] if tag["Key"] not in keys])
        return {}

    def _get(self, arn: str) -> Document:
        kind, name = _parse_arn(arn)
        document = self._documents.get(kind, name)
        if document is None:
            raise InvalidParameter(f'Could not find resource "{arn}".')
        return document

    def _set(self, arn: str, tags: list[dict[str, str]]) -> list[dict[str, str]]:
        kind, name = _parse_arn(arn)
        self._documents.merge(kind, name, {"Tags": tags})
        return tags


def is_stored_here(arn: str) -> bool:
    """Whether the ARN is of a kind of resource that is stored here, not by moto."""
    return _parse_arn(arn)[0] in {"model", "endpoint-config", "endpoint"}


def _parse_arn(arn: str) -> tuple[ResourceKind, str]:
    kind, _, name = arn.rsplit(":", 1)[-1].partition("/")
    return cast("ResourceKind", kind), name
