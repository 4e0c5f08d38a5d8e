"""A side-car or a picture that a person gives to a model that is there."""

import json

import pytest

from core.errors import InvalidInput, NotAllowed
from core.models.metadata.fields import FieldSource, ModelFields
from core.models.service import ModelFile, ModelLibrary
from tests.core.models.library.conftest import ADA, BOB, Put
from tests.core.models.library.test_thumbnails import file, png
from tests.core.models.metadata.test_header_fields import data_url

__all__ = ["file"]

SWARM = {"modelspec.title": "Ink", "modelspec.thumbnail": data_url("png", png("blue"))}


def only(library: ModelLibrary) -> ModelFile:
    (found,) = library.list(ADA)
    return found


def test_it_is_kept_below_what_people_typed(library: ModelLibrary, file: ModelFile) -> None:
    library.edit(ADA, [file.key], ModelFields(notes="mine"))
    given = {"notes": "theirs", "activation text": "ink wash"}
    library.add_side_car(ADA, file.key, "any.json", json.dumps(given).encode())
    known = only(library).known
    assert (known.fields.notes, known.fields.trained_words) == ("mine", ("ink wash",))
    assert known.sources["trained_words"] is FieldSource.A1111


def test_its_picture_replaces_none_but_a_picture_does(
    library: ModelLibrary, file: ModelFile
) -> None:
    library.add_side_car(ADA, file.key, "a.swarm.json", json.dumps(SWARM).encode())
    first = only(library).record.thumbnail
    library.add_side_car(ADA, file.key, "a.preview.png", png("red"))
    second = only(library).record.thumbnail
    library.add_side_car(ADA, file.key, "a.swarm.json", json.dumps(SWARM).encode())
    assert first
    assert only(library).record.thumbnail == second != first
    assert only(library).title == "Ink"


@pytest.mark.parametrize("name", ["a.json", "a.png", "a.txt"])
def test_nothing_is_kept_of_what_is_refused(
    library: ModelLibrary, file: ModelFile, name: str
) -> None:
    with pytest.raises(InvalidInput):
        library.add_side_car(ADA, file.key, name, b"<html>")
    with pytest.raises(NotAllowed):
        library.add_side_car(BOB, file.key, name, b"{}")
    assert only(library).record == file.record


def test_it_is_for_this_model_whatever_it_is_called(library: ModelLibrary, put: Put) -> None:
    one, other = put("one.safetensors"), put("two.safetensors")
    library.add_side_car(ADA, one.key, "two.json", b'{"notes": "soft"}')
    notes = {each.key: each.known.fields.notes for each in library.list(ADA)}
    assert notes == {one.key: "soft", other.key: None}
