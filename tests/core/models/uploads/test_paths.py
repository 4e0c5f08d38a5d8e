"""Uploads are real multipart, resumed after a break, verified, and refused before they begin."""

import hashlib
import os
from pathlib import Path

import pytest

from core.errors import InvalidDraft, InvalidInput
from core.models.uploads.planning.plan import check_file, part_size
from core.models.uploads.records import UploadStage
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.keys import model_key
from formats.models.kinds import BODY_NETWORK, ModelKind
from tests.core.models.uploads.conftest import SIZE, finished, lora_bytes, stored, stored_keys
from tests.support import tiny_models

MIB = 1 << 20
MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."


def torch_file(data: bytes, program: bytes = b"}.") -> bytes:
    """A file of that size in PyTorch's layout before 1.6: five pickles, then the numbers."""
    start = MAGIC + program + b"}." * 3
    return start + data[len(start) :]


def test_three_files_in_one_click(studio: Studio, models: Path) -> None:
    names = [
        "tiny-noise-v1.safetensors",
        "tiny-control-openpose.safetensors",
        "tiny-vae.safetensors",
    ]
    paths = [str(models / name) for name in names]
    uploads = finished(studio, paths)
    assert [(u.stage, u.message) for u in uploads] == [(UploadStage.DONE, "")] * 3
    files = {file.name: file for file in studio.models.list(LOCAL)}
    for name, kind in zip(
        names, (ModelKind.CHECKPOINT, ModelKind.CONTROLNET, ModelKind.VAE), strict=True
    ):
        data = (models / name).read_bytes()
        assert studio.storage.read(model_key(kind, name)).data == data
        assert files[name].sha256 == hashlib.sha256(data).hexdigest()
        assert files[name].owner == "local"


def test_parts_and_progress(studio: Studio, lora: Path) -> None:
    """It is hashed while it is sent: the object can't tell its hash, and the file's record does."""
    (upload,) = finished(studio, [lora])
    head = studio.storage.head(upload.key)
    assert head
    assert head.etag.endswith("-10")
    assert (head.metadata.get("sha256"), head.metadata["verification"]) == (None, "pending")
    assert (upload.done, upload.parts, upload.parts_done, upload.parts_skipped) == (SIZE, 10, 10, 0)
    model = studio.models.find(LOCAL, ModelKind.LORA, lora.name)
    assert model
    assert model.sha256 == upload.sha256 == hashlib.sha256(lora.read_bytes()).hexdigest()
    assert (model.problem, model.record.etag) == (None, head.etag)


def test_a_file_of_a_stored_size_is_hashed_before_it_is_sent(
    studio: Studio, lora: Path, tmp_path: Path, sent_parts: list[int]
) -> None:
    finished(studio, [lora])
    sent_parts.clear()
    other = tmp_path / "other.safetensors"
    other.write_bytes(lora_bytes(SIZE, seed=1))
    upload, _ = finished(studio, [other])
    head = studio.storage.head(upload.key)
    assert head
    assert head.metadata["sha256"] == hashlib.sha256(other.read_bytes()).hexdigest()
    assert sorted(sent_parts) == list(range(1, 11))


def test_the_same_bytes_are_not_sent_again(
    studio: Studio, lora: Path, tmp_path: Path, sent_parts: list[int]
) -> None:
    finished(studio, [lora])
    sent_parts.clear()
    copy = tmp_path / "copy.safetensors"
    copy.write_bytes(lora.read_bytes())
    again, _ = finished(studio, [lora]), finished(studio, [copy])
    assert [u.stage for u in again] == [UploadStage.DONE] * 2
    assert sent_parts == []
    assert {u.message for u in studio.uploads.list(LOCAL)} == {
        "",
        "The same bytes are in S3 as models/Lora/large.safetensors; nothing was sent.",
    }
    assert studio.storage.head(model_key(ModelKind.LORA, copy.name)) is None


def test_other_bytes_of_the_same_name_need_replace(studio: Studio, lora: Path) -> None:
    finished(studio, [lora])
    lora.write_bytes(lora_bytes(SIZE, seed=1))
    (refused, _) = finished(studio, [lora])
    assert refused.stage is UploadStage.FAILED
    assert "Replace" in refused.message
    finished(studio, [lora], replace=True)
    assert stored(studio, lora.name) == lora.read_bytes()


def test_a_name_in_the_trash_is_told(studio: Studio, lora: Path) -> None:
    finished(studio, [lora])
    studio.models.put_in_trash(LOCAL, ModelKind.LORA, lora.name)
    (refused, _) = finished(studio, [lora])
    assert (refused.stage, "in the trash" in refused.message) == (UploadStage.FAILED, True)
    finished(studio, [lora], replace=True)
    found = studio.models.find(LOCAL, ModelKind.LORA, lora.name)
    assert found
    assert not found.is_trashed


