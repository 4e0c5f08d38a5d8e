"""The list of models is what S3 holds, whoever put it there."""

from pathlib import Path

import pytest

from core.errors import NotFound
from core.studio.service import Studio
from core.team.users import LOCAL
from formats.keys import model_key
from formats.models.kinds import BODY_NETWORK, Family, ModelKind


def put(studio: Studio, kind: ModelKind, name: str, data: bytes) -> None:
    studio.storage.write(model_key(kind, name), data, "application/octet-stream")


def test_a_file_from_any_tool_appears_and_goes(studio: Studio, models: Path) -> None:
    data = (models / "tiny-noise-v1.safetensors").read_bytes()
    assert studio.models.list(LOCAL) == ()
    put(studio, ModelKind.CHECKPOINT, "a.safetensors", data)
    assert studio.models.list(LOCAL) == ()  # asks S3 only when told to
    (file,) = studio.models.list(LOCAL, refresh=True)
    assert (file.kind, file.name, file.size) == (ModelKind.CHECKPOINT, "a.safetensors", len(data))
    assert (file.family, file.problem, file.sha256) == (Family.SD1, None, None)
    studio.storage.delete((file.key,))
    assert studio.models.list(LOCAL, refresh=True) == ()


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("text.safetensors", b"hello, I am a text file", "not a safetensors"),
        ("empty.safetensors", b"", "empty"),
        ("short.safetensors", b"\x10\0\0\0\0\0\0\0{}", "cut off"),
    ],
)
def test_broken_files_say_so(studio: Studio, name: str, data: bytes, problem: str) -> None:
    put(studio, ModelKind.LORA, name, data)
    (file,) = studio.models.list(LOCAL)
    assert problem in str(file.problem)


def test_a_file_in_the_wrong_folder_says_so(studio: Studio, models: Path) -> None:
    data = (models / "tiny-noise-v1.safetensors").read_bytes()
    put(studio, ModelKind.LORA, "a.safetensors", data)
    assert studio.models.list(LOCAL)[0].problem == "The file is a Checkpoint, not a LoRA."


def test_what_nothing_reads_says_what_it_is(studio: Studio, models: Path) -> None:
    data = (models / "tiny-sdxl-checkpoint.safetensors").read_bytes()
    put(studio, ModelKind.CHECKPOINT, "a.safetensors", data)
    assert "SDXL refiner" in str(studio.models.list(LOCAL)[0].problem)


@pytest.mark.parametrize(("name", "is_read"), [(BODY_NETWORK, True), ("yolox_l.onnx", False)])
def test_an_annotator_that_nothing_reads_says_so(studio: Studio, name: str, is_read: bool) -> None:
    put(studio, ModelKind.ANNOTATOR, name, b"x")
    assert (studio.models.list(LOCAL)[0].problem is None) is is_read


def test_what_the_maker_says_is_told(studio: Studio, models: Path) -> None:
    data = (models / "tiny-style-lora.safetensors").read_bytes()
    put(studio, ModelKind.LORA, "a.safetensors", data)
    assert studio.models.list(LOCAL)[0].description == "Noise of another kind. Say: noisy."


def test_a_replaced_file_is_read_anew(studio: Studio, models: Path) -> None:
    put(studio, ModelKind.VAE, "a.safetensors", b"text")
    assert studio.models.list(LOCAL)[0].problem
    data = (models / "tiny-vae.safetensors").read_bytes()
    put(studio, ModelKind.VAE, "a.safetensors", data)
    assert studio.models.list(LOCAL, refresh=True)[0].problem is None


def test_delete(studio: Studio) -> None:
    put(studio, ModelKind.VAE, "a.safetensors", b"text")
    studio.models.delete_now(LOCAL, model_key(ModelKind.VAE, "a.safetensors"))
    assert studio.models.list(LOCAL) == ()
    with pytest.raises(NotFound):
        studio.models.delete_now(LOCAL, model_key(ModelKind.VAE, "a.safetensors"))


def test_a_listing_costs_one_call_however_many_files(
    studio: Studio, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for index in range(12):
        put(studio, ModelKind.LORA, f"{index}.safetensors", b"text")
    studio.models.list(LOCAL)
    calls = count_calls(studio)
    studio.models.list(LOCAL, refresh=True)
    assert calls == ["ListObjectsV2"]


def count_calls(studio: Studio) -> list[str]:
    calls: list[str] = []
    events = studio.storage._s3.meta.events  # the wire is what is counted

    def note(operation_name: str, **_: object) -> None:
        calls.append(operation_name)

    events.register("before-call.s3", lambda model, **_: note(model.name))
    return calls
