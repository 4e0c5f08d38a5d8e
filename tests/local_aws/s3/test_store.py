"""The object store in process: what the rest of the embedded AWS uses, and its listings."""

import errno
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from local_aws.s3 import ObjectStore, S3Error
from local_aws.s3.records import Checksums, ObjectAttributes, ObjectRecord
from local_aws.s3.store.blobs import BlobSlice
from local_aws.s3.store.listing import list_page, successor
from tests.local_aws.s3.table import NASTY_KEYS


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ObjectStore]:
    opened = ObjectStore(tmp_path / "s3", lambda: 1_000_000.0)
    opened.ensure_bucket("bucket")
    yield opened
    opened.close()


def files(store: ObjectStore, tmp_path: Path) -> set[Path]:
    return {path for path in (tmp_path / "s3" / "blobs").rglob("*") if path.is_file()}


def test_bytes_come_back(store: ObjectStore) -> None:
    store.put_bytes("bucket", "a/b", b"hello", metadata={"x": "1"}, content_type="text/plain")
    stored = store.stat("bucket", "a/b")
    assert (stored.size, stored.content_type, stored.metadata) == (5, "text/plain", {"x": "1"})
    assert stored.modified == 1_000_000
    assert store.read_bytes("bucket", "a/b") == b"hello"
    assert store.path("bucket", "a/b").read_bytes() == b"hello"


def test_a_replaced_object_leaves_no_file(store: ObjectStore, tmp_path: Path) -> None:
    for data in (b"old", b"new"):
        store.put_bytes("bucket", "a", data)
    assert files(store, tmp_path) == {store.path("bucket", "a")}
    store.delete("bucket", "a")
    assert files(store, tmp_path) == set()


def test_an_open_object_stays_readable(store: ObjectStore) -> None:
    store.put_bytes("bucket", "a", b"old")
    with store.reader("bucket", "a") as (_, file):
        store.put_bytes("bucket", "a", b"new")
        assert file.read() == b"old"


@pytest.mark.parametrize(
    ("bucket", "key", "code"),
    [("bucket", "no", "NoSuchKey"), ("none", "a", "NoSuchBucket")],
)
def test_what_is_missing_is_named(store: ObjectStore, bucket: str, key: str, code: str) -> None:
    for look in (store.stat, store.read_bytes, store.path):
        with pytest.raises(S3Error) as refused:
            look(bucket, key)
        assert refused.value.code == code


def test_a_refused_write_leaves_no_file(store: ObjectStore, tmp_path: Path) -> None:
    with pytest.raises(S3Error, match="NoSuchBucket"):
        store.put_bytes("none", "a", b"x")
    with pytest.raises(S3Error, match="KeyTooLong"):
        store.put_bytes("bucket", "k" * 1025, b"x")
    assert files(store, tmp_path) == set()


def test_keys_never_become_paths(store: ObjectStore, tmp_path: Path) -> None:
    chance = random.Random(7)
    keys = {
        *NASTY_KEYS,
        "\0",
        "a\0b",
        "\x1b[31m",
        "C:\\x",
        "~",
        ".",
        "\u202e",
        "\U0010ffff",
        "\r\n",
    }
    alphabet = "./\\~%\0\n '\"*?é🐶\ud7ff\ue000"
    keys |= {"".join(chance.choices(alphabet, k=chance.randint(1, 40))) for _ in range(40)}
    for key in keys:
        store.put_bytes("bucket", key, key.encode())
    assert list(store.iter_keys("bucket")) == sorted(keys, key=str.encode)
    assert all(store.read_bytes("bucket", key) == key.encode() for key in keys)
    assert {path.parent.parent for path in files(store, tmp_path)} == {tmp_path / "s3" / "blobs"}


def test_sweep_removes_what_nothing_refers_to(store: ObjectStore) -> None:
    kept = store.put_bytes("bucket", "a", b"x")
    store.uploads.create("bucket", "m", ObjectAttributes(), "", "")
    stray = store.blobs.path("ab" * 16)
    stray.write_bytes(b"left by a crash")
    assert store.sweep() == 1
    assert not stray.exists()
    assert store.blobs.path(kept.blob).exists()
    assert store.sweep() == 0


