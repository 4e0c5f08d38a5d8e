"""Which files a path, folder or glob means: what is skipped is said, what is hostile refused."""

import os
from pathlib import Path

import pytest

from core.errors import InvalidDraft, InvalidInput
from core.models.uploads.planning import path_expansion
from core.models.uploads.planning.path_expansion import expand
from core.models.uploads.planning.roots import ANYWHERE, UploadRoots
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.models.kinds import ModelKind
from tests.core.models.uploads.conftest import finished, lora_bytes, stored_keys
from tests.core.models.uploads.test_paths import torch_file


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Models in folders, and what lies beside them."""
    for place, data in {
        "loras/a.safetensors": lora_bytes(6000),
        "loras/deep/er/b.SAFETENSORS": lora_bytes(6001),
        "loras/deep/a.safetensors": lora_bytes(6002),
        "loras/notes.txt": b"notes",
        "loras/a.civitai.info": b"{}",
        "loras/broken.safetensors": b"text",
        "loras/old.ckpt": b"x",
        "loras/.hidden.safetensors": lora_bytes(6000),
        "loras/.git/c.safetensors": lora_bytes(6000),
        "closed/d.safetensors": lora_bytes(6003),
    }.items():
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (tmp_path / "loras/out.safetensors").symlink_to(tmp_path / "closed/d.safetensors")
    (tmp_path / "loras/folder").symlink_to(tmp_path / "closed")
    (tmp_path / "loras/empty").mkdir()
    os.mkfifo(tmp_path / "loras/pipe.safetensors")
    return tmp_path


# What another program says of a model, `a.civitai.info`, comes along and is not among them.
SKIPPED = {
    "a.safetensors": "Another file of this name",
    "notes.txt": "no model file",
    "broken.safetensors": "safetensors",
    "old.ckpt": ".ckpt",
    "out.safetensors": "alone",
    "pipe.safetensors": "pipe",
}


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("loras", ["a.safetensors", "b.SAFETENSORS"]),
        ("loras/", ["a.safetensors", "b.SAFETENSORS"]),
        ("loras/**/*", ["a.safetensors", "b.SAFETENSORS"]),
        ("loras/*.safetensors", ["a.safetensors"]),
        ("loras/deep/er", ["b.SAFETENSORS"]),
        ("loras/[ab].safetensors", ["a.safetensors"]),
        ("loras/d??p/*.safetensors", ["a.safetensors"]),
    ],
)
def test_folders_and_globs(tree: Path, pattern: str, names: list[str]) -> None:
    found = expand([str(tree / pattern)], None, UploadRoots([tree / "loras"]))
    assert [file.name for file in found.files] == names
    for file in found.skipped:
        assert SKIPPED[Path(file.path).name] in file.reason, file


def test_links_to_folders_and_hidden_files_are_left_out(tree: Path) -> None:
    found = expand([str(tree / "loras")], None, ANYWHERE)
    seen = {file.path.name for file in found.files} | {Path(f.path).name for f in found.skipped}
    assert "d.safetensors" not in seen
    assert not any(name.startswith(".") for name in seen)
    assert "out.safetensors" in {file.name for file in found.files}


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("closed", "alone"),
        ("loras/../closed", "alone"),
        ("loras/folder", "alone"),
        ("closed/*.safetensors", "alone"),
        ("loras/*/../../closed/*", "no model file here"),
        ("loras/*.zip", "no model file here"),
        ("loras/empty", "no model file here"),
        ("loras/pipe.safetensors", "pipe"),
        ("loras/out.safetensors", "alone"),
        ("loras/broken.safetensors", "safetensors"),
        ("loras/missing.safetensors", "no file"),
        ("loras/a\nb.safetensors", "no file"),
        (f"loras/{'x' * 300}.safetensors", "too long|no file"),
        (f"{'x/' * 3000}y", "too long|no file|alone"),
        ("loras/\0.safetensors", "used|no file|null"),
    ],
)
def test_a_path_that_can_not_be_taken_is_refused_by_its_name(
    studio: Studio, tree: Path, path: str, says: str
) -> None:
    typed = f"{tree}/{path}"
    studio.uploads._roots._folders = (tree / "loras",)
    with pytest.raises(InvalidDraft) as refused:
        studio.uploads.start_paths(LOCAL, [typed], None)
    (problem,) = refused.value.problems
    assert problem.field == typed.strip()
    assert any(word in problem.message for word in says.split("|")), problem.message
    assert studio.uploads.list(LOCAL) == ()
    assert stored_keys(studio) == []


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/stdin", "/proc/self/mem", "/", "*", "a/b"])
def test_devices_and_relative_paths_are_refused(path: str) -> None:
    with pytest.raises(InvalidInput):
        expand([path], ModelKind.EMBEDDING, ANYWHERE)


def test_a_link_to_a_device_is_refused(tmp_path: Path) -> None:
    (tmp_path / "zero.pt").symlink_to("/dev/zero")
    with pytest.raises(InvalidDraft, match="device"):
        expand([str(tmp_path / "zero.pt")], ModelKind.EMBEDDING, ANYWHERE)


def test_a_folder_without_end_is_refused(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path_expansion, "MAX_FILES", 3)
    with pytest.raises(InvalidDraft, match="more than 3 files"):
        expand([str(tree / "loras")], None, ANYWHERE)


def test_a_folder_of_weights_needs_their_kind(tmp_path: Path) -> None:
    (tmp_path / "a.pt").write_bytes(torch_file(b""))
    found = expand([str(tmp_path)], None, ANYWHERE)
    assert [file.reason for file in found.skipped] == [
        "Only .safetensors files say what they are. Choose the kind of this one."
    ]
    assert len(expand([str(tmp_path)], ModelKind.EMBEDDING, ANYWHERE).files) == 1


def test_a_folder_is_uploaded_and_what_is_skipped_is_said(studio: Studio, tree: Path) -> None:
    started = studio.uploads.start_paths(LOCAL, [str(tree / "loras")], None)
    assert len(started.started) == 3
    assert {Path(file.path).name for file in started.skipped} == SKIPPED.keys() - {
        "out.safetensors"
    }
    uploads = finished(studio, [tree / "loras"])
    assert {u.stage.value for u in uploads} == {"done"}
