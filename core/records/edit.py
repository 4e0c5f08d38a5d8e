"""Changes a record by what it holds, again and again until nobody wrote in between; and deletes all
of an owner's."""

from collections.abc import Callable
from typing import Final

from core.errors import Conflict
from core.records.interface import RecordKind, RecordStore, V
from core.records.paging import every_record
from core.texts import records as texts

_TRIES: Final = 50
"""Each time somebody else's write was stored, so that all of them together get on."""


def edit(
    store: RecordStore,
    kind: RecordKind[V],
    owner: str,
    record_id: str,
    change: Callable[[V | None], V | None],
) -> V | None:
    """Store what `change` makes of the value, and return what is stored then.

    `change` gets None where there is no record yet, answers None to leave things as they are, and
    is called again after somebody else's write. Raises Conflict where that never ends.
    """
    for _ in range(_TRIES):
        found = store.get(kind, owner, record_id)
        before = found.value if found else None
        after = change(before)
        if after is None or after == before:
            return before
        try:
            if found:
                return store.replace(found, after).value
            return store.add(kind, owner, record_id, after).value
        except Conflict:
            continue
    raise Conflict(texts.is_busy(kind.name, record_id))


def delete_all(store: RecordStore, kind: RecordKind[V], owner: str) -> None:
    """Delete every record of a kind that somebody has, those written meanwhile too.

    Raises AwsError, and Conflict where that never ends.
    """
    for _ in range(_TRIES):
        try:
            if _delete_pages(store, kind, owner):
                return
        except Conflict:
            continue
    raise Conflict(texts.is_busy(kind.name, owner))


def _delete_pages(store: RecordStore, kind: RecordKind[V], owner: str) -> bool:
    """Whether there is nothing left."""
    found = False
    for record in every_record(store, kind, owner):
        found = True
        store.delete(record)
    return not found
