"""One contract, two stores: SQLite and DynamoDB keep and change records alike."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.errors import Conflict, InvalidInput
from core.records.edit import edit
from core.records.interface import MAX_RECORD_BYTES, RecordKind, RecordStore
from core.records.sqlite import SqliteRecordStore
from formats.frozen import Tolerant
from tests.core.records.notes import NOTES, OTHERS, Note


def test_a_record_is_kept_as_it_was(store: RecordStore) -> None:
    added = store.add(NOTES, "ann@example.org", "a/b c", Note(text="ü, \n 'quoted'"))
    assert store.get(NOTES, "ann@example.org", "a/b c") == added
    for kind, owner, record_id in (
        (OTHERS, "ann@example.org", "a/b c"),
        (NOTES, "bob", "a/b c"),
        (NOTES, "ann@example.org", "a/b"),
    ):
        assert store.get(kind, owner, record_id) is None


@pytest.mark.parametrize(
    ("owner", "record_id"), [("", "a"), ("ann", ""), ("ann", "a\x1fb"), ("ann", "x" * 257)]
)
def test_a_bad_key_is_refused(store: RecordStore, owner: str, record_id: str) -> None:
    with pytest.raises(InvalidInput, match="1 to 256 characters"):
        store.add(NOTES, owner, record_id, Note())


def test_the_same_id_is_added_once(store: RecordStore) -> None:
    first = store.add(NOTES, "ann", "a", Note(number=1))
    with pytest.raises(Conflict, match="There is a note a already"):
        store.add(NOTES, "ann", "a", Note(number=2))
    assert store.get(NOTES, "ann", "a") == first


def test_a_write_needs_the_version_that_was_read(store: RecordStore) -> None:
    first = store.add(NOTES, "ann", "a", Note(number=1))
    second = store.replace(first, Note(number=2))
    assert second.version != first.version
    with pytest.raises(Conflict, match="Somebody else changed the note a"):
        store.replace(first, Note(number=3))
    with pytest.raises(Conflict):
        store.delete(first)
    assert store.get(NOTES, "ann", "a") == second
    store.delete(second)
    store.delete(second)  # a second click is harmless
    assert store.get(NOTES, "ann", "a") is None
    with pytest.raises(Conflict):
        store.replace(second, Note(number=4))


def test_a_record_that_was_made_anew_is_another(store: RecordStore) -> None:
    first = store.add(NOTES, "ann", "a", Note(number=1))
    store.delete(first)
    again = store.add(NOTES, "ann", "a", Note(number=1))
    with pytest.raises(Conflict):
        store.replace(first, Note(number=2))
    assert store.get(NOTES, "ann", "a") == again


@pytest.mark.parametrize("letter", ["x", "ü"])
def test_what_is_too_large_is_refused(store: RecordStore, letter: str) -> None:
    overhead = len(Note().model_dump_json().encode())
    room = (MAX_RECORD_BYTES - overhead) // len(letter.encode())
    kept = store.add(NOTES, "ann", "a", Note(text=letter * room))
    too_much = Note(text=letter * (room + 1))
    with pytest.raises(InvalidInput, match="a record holds 100 KB at most"):
        store.replace(kept, too_much)
    with pytest.raises(InvalidInput, match="a record holds 100 KB at most"):
        store.add(NOTES, "ann", "b", too_much)
    assert store.get(NOTES, "ann", "a") == kept
    assert store.get(NOTES, "ann", "b") is None


def test_of_many_only_one_adds(store: RecordStore) -> None:
    def add(number: int) -> bool:
        try:
            store.add(NOTES, "ann", "a", Note(number=number))
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(add, range(16))) == 1


def test_edits_of_many_are_all_kept(store: RecordStore) -> None:
    def count(_: int) -> None:
        edit(store, NOTES, "ann", "a", lambda note: Note(number=note.number + 1 if note else 1))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count, range(12)))
    found = store.get(NOTES, "ann", "a")
    assert found
    assert found.value.number == 12


def test_an_edit_may_leave_things_as_they_are(store: RecordStore) -> None:
    assert edit(store, NOTES, "ann", "a", lambda _: None) is None
    first = store.add(NOTES, "ann", "a", Note(number=1))
    assert edit(store, NOTES, "ann", "a", lambda _: None) == Note(number=1)
    assert edit(store, NOTES, "ann", "a", lambda note: note) == Note(number=1)
    assert store.get(NOTES, "ann", "a") == first


class NewerNote(Tolerant):
    """What a newer version writes: `number` is something else."""

    text: str = ""
    number: str = ""
    mood: str = ""


def test_what_only_a_newer_version_reads_hides_no_other(store: RecordStore) -> None:
    newer = RecordKind(NOTES.name, NewerNote)
    store.add(NOTES, "ann", "a", Note(number=1))
    store.add(newer, "ann", "b", NewerNote(number="many"))
    store.add(newer, "ann", "c", NewerNote(number="3", mood="happy"))
    assert store.get(NOTES, "ann", "b") is None
    found, cursor = [], None
    while page := store.page(NOTES, "ann", limit=1, cursor=cursor):
        found += [(record.id, record.value) for record in page.records]
        if (cursor := page.cursor) is None:
            break
    assert found == [("c", Note(number=3)), ("a", Note(number=1))]
    with pytest.raises(Conflict):
        edit(store, NOTES, "ann", "b", lambda _: Note(number=2))


def test_sqlite_keeps_records_over_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "records.sqlite"
    store = SqliteRecordStore(path)
    first = store.add(NOTES, "ann", "a", Note(number=1))
    store.close()
    again = SqliteRecordStore(path)
    assert again.get(NOTES, "ann", "a") == first
    again.close()
