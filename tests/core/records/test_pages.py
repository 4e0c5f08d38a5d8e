"""Lists of records by page: the highest id first, of one owner or of all, alike in both stores."""

import pytest
from ulid import ULID

from core.aws.client import Aws, Connection
from core.errors import InvalidInput
from core.records.dynamodb import DynamoRecordStore, records_table_definition
from core.records.interface import RecordStore
from tests.core.records.notes import NOTES, OTHERS, Note

KEPT = [
    ("ann", "2026-10-31/b"),
    ("ann", "2026-11-01/a"),
    ("bob", "2026-11-01/a"),
    ("an", "2026-11-01/a"),
    ("bob", "2026-11-01/ab"),
    ("ann", "2026-11-30/ü"),
    ("bob", "2026-12"),
    ("ann", "2026-11"),
]


def fill(store: RecordStore) -> None:
    for owner, record_id in KEPT:
        store.add(NOTES, owner, record_id, Note())
        store.add(OTHERS, owner, record_id, Note())


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
@pytest.mark.parametrize(
    ("owner", "prefix"),
    [
        (None, ""),
        ("ann", ""),
        ("bob", ""),
        ("nobody", ""),
        (None, "2026-11"),
        ("ann", "2026-11"),
        ("ann", "2026-11-01/"),
        (None, "2026-11-01/a"),
        (None, "2027"),
    ],
)
def test_pages_go_from_the_highest_id_down(
    store: RecordStore, owner: str | None, prefix: str, limit: int
) -> None:
    fill(store)
    seen: list[tuple[str, str]] = []
    cursor = None
    while page := store.page(NOTES, owner, prefix, limit, cursor):
        assert len(page.records) <= limit
        seen += [(record.owner, record.id) for record in page.records]
        if (cursor := page.cursor) is None:
            break
    wanted = [key for key in KEPT if owner in (None, key[0]) and key[1].startswith(prefix)]
    assert seen == sorted(wanted, key=lambda key: (key[1], key[0]), reverse=True)


def test_a_page_goes_on_where_its_last_record_was_deleted(store: RecordStore) -> None:
    fill(store)
    first = store.page(NOTES, limit=3)
    store.delete(first.records[-1])
    rest = store.page(NOTES, limit=50, cursor=first.cursor)
    assert len(rest.records) == len(KEPT) - 3


@pytest.mark.parametrize("cursor", ["", "../x", "a\x1f", "\x1fann", "2026-12\x1fbob", "x\x1fann"])
def test_a_foreign_cursor_is_refused(store: RecordStore, cursor: str) -> None:
    with pytest.raises(InvalidInput, match="This page of the list is gone"):
        store.page(NOTES, "ann", "2026", cursor=cursor)


def test_a_page_costs_one_query_however_many_records_there_are(connection: Connection) -> None:
    aws, table = Aws(connection), f"records-{ULID()}"
    aws.dynamodb().create_table(**records_table_definition(table))
    store = DynamoRecordStore(aws, table)
    asked: list[str] = []
    store._db.meta.events.register("before-call", lambda model, **_: asked.append(model.name))
    for numbers in (range(1), range(1, 60)):
        for number in numbers:
            store.add(NOTES, "ann", f"{number:03}", Note())
        asked.clear()
        for owner in (None, "ann"):
            store.page(NOTES, owner)
            store.page(NOTES, owner, "0", 1)
        assert asked == ["Query"] * 4
    store.close()
