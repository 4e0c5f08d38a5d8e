"""Filters, sorts and summarises models, endpoint configurations and endpoints for listings."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from local_aws.document_store import Document


def summaries(
    documents: Sequence[Document], params: Mapping[str, Any], name: str, fields: Sequence[str]
) -> list[Document]:
    """The summaries that `params` ask for, newest first unless they say otherwise.

    `name` is the field with the resource's name, `fields` are those of a summary.
    """
    matching = [document for document in documents if _matches(document, params, name)]
    matching.sort(
        key=lambda document: _sort_key(document, params.get("SortBy", "CreationTime"), name),
        reverse=params.get("SortOrder", "Descending") == "Descending",
    )
    return [{field: document[field] for field in fields} for document in matching]


def _matches(document: Document, params: Mapping[str, Any], name: str) -> bool:
    if params.get("NameContains", "").lower() not in document[name].lower():
        return False
    if params.get("StatusEquals") not in {None, document.get("EndpointStatus")}:
        return False
    for field in ("CreationTime", "LastModifiedTime"):
        before, after = params.get(f"{field}Before"), params.get(f"{field}After")
        if before is not None and document[field] >= _seconds(before):
            return False
        if after is not None and document[field] <= _seconds(after):
            return False
    return True


def _sort_key(document: Document, by: str, name: str) -> tuple[Any, str]:
    field = {"Name": name, "Status": "EndpointStatus"}.get(by, by)
    return document[field], document[name]


def _seconds(moment: float | str) -> float:
    return datetime.fromisoformat(moment).timestamp() if isinstance(moment, str) else moment
