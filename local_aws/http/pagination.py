"""Owns the pages of listings: MaxResults, and the NextToken of where the next page starts."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from local_aws.http.errors import InvalidParameter


def paginate(
    field: str, items: Sequence[Any], params: Mapping[str, Any], default_size: int
) -> dict[str, Any]:
    """The answer to a listing: the requested page in `field`, NextToken unless it is the last.

    Raises `InvalidParameter` for an invalid NextToken.
    """
    start = _position(params.get("NextToken"))
    end = start + params.get("MaxResults", default_size)
    following = {"NextToken": _token(end)} if end < len(items) else {}
    return {field: items[start:end], **following}


def _token(position: int) -> str:
    return base64.urlsafe_b64encode(f"from {position}".encode()).decode()


def _position(token: str | None) -> int:
    if token is None:
        return 0
    try:
        return int(base64.urlsafe_b64decode(token).decode().removeprefix("from "))
    except ValueError as error:
        raise InvalidParameter("The NextToken is not valid.") from error
