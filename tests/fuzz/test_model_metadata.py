"""Side-cars, headers' metadata and descriptions as nobody would write them."""

import json
from contextlib import suppress
from typing import Any, Final

from hypothesis import strategies as st

from core.errors import InvalidInput
from core.models.metadata.fields import ModelFields
from core.models.metadata.header_fields import header_fields, header_thumbnail
from core.models.metadata.readers.html_text import plain_text
from core.models.metadata.side_cars import preview_of, read_side_car
from tests.core.models.metadata.test_header_fields import KOHYA, MODELSPEC
from tests.core.models.metadata.test_side_cars import (
    A1111,
    LORA_MANAGER,
    MODEL,
    STABILITY_MATRIX,
    SWARM,
    VERSION,
)
from tests.fuzz.test_texts import JSON
from tests.support.fuzzing import examples, try_all

GOOD: Final[dict[str, dict[str, Any]]] = {
    "a.json": A1111,
    "b.json": MODEL,
    "a.civitai.info": VERSION,
    "a.swarm.json": SWARM,
    "a.cm-info.json": STABILITY_MATRIX,
    "a.metadata.json": LORA_MANAGER,
}
TEXTS: Final = (
    st.text(max_size=20)
    | st.sampled_from(["\ud800", "{}", '{"a": {"b": 1}}', "1e999", "-0", "NaN", "data:image/png,"])
    | JSON.map(json.dumps)
)
METADATA: Final = st.dictionaries(st.sampled_from([*KOHYA, *MODELSPEC]), TEXTS, max_size=5)
PIECES: Final = ("<p>", "</p", "<", ">", "<li>", "<!--", "-->", "<script>", "&lt;", "&#", "&#x0;")
MARKUP: Final = st.lists(st.sampled_from(PIECES) | st.text(max_size=5)).map("".join)


def side_car(name: str) -> st.SearchStrategy[tuple[str, bytes]]:
    keys = st.sampled_from([*GOOD[name], "modelspec.thumbnail"])
    values = st.dictionaries(keys, JSON | TEXTS, max_size=4)
    return values.map(lambda changes: (name, json.dumps({**GOOD[name], **changes}).encode()))


def check(fields: ModelFields) -> None:
    """What was read can be stored, and is within its bounds."""
    stored = fields.model_dump_json().encode()
    assert ModelFields.model_validate_json(stored) == fields


def read_side_cars(file: tuple[str, bytes]) -> None:
    with suppress(InvalidInput):
        check(read_side_car(*file)[1])
    with suppress(InvalidInput):
        assert preview_of(*file) is None


def read_metadata(changes: dict[str, str]) -> None:
    metadata = {**KOHYA, **MODELSPEC, **changes}
    check(header_fields(metadata))
    assert header_thumbnail(metadata) is None


def read_markup(text: str) -> None:
    assert len(plain_text(text)) <= 3 * len(text)


@examples
def test_side_cars(rounds: int) -> None:
    try_all(st.sampled_from([*GOOD]).flatmap(side_car), read_side_cars, rounds)


@examples
def test_side_cars_of_any_json(rounds: int) -> None:
    files = st.tuples(st.sampled_from([*GOOD]), JSON.map(lambda value: json.dumps(value).encode()))
    try_all(files, read_side_cars, rounds)


@examples
def test_headers(rounds: int) -> None:
    try_all(METADATA, read_metadata, rounds)


@examples
def test_descriptions(rounds: int) -> None:
    try_all(MARKUP, read_markup, rounds)
