"""A file in the trash is hidden, comes back whole, and is gone after 30 days."""

import pytest

from core.aws.storage import Storage
from core.errors import NotAllowed, NotFound
from core.jobs.preparing.preflight import check_files
from core.models.service import ModelLibrary
from formats.generation.request import GenerationRequest
from formats.models.kinds import ModelKind
from tests.core.models.library.conftest import ADA, BOB, BOSS, Opened, Put
from tests.core.team.conftest import MovedClock

NAME = "cats.safetensors"


def names(library: ModelLibrary) -> tuple[list[str], list[str]]:
    """Of the list, and of the trash."""
    return [f.name for f in library.list(BOB)], [f.name for f in library.trash(BOB)]


def test_it_is_hidden_and_comes_back(library: ModelLibrary, put: Put, clock: MovedClock) -> None:
    before = put()
    library.put_in_trash(ADA, ModelKind.LORA, NAME)
    assert names(library) == ([], [NAME])
    assert library.find(ADA, ModelKind.LORA, NAME) is None
    found = library.find_any(ModelKind.LORA, NAME)
    assert found
    assert (found.is_trashed, found.record.trashed) == (True, clock.now)
    assert found.record.trashed_by == ADA.name
    assert library.bytes_of(ADA.name) == before.size  # it takes its room
    library.restore(ADA, before.key)
    assert names(library) == ([NAME], [])
    assert library.find(ADA, ModelKind.LORA, NAME) == before


def test_who_may_not_delete_it_may_not_trash_it(library: ModelLibrary, put: Put) -> None:
    key = put().key
    with pytest.raises(NotAllowed):
        library.put_in_trash(BOB, ModelKind.LORA, NAME)
    with pytest.raises(NotAllowed):
        library.restore(BOB, key)
    with pytest.raises(NotAllowed):
        library.delete_now(BOB, key)
    assert names(library) == ([NAME], [])


def test_another_dashboard_hears_of_it(
    library: ModelLibrary, open_library: Opened, put: Put
) -> None:
    put()
    other = open_library()
    assert names(other) == ([NAME], [])
    library.put_in_trash(ADA, ModelKind.LORA, NAME)
    other.look()
    assert names(other) == ([], [NAME])


@pytest.mark.parametrize(("days", "is_there"), [(29.9, True), (30, False)])
def test_the_sweep(
    storage: Storage,
    library: ModelLibrary,
    put: Put,
    clock: MovedClock,
    days: float,
    is_there: bool,
) -> None:
    key = put().key
    put("dogs.safetensors")
    library.put_in_trash(ADA, ModelKind.LORA, NAME)
    clock.move(days=days)
    library.sweep()
    assert names(library) == (["dogs.safetensors"], [NAME] if is_there else [])
    assert (storage.head(key) is not None) is is_there


def test_what_was_restored_stays(
    storage: Storage, library: ModelLibrary, put: Put, clock: MovedClock
) -> None:
    key = put().key
    library.put_in_trash(ADA, ModelKind.LORA, NAME)
    library.restore(BOSS, key)
    clock.move(days=31)
    library.sweep()
    assert storage.head(key)


def test_other_bytes_under_its_name_are_not_in_the_trash(
    storage: Storage, library: ModelLibrary, put: Put, clock: MovedClock
) -> None:
    key = put().key
    library.put_in_trash(ADA, ModelKind.LORA, NAME)
    storage.write(key, b"another file", "application/octet-stream")
    library.list(ADA, refresh=True)
    assert names(library) == ([NAME], [])
    clock.move(days=31)
    library.sweep()
    assert names(library) == ([NAME], [])
    assert storage.read(key).data == b"another file"


def test_the_same_bytes_uploaded_again_are_out_of_the_trash(
    library: ModelLibrary, put: Put
) -> None:
    library.put_in_trash(ADA, put().kind, NAME)
    again = put()  # of the same ETag
    assert again.is_trashed
    library.verified(again.key, again.etag, "a" * 64)
    assert names(library) == ([NAME], [])


def test_deleted_for_good(storage: Storage, library: ModelLibrary, put: Put) -> None:
    key = put().key
    library.put_in_trash(ADA, ModelKind.LORA, NAME)
    library.delete_now(ADA, key)
    assert names(library) == ([], [])
    assert storage.head(key) is None
    with pytest.raises(NotFound):
        library.restore(ADA, key)
    assert not put().is_trashed  # nothing is kept of the old one


def test_a_job_is_told_where_it_is(library: ModelLibrary, put: Put) -> None:
    put()
    library.put_in_trash(ADA, ModelKind.LORA, NAME)
    request = GenerationRequest.model_validate(
        {
            "id": "01JD0000000000000000000000",
            "owner": ADA.name,
            "checkpoint": "a.safetensors",
            "prompt": "cat",
            "seed": 1,
            "loras": [{"name": NAME}],
        }
    )
    problems = [each.message for each in check_files(request, library.find_any)]
    assert any("cats.safetensors is in the trash. Restore it" in each for each in problems)
