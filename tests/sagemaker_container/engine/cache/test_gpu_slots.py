"""Checkpoints of one architecture take turns in the same buffers, on whatever device."""

from typing import Any

import pytest
import torch

from formats.models.kinds import ModelKind
from sagemaker_container.engine.cache.gpu_slots import Seat, architecture, modules_of
from sagemaker_container.engine.cache.pinned import parameters_of
from sagemaker_container.engine.lora.file import read_lora
from sagemaker_container.engine.lora.merge import WeightedLora
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.engine.models.loader import NetworkLoader
from tests.sagemaker_container.conftest import CPU, Opener


def predicted(unet: Any) -> torch.Tensor:
    torch.manual_seed(0)
    sample, prompt = torch.randn(1, 4, 8, 8), torch.randn(1, 77, 64)
    with torch.no_grad():
        drawn: torch.Tensor = unet(sample, torch.tensor(9), prompt, return_dict=False)[0]
    return drawn


@pytest.fixture
def other(loader: NetworkLoader, opened: Opener) -> Checkpoint:
    """The same architecture with other weights."""
    other = loader.load_checkpoint(opened("tiny-noise-v1"))
    with torch.no_grad():
        for weight in parameters_of(modules_of(other)):
            weight.mul_(1.1)
    return other


def test_checkpoints_take_turns_without_moving_a_buffer(
    checkpoint: Checkpoint, other: Checkpoint
) -> None:
    assert architecture(checkpoint) == architecture(other)
    seat = Seat.like(checkpoint, CPU)
    places = [weight.data_ptr() for weight in parameters_of(seat.networks)]
    for model, key in ((checkpoint, "a"), (other, "b"), (checkpoint, "a")):
        seated = seat.take(model, key).checkpoint
        assert seat.occupant == key
        drawn = predicted(seated.unet)
        torch.testing.assert_close(drawn, predicted(model.unet), atol=1e-4, rtol=1e-4)
        assert seated.text_encoders[0].model is not model.text_encoders[0].model
    assert places == [weight.data_ptr() for weight in parameters_of(seat.networks)]


def test_a_lora_leaves_with_its_checkpoint(
    checkpoint: Checkpoint, other: Checkpoint, opened: Opener
) -> None:
    lora = WeightedLora(
        read_lora(opened("tiny-style-lora", ModelKind.LORA)).to(CPU.torch_device), 1.0, 1.0
    )
    seat = Seat.like(checkpoint, CPU)
    plain = predicted(seat.take(checkpoint, "a").checkpoint.unet)
    found = seat.runnable.loras.merge([lora])
    styled = predicted(seat.take(checkpoint, "a").checkpoint.unet)
    assert not torch.equal(styled, plain)
    seat.take(other, "b")
    assert torch.equal(predicted(seat.take(checkpoint, "a").checkpoint.unet), plain)
    assert seat.runnable.loras.merge([lora]) == found
    assert torch.equal(predicted(seat.take(checkpoint, "a").checkpoint.unet), styled)


@pytest.mark.parametrize("name", ["tiny-sd2", "tiny-inpainting", "tiny-xl"])
def test_another_architecture_needs_another_seat(
    checkpoint: Checkpoint, loader: NetworkLoader, opened: Opener, name: str
) -> None:
    model = loader.load_checkpoint(opened(name))
    assert architecture(model) != architecture(checkpoint)
    seated = Seat.like(model, CPU).take(model, name).checkpoint
    assert seated.family is model.family
    assert seated.prediction == model.prediction
    assert seated.is_inpainting is model.is_inpainting


def test_a_copy_that_breaks_off_leaves_no_occupant(
    checkpoint: Checkpoint, loader: NetworkLoader, opened: Opener
) -> None:
    seat = Seat.like(checkpoint, CPU)
    seat.take(checkpoint, "a")
    with pytest.raises((RuntimeError, ValueError)):
        seat.take(loader.load_checkpoint(opened("tiny-sd2")), "b")
    assert seat.occupant == ""
    assert torch.equal(
        predicted(seat.take(checkpoint, "a").checkpoint.unet),
        predicted(Seat.like(checkpoint, CPU).take(checkpoint, "a").checkpoint.unet),
    )
