"""A list's order and its cursors: by id, then by owner, the highest first; lists read whole."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from core.errors import InvalidInput
from core.records.interface import Record, RecordKind, RecordStore, V
from core.texts import records as texts

_SEPARATOR: Final = "\x1f"
"""Sorts before every character of ids and owners, so that places sort as (id, owner) does."""

_LOWEST: Final = " "
_HIGHEST: Final = "\U0010ffff"


class Place(NamedTuple):
    """Where a record stands in a list."""

    id: str
    owner: str

    @property
    def key(self) -> str:
        """The place as one text, which sorts as the place does; it is the cursor too."""
        return f"{self.id}{_SEPARATOR}{self.owner}"


def read_cursor(cursor: str | None, owner: str | None, prefix: str) -> Place | None:
    """The place that a page ended with. Raises InvalidInput for one of another list."""
    if cursor is None:
        return None
    record_id, separator, its_owner = cursor.partition(_SEPARATOR)
    is_of_list = owner in (None, its_owner) and record_id.startswith(prefix)
    if not (separator and record_id and its_owner and is_of_list):
        raise InvalidInput(texts.PAGE_IS_GONE, "cursor")
    return Place(record_id, its_owner)


def bounds(prefix: str, last: str | None) -> tuple[str, str]:
    """The lowest and highest sort key of what is left of a list; `last` itself is within them."""
    return prefix or _LOWEST, last or prefix + _HIGHEST


def cursor_below(record_id: str) -> str:
    """The cursor with which a list of all owners begins at the highest id below this one."""
    return Place(record_id, _LOWEST).key


def every_record(
    store: RecordStore, kind: RecordKind[V], owner: str | None = None, limit: int = 100
) -> Iterator[Record[V]]:
    """All records of one owner, or of all, `limit` with each query. Raises AwsError."""
    cursor = None
    while True:
        page = store.page(kind, owner, limit=limit, cursor=cursor)
        yield from page.records
        if (cursor := page.cursor) is None:
            return
