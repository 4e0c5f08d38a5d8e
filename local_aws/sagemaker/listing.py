"""Lists models, endpoint configurations and endpoints: filters, order and pages."""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from local_aws.document_store import Document
from local_aws.http.errors import InvalidParameter

_DEFAULT_PAGE_SIZE = 10  # SageMaker's default; MaxResults allows 100


def list_documents(
    documents: Sequence[Document], params: Mapping[str, Any], name: str, fields: Sequence[str]
) -> tuple[list[Document], str | None]:
    """The page of summaries that `params` ask for, and the token of the next one.

    `name` is the field with the resource's name, `fields` are those of a summary. Newest first
    unless `params` say otherwise. Raises `InvalidParameter` for an invalid token.
    """
    matching = [document for document in documents if _matches(document, params, name)]
    matching.sort(
        key=lambda document: _sort_key(document, params.get("SortBy", "CreationTime"), name),
        reverse=params.get("SortOrder", "Descending") == "Descending",
    )
    page, token = page_of(
        matching, params.get("MaxResults", _DEFAULT_PAGE_SIZE), params.get("NextToken")
    )
    return [{field: document[field] for field in fields} for document in page], token


def page_of(
    documents: Sequence[Document], size: int, token: str | None
) -> tuple[Sequence[Document], str | None]:
    """The page that `token` stands for (None: the first), and the token of the next one."""
    start = _position(token)
    end = start + size
    return documents[start:end], _token(end) if end < len(documents) else None


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


def _token(position: int) -> str:
    return base64.urlsafe_b64encode(f"from {position}".encode()).decode()


def _position(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("from "))
    except ValueError as error:
        raise InvalidParameter("The NextToken is not valid.") from error
