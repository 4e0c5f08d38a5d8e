"""A full disk: writes are refused by name, deletes work, a start works."""

import sqlite3
from pathlib import Path

import pytest

from local_aws.s3 import ObjectStore, S3Error, is_disk_full
from local_aws.s3.store.disk_reserve import DiskReserve


def full_sqlite(tmp_path: Path) -> sqlite3.OperationalError:
    """SQLite's own error of a database that may not grow."""
    db = sqlite3.connect(tmp_path / "full.sqlite3")
    db.execute("create table t (x)")
    db.execute("pragma max_page_count = 2")
    with pytest.raises(sqlite3.OperationalError) as caught:
        db.execute("insert into t values (zeroblob(100000))")
    db.close()
    return caught.value


def test_sqlite_says_when_the_disk_is_full(tmp_path: Path) -> None:
    assert is_disk_full(full_sqlite(tmp_path))
    assert not is_disk_full(sqlite3.OperationalError("no such table"))


def test_the_reserve_gives_way_to_a_delete(tmp_path: Path) -> None:
    reserve = DiskReserve(tmp_path / "reserve")
    reserve.allocate()
    assert (tmp_path / "reserve").stat().st_size == 4 << 20

    def delete() -> str:
        if (tmp_path / "reserve").exists():
            raise S3Error("InsufficientStorage")
        return "done"

    assert reserve.retry(delete, lambda error: isinstance(error, S3Error)) == "done"
    assert (tmp_path / "reserve").exists()


def fill(store: ObjectStore) -> None:
    """Put objects with long keys, which the index has to hold."""
    for number in range(2000):
        store.put_bytes("bucket", f"{number:04}" * 200, b"")


def test_a_store_without_room_is_emptied_through_itself(tmp_path: Path) -> None:
    store = ObjectStore(tmp_path / "s3", lambda: 0.0)
    store.ensure_bucket("bucket")
    store.put_bytes("bucket", "a", b"x")
    store.reserve.allocate()
    with store.index.transaction() as db:
        [pages] = db.execute("pragma page_count").fetchone()
        db.execute(f"pragma max_page_count = {pages}")

    with pytest.raises(S3Error, match="InsufficientStorage"):
        fill(store)
    store.delete("bucket", "a")
    assert store.find("bucket", "a") is None
    store.close()
