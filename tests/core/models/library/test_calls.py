"""What a list costs in calls of AWS does not grow with the files, but by the thousand."""

from pathlib import Path
from typing import Any

import pytest

from core.aws.storage import Storage
from core.models.listing.index import REWRITE_AFTER
from core.models.metadata.fields import FieldSource, ModelFields
from core.models.service import ModelLibrary
from core.records.interface import RecordStore
from core.team.users import LOCAL
from formats.keys import MODEL_INDEX
from formats.models.kinds import ModelKind
from tests.core.models.library.conftest import Opened, Put, counted
from tests.support.helpers import wait_for


@pytest.mark.parametrize("count", [10, pytest.param(1000, marks=pytest.mark.soak)])
def test_a_refresh_is_one_listing_and_one_query_each_thousand(
    storage: Storage,
    store: RecordStore,
    library: ModelLibrary,
    models: Path,
    count: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for number in range(count):
        storage.write(f"models/Lora/{number:04}.pt", b"x", "application/octet-stream")
        library.add_layers(
            f"models/Lora/{number:04}.pt", {FieldSource.SITE: ModelFields(title=f"No. {number}")}
        )
    first = library.list(LOCAL)
    assert [file.title for file in first] == [f"No. {number}" for number in range(count)]
    pages: list[int] = []
    page = store.page

    def counted_page(*asked: Any, **how: Any) -> Any:
        pages.append(1)
        return page(*asked, **how)

    monkeypatch.setattr(store, "page", counted_page)
    with counted(storage) as calls:
        assert library.list(LOCAL, refresh=True) == first
    assert (calls, len(pages)) == (["ListObjectsV2"], 1)
    with counted(storage) as calls:
        library.list(LOCAL)
        library.trash(LOCAL)
        library.find(LOCAL, ModelKind.LORA, "0005.pt")
    assert (calls, len(pages)) == ([], 1)


@pytest.mark.parametrize(("size", "reads"), [(2**20, 1), (2**20 + 2**16, 2)])
def test_a_new_version_is_read_at_most_twice(
    storage: Storage, library: ModelLibrary, put: Put, size: int, reads: int
) -> None:
    put()
    storage.write("models/Lora/large.pt", b"x" * size, "application/octet-stream")
    with counted(storage) as calls:
        library.list(LOCAL, refresh=True)
    assert calls == ["ListObjectsV2", *["GetObject"] * reads]
    file = library.find_any(ModelKind.LORA, "large.pt")
    assert file
    # printf 'x%.0s' $(seq 65536) | sha256sum
    assert file.hashes.auto_v1 == ("" if reads == 1 else "1f8745f0")


def test_a_new_process_reads_the_index_and_what_is_new(
    storage: Storage, library: ModelLibrary, open_library: Opened, put: Put
) -> None:
    for number in range(REWRITE_AFTER):
        put(f"{number:02}.safetensors")
    before = library.list(LOCAL, refresh=True)
    with counted(storage) as calls:
        assert open_library().list(LOCAL) == before
    assert calls == ["ListObjectsV2", "GetObject"]
    # The same bytes, of another owner; S3 tells the time of a write to the second.
    wait_for(lambda: put("00.safetensors", owner="idp/bob").modified > before[0].modified)
    with counted(storage) as calls:
        assert open_library().list(LOCAL)[0].owner == "idp/bob"
    assert calls == ["ListObjectsV2", "GetObject", "GetObject"]


@pytest.mark.parametrize("broken", [b"no index", b'{"files": 1}', b'{"readers": "others"}', b"{}"])
def test_a_broken_index_is_none(
    storage: Storage, open_library: Opened, put: Put, broken: bytes
) -> None:
    file = put()
    storage.write(MODEL_INDEX, broken, "application/json")
    assert open_library().list(LOCAL) == (file,)
