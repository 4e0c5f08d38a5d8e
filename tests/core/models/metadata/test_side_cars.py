"""The side-cars of other programs: what each says, which is which, and hostile ones."""

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any, Final

import pytest
from PIL import Image

from core.errors import InvalidInput
from core.images.files import encode_image
from core.models.metadata.a1111_side_car import a1111_values, write_a1111
from core.models.metadata.fields import FieldSource, Known, ModelFields, RecommendedSettings
from core.models.metadata.side_cars import (
    MAX_SIDE_CAR,
    model_stem_of,
    preview_of,
    read_side_car,
    side_cars_of,
)
from core.texts.models import metadata as texts
from formats.models.kinds import Family

VERSION: Final[dict[str, Any]] = {
    "id": 256915,
    "modelId": 133005,
    "name": "XI + 8 steps",
    "createdAt": "2024-01-01T00:00:00.000Z",
    "baseModel": "SDXL 1.0",
    "trainedWords": ["ink wash", "1girl, red hair", "", None, "ink wash"],
    "description": "<p>Faster &amp; lighter</p>",
    "availability": None,
    "settings": {"strength": 0.8, "minStrength": 0, "maxStrength": 1.2},
    "clipSkip": 2,
    "model": {"name": "Ink", "type": "LORA", "nsfw": False, "poi": False},
    "files": [{"name": "ink.safetensors", "hashes": {"SHA256": "AB" * 32}, "primary": True}],
    "images": [{"url": "https://image.example.org/1.jpeg", "meta": None}],
}
"""As `/api/v1/model-versions/{id}` answers."""

MODEL: Final[dict[str, Any]] = {
    "id": 133005,
    "name": "Ink",
    "description": "<h2>Ink</h2><p>Say <code>&lt;lora:ink:0.8&gt;</code></p><ul><li>a</li></ul>",
    "type": "LORA",
    "tags": ["style", "ink"],
    "creator": {"username": "painter", "image": None},
    "allowNoCredit": False,
    "allowCommercialUse": ["Image", "RentCivit"],
    "allowDerivatives": True,
    "allowDifferentLicense": False,
    "modelVersions": [
        {
            "id": 2,
            "name": "v2",
            "baseModel": "Illustrious",
            "files": [{"name": "ink2.safetensors"}],
        },
        {"id": 1, "name": "v1", "baseModel": "SD 1.5", "files": [{"name": "ink.safetensors"}]},
    ],
}
"""As `/api/v1/models/{id}` answers."""

LICENCE: Final = (
    "Civitai: credit the maker; merges keep these permissions; commercial use: selling images, "
    "generation on Civitai"
)

STABILITY_MATRIX: Final[dict[str, Any]] = {
    "ModelId": 133005,
    "ModelName": "Ink",
    "ModelDescription": "<p>Ink</p>",
    "Nsfw": False,
    "Tags": ["style"],
    "ModelType": "LORA",
    "VersionId": 256915,
    "VersionName": "v2",
    "VersionDescription": None,
    "BaseModel": "Pony",
    "Hashes": {"SHA256": "AB" * 32},
    "TrainedWords": ["ink wash"],
    "UserTitle": "My ink",
    "InferenceDefaults": {
        "Sampler": {"Name": "dpmpp_2m_sde_gpu"},
        "Scheduler": {"Name": "karras"},
        "Steps": 28,
        "CfgScale": 5.5,
        "Width": 832,
        "Height": 1216,
    },
    "Source": "Civitai",
}
LORA_MANAGER: Final[dict[str, Any]] = {
    "file_name": "ink",
    "model_name": "My ink",
    "file_path": "/models/ink.safetensors",
    "sha256": "ab" * 32,
    "base_model": "Unknown",
    "notes": "soft",
    "from_civitai": True,
    "civitai": VERSION,
    "tags": ["style"],
    "modelDescription": "<p>Ink</p>",
    "usage_tips": '{"strength": 0.7, "strength_min": 0.5, "strength_max": 0.9}',
}
A1111: Final[dict[str, Any]] = {
    "description": "Draws as with a brush.",
    "sd version": "SDXL",
    "activation text": "ink wash, (linework:1.2)",
    "preferred weight": 0.8,
    "negative text": "photo",
    "notes": "soft",
}
SWARM: Final[dict[str, Any]] = {
    "modelspec.title": "Ink - v2",
    "modelspec.description": (
        'From <a href="https://civitai.com/models/1">https://civitai.com/models/1</a>\nInk'
    ),
    "modelspec.author": "painter",
    "modelspec.trigger_phrase": "ink wash; linework",
    "modelspec.tags": ["style", "ink"],
    "usage_hint": "Illustrious",
    "standard_width": 1024,
    "standard_height": 1024,
}
A1111_FIELDS: Final = ModelFields(
    description="Draws as with a brush.",
    base_model="SDXL",
    trained_words=("ink wash", "(linework:1.2)"),
    weight=0.8,
    negative_words="photo",
    notes="soft",
)
VERSION_FIELDS: Final = ModelFields(
    title="Ink",
    version="XI + 8 steps",
    description="Faster & lighter",
    base_model="SDXL 1.0",
    trained_words=("ink wash", "1girl, red hair"),
    weight=0.8,
    weight_min=0,
    weight_max=1.2,
    source_url="https://civitai.com/models/133005?modelVersionId=256915",
    settings=RecommendedSettings(clip_skip=2),
)


