"""Checkpoints of one architecture take turns in one slot, here on the CPU."""

from typing import Any

import pytest
import torch

from formats.models.kinds import ModelKind
from sagemaker_container.engine.cache.gpu_slots import WeightSlot, architecture_hash, modules_of
from sagemaker_container.engine.cache.pinned_memory import parameters_of
from sagemaker_container.engine.lora.file import read_lora
from sagemaker_container.engine.lora.merge import WeightedLora
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from tests.sagemaker_container.conftest import CPU, Opener


def predicted(unet: Any) -> torch.Tensor:
    torch.manual_seed(0)
    sample, prompt = torch.randn(1, 4, 8, 8), torch.randn(1, 77, 64)
    with torch.no_grad():
        output: torch.Tensor = unet(sample, torch.tensor(9), prompt, return_dict=False)[0]
    return output


@pytest.fixture
def other(loader: NetworkLoader, opened: Opener) -> Checkpoint:
    """The same architecture with other weights."""
    other = loader.load_checkpoint(opened("tiny-noise-v1"))
    with torch.no_grad():
        for weight in parameters_of(modules_of(other)):
            weight.mul_(1.1)
    return other


def test_loading_a_checkpoint_moves_no_buffer(checkpoint: Checkpoint, other: Checkpoint) -> None:
    assert architecture_hash(checkpoint) == architecture_hash(other)
    slot = WeightSlot.empty(checkpoint, CPU)
    addresses = [weight.data_ptr() for weight in parameters_of(slot.networks)]
    for model, key in ((checkpoint, "a"), (other, "b"), (checkpoint, "a")):
        loaded = slot.load(model, key).checkpoint
        assert slot.loaded_key == key
        output = predicted(loaded.unet)
        torch.testing.assert_close(output, predicted(model.unet), atol=1e-4, rtol=1e-4)
        assert loaded.text_encoders[0].model is not model.text_encoders[0].model
    assert addresses == [weight.data_ptr() for weight in parameters_of(slot.networks)]


def test_a_lora_is_gone_with_its_checkpoint(
    checkpoint: Checkpoint, other: Checkpoint, opened: Opener
) -> None:
    lora = WeightedLora(
        read_lora(opened("tiny-style-lora", ModelKind.LORA)).to(CPU.torch_device), 1.0, 1.0
    )
    slot = WeightSlot.empty(checkpoint, CPU)
    plain = predicted(slot.load(checkpoint, "a").checkpoint.unet)
    found = slot.runnable.loras.merge([lora])
    styled = predicted(slot.load(checkpoint, "a").checkpoint.unet)
    assert not torch.equal(styled, plain)
    slot.load(other, "b")
    assert torch.equal(predicted(slot.load(checkpoint, "a").checkpoint.unet), plain)
    assert slot.runnable.loras.merge([lora]) == found
    assert torch.equal(predicted(slot.load(checkpoint, "a").checkpoint.unet), styled)


@pytest.mark.parametrize("name", ["tiny-sd2", "tiny-inpainting", "tiny-xl"])
def test_another_architecture_needs_another_slot(
    checkpoint: Checkpoint, loader: NetworkLoader, opened: Opener, name: str
) -> None:
    model = loader.load_checkpoint(opened(name))
    assert architecture_hash(model) != architecture_hash(checkpoint)
    loaded = WeightSlot.empty(model, CPU).load(model, name).checkpoint
    assert loaded.family is model.family
    assert loaded.prediction == model.prediction
    assert loaded.is_inpainting is model.is_inpainting


def test_a_copy_that_fails_leaves_the_slot_empty(
    checkpoint: Checkpoint, loader: NetworkLoader, opened: Opener
) -> None:
    slot = WeightSlot.empty(checkpoint, CPU)
    slot.load(checkpoint, "a")
    with pytest.raises((RuntimeError, ValueError)):
        slot.load(loader.load_checkpoint(opened("tiny-sd2")), "b")
    assert slot.loaded_key == ""
    assert torch.equal(
        predicted(slot.load(checkpoint, "a").checkpoint.unet),
        predicted(WeightSlot.empty(checkpoint, CPU).load(checkpoint, "a").checkpoint.unet),
    )