def test_parts_of_an_older_version_are_read(store: ObjectStore) -> None:
    store.put_bytes("bucket", "a", b"12345")
    with store.index.transaction() as db:
        db.execute("update object set part_sizes = '[3, 2]' where key = 'a'")
    record = store.stat("bucket", "a")
    assert (record.part_sizes, record.upload) == ((3, 2), "")


def no_such_call(*_: object) -> None:
    raise OSError(errno.EOPNOTSUPP, "not on this file system")


@pytest.mark.parametrize(
    "missing", [[], ["link"], ["copy_file_range"], ["link", "copy_file_range"]]
)
def test_bytes_are_copied_on_any_file_system(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch, missing: list[str]
) -> None:
    for name in missing:
        monkeypatch.setattr(os, name, no_such_call)
    original = store.put_bytes("bucket", "a", b"x" * 3_000_000)
    _, linked = store.link_blob("bucket", "a")
    slices = [BlobSlice(name, 0, 3_000_000) for name in (original.blob, linked)]
    with store.blobs.create() as writer:
        assert list(store.blobs.join(slices, writer.file)) == []
    assert store.blobs.path(linked).read_bytes() == b"x" * 3_000_000
    assert store.blobs.path(writer.name).read_bytes() == b"x" * 6_000_000


def test_a_full_disk_is_told(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "no space left")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(S3Error, match="InsufficientStorage"):
        store.put_bytes("bucket", "a", b"x")
    assert files(store, tmp_path) == set()


# Listings, against a model that looks at every key.


def model_page(
    keys: list[str], prefix: str, delimiter: str, after: str, limit: int
) -> tuple[list[str], bool]:
    entries: list[str] = []
    for key in keys:
        if not key.startswith(prefix):
            continue
        end = key.find(delimiter, len(prefix)) if delimiter else -1
        entry = key if end < 0 else key[: end + len(delimiter)]
        behind = key > after and entry != after
        if behind and entry not in entries:
            entries.append(entry)
    return entries[:limit], len(entries) > limit


def window_over(keys: list[str]) -> Iterator[ObjectRecord]:
    for key in keys:
        yield ObjectRecord("b", key, 0, "", 0, "", ObjectAttributes(), Checksums())


@pytest.mark.parametrize("seed", range(60))
def test_pages_equal_the_model(seed: int) -> None:
    chance = random.Random(seed)
    alphabet = "ab/-\ud7ff\ue000\U0010ffff"
    keys = sorted({"".join(chance.choices(alphabet, k=chance.randint(1, 6))) for _ in range(80)})
    stored = list(window_over(keys))

    def window(start: str, limit: int) -> list[ObjectRecord]:
        return [each for each in stored if each.key >= start][:limit]

    prefix = "".join(chance.choices(alphabet, k=chance.randint(0, 2)))
    delimiter = chance.choice(["", "/", "-", "ab", "\U0010ffff"])
    limit = chance.choice([1, 2, 7, 1000])
    after = ""
    for _ in range(len(keys) + 1):
        page = list_page(window, prefix, delimiter, after, limit)
        shown = sorted([*(each.key for each in page.objects), *page.prefixes])
        assert (shown, page.truncated) == model_page(keys, prefix, delimiter, after, limit)
        if not page.truncated:
            return
        after = page.last
    raise AssertionError("pages without end")


@pytest.mark.parametrize(
    ("prefix", "following"),
    [("a", "b"), ("a/", "a0"), ("\ud7ff", "\ue000"), ("a\U0010ffff", "b"), ("\U0010ffff", None)],
)
def test_successor(prefix: str, following: str | None) -> None:
    assert successor(prefix) == following


def test_a_walk_over_many_prefixes_reads_little(store: ObjectStore) -> None:
    keys = [f"{folder:03d}/{number}" for folder in range(50) for number in range(40)]
    stored = list(window_over(keys))
    read = 0

    def window(start: str, limit: int) -> list[ObjectRecord]:
        nonlocal read
        found = [each for each in stored if each.key >= start][:limit]
        read += len(found)
        return found

    assert len(list_page(window, "", "/", "", 1000).prefixes) == 50
    assert read < len(keys)