@pytest.mark.parametrize(
    ("name", "values", "source", "expected"),
    [
        ("ink.json", A1111, FieldSource.A1111, A1111_FIELDS),
        ("ink.civitai.info", VERSION, FieldSource.CIVITAI_INFO, VERSION_FIELDS),
        ("ink.json", VERSION, FieldSource.A1111, VERSION_FIELDS),
        (
            "ink.json",
            MODEL,
            FieldSource.A1111,
            ModelFields(
                title="Ink",
                version="v1",
                description="Ink\n\nSay <lora:ink:0.8>\n\n- a",
                base_model="SD 1.5",
                licence=LICENCE,
                source_url="https://civitai.com/models/133005?modelVersionId=1",
                author="painter",
                tags=("style", "ink"),
            ),
        ),
        (
            "ink.swarm.json",
            SWARM,
            FieldSource.SWARM,
            ModelFields(
                title="Ink - v2",
                description="From https://civitai.com/models/1 Ink\n\nIllustrious",
                trained_words=("ink wash", "linework"),
                author="painter",
                tags=("style", "ink"),
                settings=RecommendedSettings(width=1024, height=1024),
            ),
        ),
        (
            "ink.cm-info.json",
            STABILITY_MATRIX,
            FieldSource.CM_INFO,
            ModelFields(
                title="My ink",
                version="v2",
                description="Ink",
                base_model="Pony",
                trained_words=("ink wash",),
                source_url="https://civitai.com/models/133005?modelVersionId=256915",
                tags=("style",),
                settings=RecommendedSettings(
                    sampler="DPM++ 2M SDE",
                    scheduler="Karras",
                    steps=28,
                    cfg_scale=5.5,
                    width=832,
                    height=1216,
                ),
            ),
        ),
        (
            "ink.metadata.json",
            LORA_MANAGER,
            FieldSource.LORA_MANAGER,
            VERSION_FIELDS.model_copy(
                update={
                    "title": "My ink",
                    "description": "Ink",
                    "weight": 0.7,
                    "weight_min": 0.5,
                    "weight_max": 0.9,
                    "tags": ("style",),
                    "notes": "soft",
                }
            ),
        ),
    ],
    ids=[
        "A1111",
        "Civitai Helper",
        "a version",
        "SD.Next",
        "Swarm",
        "Stability Matrix",
        "Lora Mgr",
    ],
)
def test_a_side_car_is_read(
    name: str, values: Mapping[str, object], source: FieldSource, expected: ModelFields
) -> None:
    assert read_side_car(name, json.dumps(values).encode()) == (source, expected)


def test_a_model_without_the_file_is_read_by_its_newest_version() -> None:
    _, fields = read_side_car("other.json", json.dumps(MODEL).encode())
    assert (fields.version, fields.base_model) == ("v2", "Illustrious")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encodings_of_windows_are_read(encoding: str) -> None:
    text = json.dumps({"notes": "für später"}, ensure_ascii=False)
    _, fields = read_side_car("ink.json", text.encode(encoding))
    assert fields.notes == "für später"


@pytest.mark.parametrize("stem", ["ink.v1", "preview", "ink"])
def test_what_lies_beside_a_model_is_found_again(stem: str) -> None:
    names = side_cars_of(f"{stem}.safetensors")
    assert names[0] == f"{stem}.civitai.info"
    assert f"{stem}.preview.png" in names
    assert {model_stem_of(name.upper()) for name in names} == {stem.upper()}


