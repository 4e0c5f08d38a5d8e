"""What lies beside a model on disk is read with it: side-cars, previews, the header's image."""

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from core.images.files import encode_image
from core.models.metadata.beside import Beside, read_beside
from core.models.metadata.fields import FieldSource, ModelFields
from core.models.metadata.side_cars import MAX_SIDE_CAR
from core.models.uploads.planning.roots import ANYWHERE, UploadRoots
from tests.core.models.metadata.test_header_fields import data_url

RED, BLUE, TEAL = (encode_image(Image.new("RGB", (4, 4), c)).data for c in ("red", "blue", "teal"))
NOTES = {"notes": "soft"}
SWARM = {"modelspec.title": "Ink", "modelspec.thumbnail": data_url("png", BLUE)}
TITLED, NOTED = ModelFields(title="Ink"), ModelFields(notes="soft")


def model(metadata: dict[str, str]) -> bytes:
    header = json.dumps({"__metadata__": metadata}).encode()
    return struct.pack("<Q", len(header)) + header


def put(folder: Path, files: dict[str, Any]) -> Path:
    for name, content in files.items():
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        (folder / name).write_bytes(data)
    return folder / "ink.safetensors"


PLAIN = model({})
SHOWN = model({"modelspec.thumbnail": data_url("png", TEAL)})


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"ink.safetensors": PLAIN}, Beside()),
        ({"ink.safetensors": b"broken"}, Beside()),
        ({}, Beside()),
        ({"ink.safetensors": SHOWN}, Beside(preview=TEAL)),
        (
            {"ink.safetensors": SHOWN, "ink.json": NOTES, "ink.swarm.json": SWARM},
            Beside(layers={FieldSource.A1111: NOTED, FieldSource.SWARM: TITLED}, preview=BLUE),
        ),
        (
            {"ink.safetensors": SHOWN, "ink.swarm.json": SWARM, "ink.preview.png": RED},
            Beside(layers={FieldSource.SWARM: TITLED}, preview=RED),
        ),
        (
            {"ink.safetensors": SHOWN, "ink.preview.png": b"broken", "ink.png": RED},
            Beside(preview=RED),
        ),
        ({"ink.safetensors": PLAIN, "ink.json": b"broken", "other.json": NOTES}, Beside()),
        ({"ink.safetensors": PLAIN, "ink.json": b" " * (MAX_SIDE_CAR + 1)}, Beside()),
    ],
)
def test_what_lies_beside_is_read(tmp_path: Path, files: dict[str, Any], expected: Beside) -> None:
    assert read_beside(put(tmp_path, files), ANYWHERE.require) == expected


def test_no_link_leads_out_of_the_folders(tmp_path: Path) -> None:
    inside, outside = tmp_path / "models", tmp_path / "secrets"
    inside.mkdir()
    outside.mkdir()
    put(outside, {"a.json": NOTES, "a.png": RED})
    path = put(inside, {"ink.safetensors": PLAIN})
    (inside / "ink.json").symlink_to(outside / "a.json")
    (inside / "ink.png").symlink_to(outside / "a.png")
    (inside / "ink.jpg").symlink_to(inside / "ink.jpg")
    assert read_beside(path, UploadRoots([inside]).require) == Beside()
    assert read_beside(path, ANYWHERE.require).preview == RED
