"""Uploads are real multipart, resumed after a break, verified, and refused before they begin."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from core.aws.client import Connection
from core.errors import Conflict, InvalidDraft, InvalidInput, UploadCancelled
from core.models.uploads import plan
from core.models.uploads.plan import UploadProgress, check_file, part_size
from core.models.uploads.queue import Upload, UploadStage
from core.models.uploads.resumable_transfer import Uploader
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.keys import model_key
from formats.models.kinds import BODY_NETWORK, ModelKind
from tests.core.models import endless_upload
from tests.support import tiny_models
from tests.support.helpers import ROOT, wait_for

MIB = 1 << 20
MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."


def torch_file(data: bytes, program: bytes = b"}.") -> bytes:
    """A file of that size in PyTorch's layout before 1.6: five pickles, then the numbers."""
    start = MAGIC + program + b"}." * 3
    return start + data[len(start) :]


def finished(studio: Studio, paths: Sequence[str], **options: Any) -> tuple[Upload, ...]:
    options.setdefault("kind", None)
    studio.uploads.start(LOCAL, paths, **options)
    wait_for(lambda: not any(u.active for u in studio.uploads.list(LOCAL)))
    return studio.uploads.list(LOCAL)


def test_three_files_in_one_click(studio: Studio, models: Path) -> None:
    names = [
        "tiny-noise-v1.safetensors",
        "tiny-control-openpose.safetensors",
        "tiny-vae.safetensors",
    ]
    paths = [str(models / name) for name in names]
    uploads = finished(studio, paths)
    assert [u.stage for u in uploads] == [UploadStage.DONE] * 3
    files = {file.name: file for file in studio.models.list(LOCAL)}
    for name, kind in zip(
        names, (ModelKind.CHECKPOINT, ModelKind.CONTROLNET, ModelKind.VAE), strict=True
    ):
        data = (models / name).read_bytes()
        assert studio.storage.read(model_key(kind, name)).data == data
        assert files[name].sha256 == hashlib.sha256(data).hexdigest()
        assert files[name].owner == "local"


@pytest.fixture
def large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """46 MiB in ten parts of 5 MiB, more than are in flight at once."""
    monkeypatch.setattr(plan, "PART_BYTES", 5 * MIB)
    path = tmp_path / "large.pt"
    path.write_bytes(torch_file(os.urandom(46 * MIB)))
    return path


def uploader(studio: Studio) -> Uploader:
    return studio.uploads._uploader  # one upload without the queue


def test_parts_and_progress(studio: Studio, large: Path) -> None:
    seen: list[UploadProgress] = []
    file = check_file(str(large), ModelKind.EMBEDDING)
    uploader(studio).upload(file, "ann", seen.append, Event())
    etag = studio.storage.head(model_key(ModelKind.EMBEDDING, large.name))
    assert etag
    assert etag.etag.endswith("-10")
    assert {m.stage for m in seen} == {"hashing", "uploading"}
    assert (seen[-1].done, seen[-1].parts, seen[-1].parts_done) == (46 * MIB, 10, 10)


def test_a_broken_off_upload_goes_on_where_it_stopped(studio: Studio, large: Path) -> None:
    file = check_file(str(large), ModelKind.EMBEDDING)
    stop = Event()

    def break_off(progress: UploadProgress) -> None:
        if progress.parts_done >= 1:
            stop.set()

    with pytest.raises(UploadCancelled):
        uploader(studio).upload(file, "ann", break_off, stop)
    seen: list[UploadProgress] = []
    uploader(studio).upload(file, "ann", seen.append, Event())
    assert 1 <= seen[-1].parts_skipped < 10
    key = model_key(ModelKind.EMBEDDING, large.name)
    assert studio.storage.read(key).data == large.read_bytes()


