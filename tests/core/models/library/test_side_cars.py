"""Side-cars that lie beside a model in the bucket are read and folded in, and are no files."""

import json

import pytest

from core.aws.storage import Storage
from core.models.metadata.fields import FieldSource, ModelFields
from core.models.service import ModelLibrary
from core.team.users import LOCAL
from formats.models.kinds import ModelKind
from tests.core.models.library.conftest import ADA, BOB, Put, counted
from tests.core.team.conftest import MovedClock

A1111 = {"description": "By A1111", "activation text": "cat, dog", "preferred weight": 0.8}
CIVITAI = {
    "id": 7,
    "modelId": 5,
    "name": "v2",
    "baseModel": "Illustrious",
    "trainedWords": ["meow"],
    "model": {"name": "Cats", "type": "LORA"},
}


def beside(storage: Storage, name: str, data: bytes) -> str:
    key = f"models/Lora/{name}"
    storage.write(key, data, "application/octet-stream")
    return key


def listed(library: ModelLibrary) -> list[str]:
    return [file.name for file in library.list(BOB, refresh=True)]


def test_they_are_folded_in_by_trust(storage: Storage, library: ModelLibrary, put: Put) -> None:
    key = put().key
    beside(storage, "cats.json", json.dumps(A1111).encode())
    beside(storage, "cats.civitai.info", json.dumps(CIVITAI).encode())
    beside(storage, "cats.preview.png", b"no image")
    assert listed(library) == ["cats.safetensors"]
    (file,) = library.list(BOB)
    known = file.known
    assert (known.fields.trained_words, known.fields.weight) == (("meow",), 0.8)
    assert known.sources["trained_words"] is FieldSource.CIVITAI_INFO
    assert known.sources["weight"] is FieldSource.A1111
    library.edit(ADA, [key], ModelFields(trained_words=("purr",)))
    assert library.list(BOB)[0].known.fields.trained_words == ("purr",)


@pytest.mark.parametrize("data", [b"", b"no json", b"[1]", b"\xff\xfe", b'{"a": 1}'])
def test_a_broken_one_leaves_its_model_as_it_is(
    storage: Storage, library: ModelLibrary, put: Put, data: bytes
) -> None:
    before = put()
    beside(storage, "cats.json", data)
    (file,) = library.list(BOB, refresh=True)
    assert file.known == before.known
    assert file.problem is None


def test_one_without_its_model_is_listed(storage: Storage, library: ModelLibrary, put: Put) -> None:
    put()
    beside(storage, "dogs.json", json.dumps(A1111).encode())
    assert listed(library) == ["cats.safetensors", "dogs.json"]


def test_each_version_is_read_once(storage: Storage, library: ModelLibrary, put: Put) -> None:
    put()
    beside(storage, "cats.json", json.dumps(A1111).encode())
    library.list(LOCAL, refresh=True)

    def refreshed() -> list[str]:
        with counted(storage) as calls:
            library.list(LOCAL, refresh=True)
        return calls

    assert refreshed() == ["ListObjectsV2"]
    beside(storage, "cats.json", json.dumps({**A1111, "description": "Changed"}).encode())
    assert refreshed() == ["ListObjectsV2", "GetObject"]
    assert library.list(LOCAL)[0].known.fields.description == "Changed"


def keys_of(storage: Storage) -> list[str]:
    return [each.key for each in storage.list("models/")]


def test_they_go_with_their_model(
    storage: Storage, library: ModelLibrary, put: Put, clock: MovedClock
) -> None:
    first, second = put().key, put("dogs.safetensors").key
    for name in ("cats.json", "dogs.json"):
        beside(storage, name, json.dumps(A1111).encode())
    library.list(ADA, refresh=True)
    library.delete_now(ADA, first)
    assert keys_of(storage) == ["models/Lora/dogs.json", second]
    library.put_in_trash(ADA, ModelKind.LORA, "dogs.safetensors")
    assert listed(library) == []
    clock.move(days=30)
    library.sweep()
    assert keys_of(storage) == []


def test_one_of_two_models_stays(storage: Storage, library: ModelLibrary, put: Put) -> None:
    key = put().key
    other = beside(storage, "cats.pt", b"x")
    side_car = beside(storage, "cats.json", json.dumps(A1111).encode())
    library.list(ADA, refresh=True)
    library.delete_now(ADA, key)
    assert keys_of(storage) == [side_car, other]
