"""Which forms name a model file, on this dashboard's disk and among the copies on AWS."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.aws.client import Aws, Connection
from core.aws.storage import Storage
from core.ids import utc_now
from core.records.form_copies import FORMS, FormCopies, FormRecord
from core.records.sqlite import SqliteRecordStore
from core.team.administration.drafts import Drafts, names_file, person_folder
from formats.models.kinds import ModelKind

LORA, EMBEDDING = ModelKind.LORA, ModelKind.EMBEDDING


@pytest.mark.parametrize(
    ("form", "kind", "name", "is_named"),
    [
        ({"checkpoints": ["a b.safetensors"]}, ModelKind.CHECKPOINT, "a b.safetensors", True),
        ({"checkpoints": ["é.safetensors"]}, ModelKind.CHECKPOINT, "é.safetensors", True),
        ({"checkpoints": ["other a.safetensors"]}, ModelKind.CHECKPOINT, "a.safetensors", False),
        ({"prompt": "a <lora:Cats:0.7>"}, LORA, "cats.safetensors", True),
        ({"prompt": "a <lora:cats2:0.7>"}, LORA, "cats.safetensors", False),
        ({"prompt": "cats"}, LORA, "cats.safetensors", False),
        ({"prompt": "(EasyNegative:1.2)"}, EMBEDDING, "easynegative.pt", True),
        ({"prompt": "easynegatives"}, EMBEDDING, "easynegative.pt", False),
        ({"prompt": "a.b"}, EMBEDDING, "a+b.pt", False),
    ],
)
def test_a_form_names_a_file(
    form: dict[str, object], kind: ModelKind, name: str, is_named: bool
) -> None:
    assert names_file(json.dumps(form, ensure_ascii=False), kind, name) is is_named


@pytest.fixture
def records(tmp_path: Path) -> Iterator[SqliteRecordStore]:
    store = SqliteRecordStore(tmp_path / "records.sqlite")
    yield store
    store.close()


def test_each_form_counts_once(
    records: SqliteRecordStore, connection: Connection, tmp_path: Path
) -> None:
    text = json.dumps({"loras": ["cats.safetensors"]})
    folder = tmp_path / "drafts"
    for person, file in (("ann", "generate.json"), ("bob", "generate.json"), ("bob", "paths")):
        person_folder(folder, person).mkdir(parents=True, exist_ok=True)
        (person_folder(folder, person) / file).write_text(text, "utf-8")
    for person, file in (("ann", "generate.json"), ("eve", "upscale.json"), ("eve", "x.image")):
        records.add(FORMS, person, file, FormRecord(saved_at=utc_now(), text=text))
    copies = FormCopies(records, Storage(Aws(connection), "none"), utc_now)
    assert Drafts(folder, None).naming(LORA, "cats.safetensors") == 2
    assert Drafts(folder, copies).naming(LORA, "cats.safetensors") == 3
    assert Drafts(folder, copies).naming(LORA, "dogs.safetensors") == 0
    files = [(LORA, "cats.safetensors"), (LORA, "dogs.safetensors")]
    assert Drafts(folder, copies).named(files) == {files[0]}
    assert Drafts(tmp_path / "none", None).naming(LORA, "cats.safetensors") == 0
