"""A job's models answer to the names that the job has for them, and tell what was left out."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from formats.generation.controlnet_unit import ControlNetUnit
from formats.generation.request import GenerationRequest, LoraUse
from formats.models.kinds import ModelKind
from sagemaker_container.engine.cache.memory_cache import MemoryCache, ModelCaches
from sagemaker_container.engine.files.weights_file import WeightsFile, open_file
from sagemaker_container.engine.job.files import JobFiles
from sagemaker_container.engine.job.images import JobImages
from sagemaker_container.engine.job.model_loader import JobModelLoader, JobModels
from sagemaker_container.engine.models.loader import NetworkLoader
from tests.sagemaker_container.conftest import CPU, Opener

LAYER = "lora_unet_down_blocks_1_attentions_0_transformer_blocks_0_attn2_to_k"
LORA = {
    f"{LAYER}.lora_down.weight": torch.ones(4, 64),
    f"{LAYER}.lora_up.weight": torch.ones(64, 4),
}
VECTORS = {"emb_params": torch.ones(2, 64)}
Load = Callable[[str, dict[str, torch.Tensor]], JobModels]


@pytest.fixture
def load(tmp_path: Path, models: Path, loader: NetworkLoader, opened: Opener) -> Load:
    """Loads a job with one file of each kind, all of the same name; what was loaded is kept."""
    cache = MemoryCache(2**32)
    jobs = JobModelLoader(loader, ModelCaches(cache, cache), CPU)

    def named(kind: ModelKind, name: str, data: bytes) -> WeightsFile:
        path = tmp_path / f"{kind}-{name}"
        path.write_bytes(data)
        return open_file(kind, name, path, hashlib.sha256(data).hexdigest(), "disk")

    def run(name: str, lora: dict[str, torch.Tensor]) -> JobModels:
        request = GenerationRequest(
            id="01M82KW0B1ZSQ5JRV5KNRGBS67",
            checkpoint="tiny-noise-v1.safetensors",
            prompt="a dog",
            seed=1,
            controlnets=[ControlNetUnit(model=name, image="0" * 64)],
        )
        saved = tmp_path / "saved"
        save_file(lora, saved)
        lora_file = named(ModelKind.LORA, name, saved.read_bytes())
        save_file(VECTORS, saved)
        embedding = named(ModelKind.EMBEDDING, name, saved.read_bytes())
        files = [
            named(kind, name, (models / f"{source}.safetensors").read_bytes())
            for kind, source in (
                (ModelKind.CHECKPOINT, "tiny-noise-v1"),
                (ModelKind.VAE, "tiny-vae"),
                (ModelKind.CONTROLNET, "tiny-control-stripped"),
                (ModelKind.UPSCALER, "tiny-upscaler"),
            )
        ]
        return jobs.load(
            request,
            JobFiles(
                prompt="a dog",
                checkpoint=files[0],
                vae=files[1],
                loras=[(lora_file, LoraUse(name=name, weight=1.0))],
                embeddings=[embedding],
                controlnets=[files[2]],
                upscaler=files[3],
                images=JobImages(),
            ),
            lambda: None,
        )

    return run


def test_the_same_bytes_answer_to_each_of_their_names(load: Load) -> None:
    for name in ("first.safetensors", "second.safetensors", "first.safetensors"):
        found = load(name, LORA)
        assert {model.name for model in found.applied} == {name}
        assert [embedding.name for embedding in found.embeddings] == [name.split(".")[0]]
        assert [lora.lora.file.name for lora in found.loras] == [name]
        assert found.notes == []


def test_a_lora_that_is_applied_in_part_says_so(load: Load) -> None:
    lost = {f"lora_te2_layer_{n}.{end}": torch.ones(1, 1) for n in range(12) for end in ("x", "y")}
    for name in ("a.safetensors", "b.safetensors"):  # the second time nothing is merged anew
        (note,) = load(name, LORA | lost).notes
        assert note.startswith(f"{name} was applied in part: 24 of its tensors")
        assert "lora_te2_layer_0" in note
        assert note.endswith("and 14 more.")