def _bad_paths(tiny: Path, tmp: Path) -> list[tuple[str, str]]:
    empty = tmp / "empty"
    empty.mkdir()
    text = tmp / "text.safetensors"
    text.write_text("I am a text file")
    pickle = tmp / "old.ckpt"
    pickle.write_bytes(b"x")
    strange = tmp / "a:b.safetensors"
    strange.write_bytes((tiny / "tiny-vae.safetensors").read_bytes())
    cut = tmp / "cut.safetensors"
    cut.write_bytes((tiny / "tiny-vae.safetensors").read_bytes()[:-100])
    return [
        (str(tmp / "missing.safetensors"), "no file at this path"),
        (str(empty), "no model file here"),
        ("relative.safetensors", "whole path"),
        (str(text), "not a safetensors"),
        (str(cut), "cut off"),
        (str(pickle), ".ckpt"),
        (str(strange), "A name has no"),
        ("/\0", "used|path"),
    ]


def test_bad_paths_are_refused_together_and_nothing_is_sent(
    studio: Studio, models: Path, tmp_path: Path
) -> None:
    bad = _bad_paths(models, tmp_path)
    good = str(models / "tiny-vae.safetensors")
    with pytest.raises(InvalidDraft) as caught:
        studio.uploads.start_paths(LOCAL, [good, *(path for path, _ in bad)], None)
    said = {problem.field: problem.message for problem in caught.value.problems}
    assert good not in said
    for path, message in bad:
        assert any(word in said[path] for word in message.split("|")), said[path]
    assert studio.uploads.list(LOCAL) == ()
    assert stored_keys(studio) == []


def test_a_chosen_kind_must_be_what_the_header_says(studio: Studio, models: Path) -> None:
    with pytest.raises(InvalidDraft, match="VAE, not a LoRA"):
        studio.uploads.start_paths(LOCAL, [str(models / "tiny-vae.safetensors")], ModelKind.LORA)


@pytest.mark.parametrize("kind", [None, ModelKind.LORA, ModelKind.VAE])
def test_what_nothing_reads_is_refused_by_its_name(tmp_path: Path, kind: ModelKind | None) -> None:
    path = tmp_path / "oft.safetensors"
    tiny_models.save(path, tiny_models.weights({"lora_unet_x.oft_blocks": (2, 4, 4)}, 1), {})
    with pytest.raises(InvalidInput, match="OFT is not supported"):
        check_file(str(path), kind)


@pytest.mark.parametrize("name", ["dw-ll_ucoco_384.onnx", "pose.tflite", "hand_pose_model.pth"])
def test_an_annotator_that_nothing_reads_is_refused(tmp_path: Path, name: str) -> None:
    for each in (name, BODY_NETWORK):
        (tmp_path / each).write_bytes(torch_file(b""))
    with pytest.raises(InvalidInput, match=BODY_NETWORK):
        check_file(str(tmp_path / name), ModelKind.ANNOTATOR)
    assert check_file(str(tmp_path / BODY_NETWORK), ModelKind.ANNOTATOR).size > 0


@pytest.mark.parametrize(
    ("size", "expected"),
    [(1, 64 * MIB), (9_990 * 64 * MIB, 64 * MIB), (9_990 * 64 * MIB + 1, 65 * MIB)],
)
def test_part_size(size: int, expected: int) -> None:
    assert part_size(size) == expected
    assert -(-size // part_size(size)) <= 10_000


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"a text file", "not a file of PyTorch"),
        (b"PK\x03\x04 no archive", "not a file of PyTorch"),
        (MAGIC, "not a file of PyTorch"),
        (b"cos\nsystem\n(S'false'\ntR.", "not a file of PyTorch"),
        (torch_file(b"", b"cos\nsystem\n(S'false'\ntR."), "os system"),
        (torch_file(b"", b"ctorch\nload\n."), "torch load"),
        (torch_file(b"", b"(iposix\nsystem\n."), "could run code"),
    ],
)
@pytest.mark.parametrize(
    ("kind", "end"), [(ModelKind.EMBEDDING, ".pt"), (ModelKind.UPSCALER, ".pth")]
)
def test_a_pickle_of_more_than_tensors_is_refused(
    tmp_path: Path, data: bytes, says: str, kind: ModelKind, end: str
) -> None:
    path = tmp_path / f"x{end}"
    path.write_bytes(data)
    with pytest.raises(InvalidInput, match=says):
        check_file(str(path), kind)


def test_what_is_no_plain_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pt")
    (tmp_path / "folder.pt").mkdir()
    (tmp_path / "device.pt").symlink_to("/dev/zero")
    (tmp_path / "link.pt").symlink_to("/etc/passwd")
    (tmp_path / "control\n.pt").write_bytes(torch_file(b""))
    (tmp_path / "empty.safetensors").touch()
    said = {
        "pipe.pt": "pipe",
        "folder.pt": "folder",
        "device.pt": "device",
        "link.pt": "not a file of PyTorch",
        "control\n.pt": "A name has no",
        "empty.safetensors": "empty",
    }
    for name, words in said.items():
        with pytest.raises(InvalidInput, match=words):
            check_file(str(tmp_path / name), ModelKind.EMBEDDING)
    with pytest.raises(InvalidInput, match="can't be used"):
        check_file("~nosuchuser/x.pt", ModelKind.EMBEDDING)