@pytest.mark.parametrize("name", ["ink.safetensors", "ink", ".json", "ink.json.zip", "notes.txt"])
def test_other_names_belong_to_no_model(name: str) -> None:
    assert model_stem_of(name) is None


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("ink.txt", b"{}", texts.NO_SIDE_CAR),
        ("ink.json", b"", texts.NO_JSON),
        ("ink.json", b"<html>log in</html>", texts.NO_JSON),
        ("ink.json", b"[" * 100_000, texts.NO_JSON),
        ("ink.json", b'{"a":' * 100_000, texts.NO_JSON),
        ("ink.json", b"[1]", texts.NO_JSON),
        ("ink.json", b"null", texts.NO_JSON),
        ("ink.json", b"1" * 10_000, texts.NO_JSON),
        ("ink.json", b"\xff\xfe\x00", texts.NO_JSON),
        ("ink.json", b"{}", texts.NO_SIDE_CAR),
        ("ink.json", b'{"_class_name": "AutoencoderKL"}', texts.NO_SIDE_CAR),
        ("ink.civitai.info", json.dumps(A1111).encode(), texts.NO_SIDE_CAR),
        ("ink.swarm.json", b"{}", texts.NO_FIELDS),
        ("ink.json", b'{"description": "", "notes": null}', texts.NO_FIELDS),
        ("ink.json", b" " * (MAX_SIDE_CAR + 1), texts.side_car_too_large(MAX_SIDE_CAR)),
    ],
)
def test_what_is_no_side_car_is_refused(name: str, data: bytes, message: str) -> None:
    with pytest.raises(InvalidInput) as error:
        read_side_car(name, data)
    assert (str(error.value), error.value.field) == (message, name)


SEVERAL: Final = {"model", "modelVersions", "civitai", "settings", "usage_tips"}
"""Keys that stand for several fields."""
WRONG: Final = (
    None,
    True,
    -1,
    1e308,
    "",
    "\ud800",
    [],
    [[]],
    [None],
    {},
    {"a": [{}]},
    "x" * 10_000,
)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda value: repr(value)[:12])
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("ink.json", A1111),
        ("ink.civitai.info", VERSION),
        ("ink.json", MODEL),
        ("ink.swarm.json", SWARM),
        ("ink.cm-info.json", STABILITY_MATRIX),
        ("ink.metadata.json", LORA_MANAGER),
    ],
)
def test_a_wrong_type_costs_its_own_field(name: str, values: dict[str, Any], wrong: object) -> None:
    """Each key in turn; the others are read as before, unless the key stood for several."""
    whole = read_side_car(name, json.dumps(values).encode())[1]
    for key in values:
        changed = json.dumps({**values, key: wrong}).encode()
        found = read_side_car(name, changed)[1]
        lost = [field for field, value in whole if value != getattr(found, field)]
        assert len(lost) <= (20 if key in SEVERAL else 2), key


@pytest.mark.parametrize(
    ("known", "family", "version"),
    [
        (Known(fields=A1111_FIELDS), Family.SDXL, "SDXL"),
        (Known(), Family.UNKNOWN, "Unknown"),
        (Known(fields=ModelFields(weight=-1.5, notes='"é\n"')), Family.SD1, "SD1"),
        (Known(fields=VERSION_FIELDS), Family.SD2, "SD2"),
    ],
)
def test_what_is_written_for_a1111_is_read_again(
    known: Known, family: Family, version: str
) -> None:
    written = write_a1111(known, family)
    values = json.loads(written)
    assert values.keys() == A1111.keys()
    assert values["sd version"] == version
    again = a1111_values(values)
    assert again.base_model == (None if version == "Unknown" else version)
    assert ", ".join(again.trained_words or ()) == values["activation text"]
    assert (again.weight or 0, again.notes or "") == (values["preferred weight"], values["notes"])
    assert (again.description or "") == values["description"]
    assert (again.negative_words or "") == values["negative text"]


def test_a_preview_is_checked() -> None:
    image = encode_image(Image.new("RGB", (8, 4), "red"))
    assert preview_of("ink.preview.png", image.data) == image
    with pytest.raises(InvalidInput):
        preview_of("ink.png", b"<html>")


def test_a_side_car_may_hold_the_preview() -> None:
    image = encode_image(Image.new("RGB", (3, 2), "red"))
    url = f"data:image/png;base64,{b64encode(image.data).decode()}"
    data = json.dumps({"modelspec.thumbnail": url}).encode()
    found = preview_of("ink.swarm.json", data)
    assert found is not None
    assert (found.width, found.height) == (3, 2)
    assert preview_of("ink.swarm.json", b"{}") is None
