"""LoRAs are merged as kohya's trainer defines them, and removed without a trace."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from formats.generation.result import ErrorCode
from formats.models.kinds import ModelKind
from sagemaker_container.engine.files.weights_file import open_file
from sagemaker_container.engine.lora.algorithms import LoraLayer
from sagemaker_container.engine.lora.file import read_lora
from sagemaker_container.engine.lora.merge import LoraMerger, TensorMatches, WeightedLora
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.errors import JobError
from tests.sagemaker_container.conftest import Opener
from tests.support import tiny_models

TARGET = "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q"
KOHYA = f"lora_unet_{TARGET.replace('.', '_')}"
Tensors = dict[str, tiny_models.Array]
Saver = Callable[[Tensors], WeightedLora]


@pytest.fixture
def saved_lora(tmp_path: Path) -> Saver:
    """Writes tensors as a LoRA file, and reads it with multipliers of 1."""

    def save(tensors: Tensors) -> WeightedLora:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.safetensors"
        tiny_models.save(path, tensors, {})
        file = open_file(ModelKind.LORA, path.name, path, path.stem * 64, "disk")
        return WeightedLora(read_lora(file), 1.0, 1.0)

    return save


@pytest.fixture(scope="session")
def style(opened: Opener) -> WeightedLora:
    return WeightedLora(read_lora(opened("tiny-style-lora", ModelKind.LORA)), 0.8, 0.5)


def state(checkpoint: Checkpoint) -> dict[str, torch.Tensor]:
    models = {"unet": checkpoint.unet, "text": checkpoint.text_encoder}
    return {
        f"{name}.{key}": tensor.clone()
        for name, model in models.items()
        for key, tensor in model.state_dict().items()
    }


def changed(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> set[str]:
    return {name for name in before if not torch.equal(before[name], after[name])}


def test_a_lora_is_merged_and_removed_exactly(
    checkpoint: Checkpoint, merger: LoraMerger, style: WeightedLora
) -> None:
    before = state(checkpoint)
    assert merger.merge([style]) == [TensorMatches(33, 0)]
    during = changed(before, state(checkpoint))
    assert len(during) == 11
    assert any("self_attn.q_proj" in name for name in during)
    assert any("conv2" in name for name in during)
    merger.merge([])
    assert changed(before, state(checkpoint)) == set()


def test_the_merge_is_up_times_down_times_alpha_by_rank(
    checkpoint: Checkpoint, merger: LoraMerger, opened: Opener, style: WeightedLora
) -> None:
    before = state(checkpoint)
    tensors = tiny_models.weights(tiny_models.lora(tiny_models.TINY), 4)
    merger.merge([style])
    for layer, scale in ((TARGET, 0.8), ("encoder.layers.0.mlp.fc1", 0.5)):
        name = KOHYA if scale == 0.8 else "lora_te_text_model_encoder_layers_0_mlp_fc1"
        up, down = (
            torch.from_numpy(tensors[f"{name}.lora_{part}.weight"]).float()
            for part in ("up", "down")
        )
        key = f"{'unet' if scale == 0.8 else 'text'}.{layer}.weight"
        wanted = before[key] + scale * (up @ down)  # alpha is the rank
        assert torch.allclose(state(checkpoint)[key], wanted, atol=1e-6)


def test_other_multipliers_start_from_the_originals(
    checkpoint: Checkpoint, merger: LoraMerger, style: WeightedLora
) -> None:
    merger.merge([style])
    first = state(checkpoint)
    merger.merge([replace(style, unet_weight=-1.0), style])
    merger.merge([style])
    assert changed(first, state(checkpoint)) == set()


def test_several_loras_add_up_in_either_key_layout(
    checkpoint: Checkpoint, merger: LoraMerger, saved_lora: Saver
) -> None:
    before = state(checkpoint)[f"unet.{TARGET}.weight"]
    up: tiny_models.Array = np.ones((64, 1), np.float16)
    down: tiny_models.Array = np.full((1, 64), 0.5, np.float16)
    kohya = saved_lora({f"{KOHYA}.lora_up.weight": up, f"{KOHYA}.lora_down.weight": down})
    peft = saved_lora({f"unet.{TARGET}.lora_B.weight": up, f"unet.{TARGET}.lora_A.weight": down})
    merger.merge([kohya, replace(peft, unet_weight=3.0)])
    after = state(checkpoint)[f"unet.{TARGET}.weight"]
    assert torch.allclose(after - before, torch.full((64, 64), 2.0), atol=1e-5)
    merger.merge([])
    assert torch.equal(state(checkpoint)[f"unet.{TARGET}.weight"], before)


@pytest.mark.parametrize(
    ("tensors", "word"),
    [
        ({"lora_unet_x.lora_up.weight": (4, 1), "lora_unet_x.lora_down.weight": (1, 4)}, "none of"),
        (
            {f"{KOHYA}.lora_up.weight": (32, 1), f"{KOHYA}.lora_down.weight": (1, 64)},
            "another size",
        ),
        (
            {f"{KOHYA}.lora_up.weight": (64, 2), f"{KOHYA}.lora_down.weight": (1, 64)},
            "another size",
        ),
    ],
)
def test_a_lora_that_does_not_fit_changes_nothing(
    checkpoint: Checkpoint,
    style: WeightedLora,
    saved_lora: Saver,
    tensors: tiny_models.Shapes,
    word: str,
) -> None:
    before = state(checkpoint)
    wrong = saved_lora(tiny_models.weights(tensors, 1))
    with pytest.raises(JobError, match=word) as refused:
        LoraMerger(checkpoint).merge([style, wrong])
    assert refused.value.code is ErrorCode.MODEL_MISMATCH
    assert changed(before, state(checkpoint)) == set()


def test_half_a_pair_is_unmatched(merger: LoraMerger, saved_lora: Saver) -> None:
    whole = {f"{KOHYA}.lora_up.weight": (64, 1), f"{KOHYA}.lora_down.weight": (1, 64)}
    half = {"lora_unet_conv_in.lora_down.weight": (1, 36)}
    lora = saved_lora(tiny_models.weights(whole | half, 1))
    assert merger.merge([lora]) == [TensorMatches(2, 1, ("lora_unet_conv_in",))]


def test_a_merge_never_writes_to_the_file(
    tmp_path: Path, loader: NetworkLoader, opened: Opener, style: WeightedLora
) -> None:
    """A float32 file's tensors stay mapped from the disk, and the file may be linked to S3's."""
    path = tmp_path / "wide.safetensors"
    tensors = load_file(opened("tiny-noise-v1").path)
    save_file({name: tensor.float() for name, tensor in tensors.items()}, path)
    file = open_file(ModelKind.CHECKPOINT, path.name, path, "0" * 64, "disk")
    before = path.read_bytes()
    loaded = loader.load_checkpoint(file)
    LoraMerger(loaded).merge([style])
    assert changed(state(loader.load_checkpoint(file)), state(loaded))
    assert path.read_bytes() == before


class FailingLayer(LoraLayer):
    """A layer that fits, and fails when it is merged."""

    def merge_into(self, *_: object) -> torch.Tensor:
        raise InterruptedError


def test_a_merge_that_fails_restores_the_originals(
    checkpoint: Checkpoint, merger: LoraMerger, style: WeightedLora
) -> None:
    before = state(checkpoint)
    layers = dict(style.lora.layers)
    layers[list(layers)[3]] = FailingLayer(layers[list(layers)[3]].parts)
    broken = replace(style, lora=replace(style.lora, layers=layers))
    with pytest.raises(InterruptedError):
        merger.merge([broken])
    assert changed(before, state(checkpoint)) == set()
