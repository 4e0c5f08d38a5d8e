"""AddTags, ListTags and DeleteTags on models, endpoint configurations and endpoints."""

from collections.abc import Mapping
from typing import Any, cast

from local_aws.document_store import Document, DocumentStore
from local_aws.http.errors import InvalidParameter
from local_aws.sagemaker.catalogue import Kind

_MOST_TAGS = 50  # on one resource


class Tags:
    """Tags are kept in the record that they belong to."""

    def __init__(self, documents: DocumentStore) -> None:
        self._documents = documents

    def add(self, wanted: Mapping[str, Any]) -> Document:
        """AddTags: a key that is there gets the new value; the answer has all tags."""
        given = {tag["Key"]: tag for tag in self._get(wanted["ResourceArn"])["Tags"]}
        given |= {tag["Key"]: tag for tag in wanted["Tags"]}
        if len(given) > _MOST_TAGS:
            raise InvalidParameter(f"A resource can have at most {_MOST_TAGS} tags.")
        return {"Tags": self._set(wanted["ResourceArn"], list(given.values()))}

    def of(self, wanted: Mapping[str, Any]) -> Document:
        """ListTags, in one page."""
        return {"Tags": self._get(wanted["ResourceArn"])["Tags"]}

    def delete(self, wanted: Mapping[str, Any]) -> Document:
        """DeleteTags."""
        arn, keys = wanted["ResourceArn"], set(wanted["TagKeys"])
        self._set(arn, [tag for tag in self._get(arn)["Tags"] if tag["Key"] not in keys])
        return {}

    def _get(self, arn: str) -> Document:
        kind, name = _split(arn)
        document = self._documents.get(kind, name)
        if document is None:
            raise InvalidParameter(f'Could not find resource "{arn}".')
        return document

    def _set(self, arn: str, tags: list[dict[str, str]]) -> list[dict[str, str]]:
        kind, name = _split(arn)
        self._documents.merge(kind, name, {"Tags": tags})
        return tags


def is_ours(arn: str) -> bool:
    """Whether the ARN names a kind of record that is kept here."""
    return _split(arn)[0] in {"model", "endpoint-config", "endpoint"}


def _split(arn: str) -> tuple[Kind, str]:
    kind, _, name = arn.rsplit(":", 1)[-1].partition("/")
    return cast("Kind", kind), name
