"""What is kept of a file beside its bytes: what people type, what sites say, what was verified."""

from typing import Any

import pytest

from core.aws.storage import Storage
from core.errors import InvalidInput, NotAllowed, NotFound
from core.models.metadata.fields import FieldSource, ModelFields
from core.models.service import ModelLibrary
from formats.models.kinds import ModelKind
from tests.core.models.library.conftest import ADA, BOB, BOSS, Opened, Put

SITE = {
    FieldSource.SITE: ModelFields(title="Cats v2", tags=("animal", "style"), licence="CC0"),
    FieldSource.PERSON: ModelFields(title="not by a site"),
}


def known(library: ModelLibrary, key: str) -> dict[str, Any]:
    (file,) = (each for each in library.list(BOB) if each.key == key)
    return {name: value for name, value in file.known.fields if value is not None}


def test_the_header_speaks_where_nobody_else_does(library: ModelLibrary, put: Put) -> None:
    file = put()
    assert known(library, file.key)["description"] == "Noise of another kind."
    assert known(library, file.key)["trained_words"] == ("noisy",)
    assert file.description == "Noise of another kind. Say: noisy."
    assert file.title == "cats.safetensors"


def test_a_site_is_believed_and_a_person_more(
    library: ModelLibrary, open_library: Opened, put: Put
) -> None:
    key = put().key
    library.add_layers(key, SITE)
    assert known(library, key)["title"] == "Cats v2"
    library.edit(ADA, [key], ModelFields(title="My cats", notes="at 0.7"))
    library.add_layers(key, {FieldSource.SITE: ModelFields(title="Cats v3")})
    for each in (library, open_library()):
        (file,) = each.list(BOB)
        assert file.title == "My cats"
        assert file.known.fields.notes == "at 0.7"
        assert file.known.sources["title"] is FieldSource.PERSON
        assert file.name == "cats.safetensors"
    library.edit(ADA, [key], ModelFields(), ["title"])
    assert known(library, key)["title"] == "Cats v3"
    assert known(library, key)["notes"] == "at 0.7"


@pytest.mark.parametrize(
    ("add", "remove", "tags"),
    [
        (("cute",), (), ("animal", "style", "cute")),
        ((), ("STYLE",), ("animal",)),
        ((" Animal ", "cute", ""), ("style",), ("animal", "cute")),
        ((), ("animal", "style"), ()),
    ],
)
def test_tags_of_many(
    library: ModelLibrary,
    put: Put,
    add: tuple[str, ...],
    remove: tuple[str, ...],
    tags: tuple[str, ...],
) -> None:
    keys = [put(name).key for name in ("a.safetensors", "b.safetensors")]
    for key in keys:
        library.add_layers(key, SITE)
    library.edit(ADA, keys, ModelFields(licence="MIT"), add_tags=add, remove_tags=remove)
    for key in keys:
        assert (known(library, key)["tags"], known(library, key)["licence"]) == (tags, "MIT")


def test_of_many_all_or_none(library: ModelLibrary, put: Put) -> None:
    keys = [put("a.safetensors", owner=BOB.name).key, put("b.safetensors").key]
    before = library.list(BOSS)
    with pytest.raises(NotAllowed):
        library.edit(BOB, keys, ModelFields(notes="x"))
    with pytest.raises(NotFound):
        library.edit(BOSS, [*keys, "models/Lora/no"], ModelFields(notes="x"))
    with pytest.raises(InvalidInput):
        library.edit(BOSS, keys, ModelFields(notes="x"), ["owner"])
    with pytest.raises(InvalidInput, match="tags"):
        library.edit(BOSS, keys, ModelFields(), add_tags=[str(number) for number in range(65)])
    assert library.list(BOSS) == before


def test_an_unverified_file_waits_for_its_record(
    storage: Storage, library: ModelLibrary, put: Put
) -> None:
    file = put(verification="pending")
    assert "being verified" in str(file.problem)
    library.verified(file.key, "another etag", "a" * 64)
    assert "being verified" in str(library.list(ADA)[0].problem)
    library.verified(file.key, file.etag, "b" * 64, "c" * 64)
    (verified,) = library.list(ADA)
    assert (verified.problem, verified.sha256) == (None, "b" * 64)
    assert verified.hashes.auto_v2 == "b" * 10
    assert verified.hashes.auto_v3 == "c" * 12
    storage._s3.put_object(
        Bucket=storage.bucket,
        Key=file.key,
        Body=b"other bytes",
        Metadata={"verification": "pending"},
    )
    (replaced,) = library.list(ADA, refresh=True)
    assert (replaced.sha256, replaced.hashes.auto_v3) == (None, "")
    assert "being verified" in str(replaced.problem)
    assert library.find_any(ModelKind.LORA, file.name) == replaced
