"""LoRAs are merged as kohya's trainer meant them, and taken out without a trace."""

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
from sagemaker_container.engine.lora.algorithms import Layer
from sagemaker_container.engine.lora.file import read_lora
from sagemaker_container.engine.lora.merge import LoraPart, LoraSlot, Matched
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.errors import JobError
from tests.sagemaker_container.conftest import Opener
from tests.support import tiny_models

TARGET = "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q"
KOHYA = f"lora_unet_{TARGET.replace('.', '_')}"
Tensors = dict[str, tiny_models.Array]
Saver = Callable[[Tensors], LoraPart]


@pytest.fixture
def part(tmp_path: Path) -> Saver:
    """Writes tensors as a LoRA file and reads it with weight 1."""

    def saved(tensors: Tensors) -> LoraPart:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.safetensors"
        tiny_models.save(path, tensors, {})
        file = open_file(ModelKind.LORA, path.name, path, path.stem * 64, "disk")
        return LoraPart(read_lora(file), 1.0, 1.0)

    return saved


@pytest.fixture(scope="session")
def style(opened: Opener) -> LoraPart:
    return LoraPart(read_lora(opened("tiny-style-lora", ModelKind.LORA)), 0.8, 0.5)


def state(checkpoint: Checkpoint) -> dict[str, torch.Tensor]:
    models = {"unet": checkpoint.unet, "text": checkpoint.text_encoder}
    return {
        f"{name}.{key}": tensor.clone()
        for name, model in models.items()
        for key, tensor in model.state_dict().items()
    }


def changed(before: dict[str, torch.Tensor], after: dict[str, torch.Tensor]) -> set[str]:
    return {name for name in before if not torch.equal(before[name], after[name])}


def test_a_lora_comes_and_goes_exactly(
    checkpoint: Checkpoint, loras: LoraSlot, style: LoraPart
) -> None:
    before = state(checkpoint)
    assert loras.apply([style]) == [Matched(33, 0)]
    during = changed(before, state(checkpoint))
    assert len(during) == 11
    assert any("self_attn.q_proj" in name for name in during)
    assert any("conv2" in name for name in during)
    loras.apply([])
    assert changed(before, state(checkpoint)) == set()


def test_the_merge_is_up_times_down_times_alpha_by_rank(
    checkpoint: Checkpoint, loras: LoraSlot, opened: Opener, style: LoraPart
) -> None:
    before = state(checkpoint)
    tensors = tiny_models.weights(tiny_models.lora(tiny_models.TINY), 4)
    loras.apply([style])
    for layer, scale in ((TARGET, 0.8), ("encoder.layers.0.mlp.fc1", 0.5)):
        name = KOHYA if scale == 0.8 else "lora_te_text_model_encoder_layers_0_mlp_fc1"
        up, down = (
            torch.from_numpy(tensors[f"{name}.lora_{part}.weight"]).float()
            for part in ("up", "down")
        )
        key = f"{'unet' if scale == 0.8 else 'text'}.{layer}.weight"
        wanted = before[key] + scale * (up @ down)  # alpha is the rank
        assert torch.allclose(state(checkpoint)[key], wanted, atol=1e-6)


def test_changing_weights_starts_from_the_originals(
    checkpoint: Checkpoint, loras: LoraSlot, style: LoraPart
) -> None:
    loras.apply([style])
    first = state(checkpoint)
    loras.apply([replace(style, weight=-1.0), style])
    loras.apply([style])
    assert changed(first, state(checkpoint)) == set()


def test_several_add_up_in_either_key_layout(
    checkpoint: Checkpoint, loras: LoraSlot, part: Saver
) -> None:
    before = state(checkpoint)[f"unet.{TARGET}.weight"]
    up: tiny_models.Array = np.ones((64, 1), np.float16)
    down: tiny_models.Array = np.full((1, 64), 0.5, np.float16)
    kohya = part({f"{KOHYA}.lora_up.weight": up, f"{KOHYA}.lora_down.weight": down})
    peft = part({f"unet.{TARGET}.lora_B.weight": up, f"unet.{TARGET}.lora_A.weight": down})
    loras.apply([kohya, replace(peft, weight=3.0)])
    after = state(checkpoint)[f"unet.{TARGET}.weight"]
    assert torch.allclose(after - before, torch.full((64, 64), 2.0), atol=1e-5)
    loras.apply([])
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
    checkpoint: Checkpoint, style: LoraPart, part: Saver, tensors: tiny_models.Shapes, word: str
) -> None:
    before = state(checkpoint)
    wrong = part(tiny_models.weights(tensors, 1))
    with pytest.raises(JobError, match=word) as refused:
        LoraSlot(checkpoint).apply([style, wrong])
    assert refused.value.code is ErrorCode.MODEL_MISMATCH
    assert changed(before, state(checkpoint)) == set()


def test_half_a_pair_counts_as_lost(loras: LoraSlot, part: Saver) -> None:
    whole = {f"{KOHYA}.lora_up.weight": (64, 1), f"{KOHYA}.lora_down.weight": (1, 64)}
    half = {"lora_unet_conv_in.lora_down.weight": (1, 36)}
    lora = part(tiny_models.weights(whole | half, 1))
    assert loras.apply([lora]) == [Matched(2, 1)]


def test_a_merge_never_reaches_the_file(
    tmp_path: Path, loader: NetworkLoader, opened: Opener, style: LoraPart
) -> None:
    """A float32 file's tensors stay mapped from the disk, where S3's own copy may be linked."""
    path = tmp_path / "wide.safetensors"
    tensors = load_file(opened("tiny-noise-v1").path)
    save_file({name: tensor.float() for name, tensor in tensors.items()}, path)
    file = open_file(ModelKind.CHECKPOINT, path.name, path, "0" * 64, "disk")
    before = path.read_bytes()
    loaded = loader.load_checkpoint(file)
    LoraSlot(loaded).apply([style])
    assert changed(state(loader.load_checkpoint(file)), state(loaded))
    assert path.read_bytes() == before


class BreaksOff(Layer):
    """A layer that fits, until it is merged."""

    def merged(self, *_: object) -> torch.Tensor:
        raise InterruptedError


def test_a_merge_that_breaks_off_leaves_the_originals(
    checkpoint: Checkpoint, loras: LoraSlot, style: LoraPart
) -> None:
    before = state(checkpoint)
    layers = dict(style.lora.layers)
    layers[list(layers)[3]] = BreaksOff(layers[list(layers)[3]].parts)
    broken = replace(style, lora=replace(style.lora, layers=layers))
    with pytest.raises(InterruptedError):
        loras.apply([broken])
    assert changed(before, state(checkpoint)) == set()
