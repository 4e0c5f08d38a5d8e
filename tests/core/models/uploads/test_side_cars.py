"""What lies beside a file on disk comes with it."""

import json
from pathlib import Path

from core.models.metadata.fields import FieldSource
from core.models.uploads.records import UploadStage
from core.studio.service import Studio
from core.team.users import LOCAL
from tests.core.models.library.test_thumbnails import png
from tests.core.models.uploads.conftest import finished, lora_bytes, settled


def test_side_cars_and_the_preview_come_along(studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "ink.safetensors"
    path.write_bytes(lora_bytes(200_000))
    (tmp_path / "ink.json").write_text(json.dumps({"notes": "soft", "preferred weight": 0.8}))
    (tmp_path / "ink.civitai.info").write_text("<html>")
    (tmp_path / "ink.preview.png").write_bytes(png())
    (upload,) = finished(studio, [path])
    assert (upload.stage, upload.message) == (UploadStage.DONE, "")
    (file,) = (each for each in studio.models.list(LOCAL) if each.name == path.name)
    assert (file.known.fields.notes, file.known.fields.weight) == ("soft", 0.8)
    assert file.known.sources["notes"] is FieldSource.A1111
    assert file.record.thumbnail


def test_they_come_too_where_the_bytes_are_there_already(studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "ink.safetensors"
    path.write_bytes(lora_bytes(200_000, seed=3))
    finished(studio, [path])
    (tmp_path / "ink.json").write_text(json.dumps({"notes": "soft"}))
    studio.uploads.clear(LOCAL)
    finished(studio, [path])
    (file,) = (each for each in studio.models.list(LOCAL) if each.name == path.name)
    assert file.known.fields.notes == "soft"


def test_a_folder_names_those_without_a_model_alone(studio: Studio, tmp_path: Path) -> None:
    folder = tmp_path / "given"
    folder.mkdir()
    for name in ("ink.json", "ink.png", "other.json", "readme.md"):
        (folder / name).write_text("{}")
    (folder / "ink.safetensors").write_bytes(lora_bytes(200_000, seed=4))
    found = studio.uploads.start_paths(LOCAL, [str(folder)], None)
    assert [Path(each.path).name for each in found.skipped] == ["other.json", "readme.md"]
    settled(studio)
