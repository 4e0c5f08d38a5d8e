"""Reads what is stored as JSON, in whatever version it was written."""

import logging
from typing import TypeVar

from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)

log = logging.getLogger(__name__)


def read_stored(model: type[M], data: bytes | str, source: str) -> M | None:
    """The stored value; None, and a line in the log, for one that this version can't read.

    `source` is the id or the key, for the log.
    """
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(map(str, first["loc"]))
        log.warning(
            "event=unreadable what=%s source=%s field=%s why=%s",
            model.__name__,
            source,
            field,
            first["type"],
        )
        return None
