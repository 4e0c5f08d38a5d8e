"""What can't be drawn is refused by the files' first bytes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from formats.generation.result import ErrorCode
from formats.models.kinds import ModelKind
from sagemaker_container.engine.files.weights_file import WeightsFile, open_header
from sagemaker_container.engine.job.header_check import check_headers
from sagemaker_container.errors import JobError
from tests.support import tiny_models
from tests.support.tiny_models import TINY, save, weights

Look = Callable[..., WeightsFile]
NO_END = {k: v for k, v in weights(tiny_models.vae(TINY), 1).items() if "mid.block_2" not in k}
NOWHERE = {
    "lora_unet_nowhere.lora_down.weight": (4, 64),
    "lora_unet_nowhere.lora_up.weight": (64, 4),
}
SHALLOW = weights(tiny_models.vae(tiny_models.Sizes(vae=(32, 32, 32))), 1)


@pytest.fixture(scope="module")
def look(models: Path, tmp_path_factory: pytest.TempPathFactory) -> Look:
    """A file as it is known before it is fetched: there is nothing to read it from."""
    mine = tmp_path_factory.mktemp("mine")
    save(mine / "no-end.safetensors", NO_END, {})
    save(mine / "shallow.safetensors", SHALLOW, {})
    save(mine / "nowhere.safetensors", weights(NOWHERE, 1), {})

    def looked(name: str, kind: ModelKind = ModelKind.CHECKPOINT) -> WeightsFile:
        (path,) = (p for p in (mine / name, models / name) if p.exists())
        return open_header(kind, name, path.read_bytes(), path.stat().st_size)

    return looked


@pytest.mark.parametrize(
    ("name", "loras"),
    [
        ("tiny-noise-v1", ["tiny-style-lora", "tiny-style-lora-partial"]),
        ("tiny-sd2", []),
        ("tiny-inpainting", ["tiny-style-lora"]),
        ("tiny-xl", ["tiny-xl-lora"]),
        ("tiny-xl-inpainting", ["tiny-xl-lora"]),
    ],
)
def test_whole_files_pass(look: Look, name: str, loras: list[str]) -> None:
    checkpoint = look(f"{name}.safetensors")
    others = [look(f"{lora}.safetensors", ModelKind.LORA) for lora in loras]
    check_headers(checkpoint, others, 1)
    assert not any(file.is_on_disk for file in (checkpoint, *others))  # by their headers alone


@pytest.mark.parametrize(
    ("checkpoint", "kind", "name", "says"),
    [
        ("broken-incomplete", None, "", "198 of 208"),
        ("tiny-noise-v1", ModelKind.VAE, "no-end", "160 of 176"),
        ("tiny-noise-v1", ModelKind.VAE, "shallow", "latents"),
        ("tiny-xl", ModelKind.EMBEDDING, "tiny-embedding", "64 and 64"),
        ("tiny-noise-v1", ModelKind.EMBEDDING, "tiny-embedding-xl", "made for SDXL"),
        ("tiny-noise-v1", ModelKind.LORA, "nowhere", "none of its layers"),
        ("tiny-noise-v1", ModelKind.CONTROLNET, "tiny-control-xl", "another base model"),
    ],
)
def test_what_does_not_fit_is_named(
    look: Look, checkpoint: str, kind: ModelKind | None, name: str, says: str
) -> None:
    others = [look(f"{name}.safetensors", kind)] if kind else []
    with pytest.raises(JobError, match=name or checkpoint) as told:
        check_headers(look(f"{checkpoint}.safetensors"), others, 1)
    assert told.value.code in {ErrorCode.MODEL_BROKEN, ErrorCode.MODEL_MISMATCH}
    assert says in told.value.message


def test_a_layer_that_the_text_encoder_lacks_is_the_fields_fault(look: Look) -> None:
    with pytest.raises(JobError, match="2 layers") as told:
        check_headers(look("tiny-noise-v1.safetensors"), [], 3)
    assert told.value.field == "clip_skip"