def test_a_killed_upload_goes_on_where_it_stopped(
    studio: Studio, connection: Connection, large: Path
) -> None:
    """kill -9 of the process that sends, and another one that finishes the work."""
    secret = connection.secret_key.get_secret_value() if connection.secret_key else ""
    asked = [connection.url, connection.access_key, secret, studio.settings.bucket, large]
    with subprocess.Popen(
        [sys.executable, "-m", endless_upload.__name__],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as sender:
        assert sender.stdin
        assert sender.stdout
        sender.stdin.write("\n".join(map(str, asked)))
        sender.stdin.close()
        wanted = endless_upload.PARTS_BEFORE_THE_WAIT
        assert any(int(line) >= wanted for line in sender.stdout)
        sender.kill()
    key = model_key(ModelKind.EMBEDDING, large.name)
    assert studio.storage.head(key) is None
    sent: list[str] = []
    events = uploader(studio)._multipart._s3.meta.events
    events.register("before-call.s3.UploadPart", lambda params, **_: sent.append(params["url"]))
    seen: list[UploadProgress] = []
    file = check_file(str(large), ModelKind.EMBEDDING)
    uploader(studio).upload(file, "ann", seen.append, Event())
    assert seen[-1].parts_skipped >= 2
    assert len(sent) == 10 - seen[-1].parts_skipped
    assert studio.storage.read(key).data == large.read_bytes()
    assert studio.storage.list("uploads/") == ()


def test_a_changed_file_does_not_reuse_old_parts(studio: Studio, large: Path) -> None:
    file = check_file(str(large), ModelKind.EMBEDDING)
    stop = Event()

    def break_off(progress: UploadProgress) -> None:
        if progress.parts_done >= 1:
            stop.set()

    with pytest.raises(UploadCancelled):
        uploader(studio).upload(file, "ann", break_off, stop)
    large.write_bytes(torch_file(os.urandom(46 * MIB)))
    seen: list[UploadProgress] = []
    uploader(studio).upload(file, "ann", seen.append, Event())
    assert seen[-1].parts_skipped == 0
    key = model_key(ModelKind.EMBEDDING, large.name)
    assert studio.storage.read(key).data == large.read_bytes()


def test_the_same_bytes_are_not_sent_again(studio: Studio, large: Path) -> None:
    file = check_file(str(large), ModelKind.EMBEDDING)
    uploader(studio).upload(file, "ann", lambda _: None, Event())
    seen: list[UploadProgress] = []
    uploader(studio).upload(file, "ann", seen.append, Event())
    assert seen[-1].parts_skipped == 10


def test_other_bytes_of_the_same_name_need_replace(studio: Studio, large: Path) -> None:
    file = check_file(str(large), ModelKind.EMBEDDING)
    uploader(studio).upload(file, "ann", lambda _: None, Event())
    large.write_bytes(torch_file(b"x" * 46 * MIB))
    with pytest.raises(Conflict, match="Replace"):
        uploader(studio).upload(file, "ann", lambda _: None, Event())
    uploader(studio).upload(file, "ann", lambda _: None, Event(), replace=True)
    key = model_key(ModelKind.EMBEDDING, large.name)
    assert studio.storage.read(key).data == large.read_bytes()


def _bad_paths(tiny: Path, tmp: Path) -> list[tuple[str, str]]:
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
        (str(tmp), "a folder"),
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
        studio.uploads.start(LOCAL, [good, *(path for path, _ in bad)], None)
    said = {problem.field: problem.message for problem in caught.value.problems}
    assert good not in said
    for path, message in bad:
        assert any(word in said[path] for word in message.split("|")), said[path]
    assert studio.uploads.list(LOCAL) == ()
    assert studio.storage.list("") == ()


def test_a_chosen_kind_must_be_what_the_header_says(studio: Studio, models: Path) -> None:
    with pytest.raises(InvalidDraft, match="VAE, not a LoRA"):
        studio.uploads.start(LOCAL, [str(models / "tiny-vae.safetensors")], ModelKind.LORA)


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
