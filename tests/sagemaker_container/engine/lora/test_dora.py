"""DoRA: the direction of the changed weight, with separately learned magnitudes."""

import torch

from sagemaker_container.engine.lora.merge import LoraMerger, TensorMatches
from sagemaker_container.engine.models.checkpoint import Checkpoint
from tests.sagemaker_container.engine.lora.conftest import (
    CONV,
    CONV_DOWN,
    CONV_UP,
    DOWN,
    LINEAR,
    UP,
    Saver,
    randn,
    weight_of,
)


def test_dora_of_a_linear_layer(
    checkpoint: Checkpoint, merger: LoraMerger, saved_lora: Saver
) -> None:
    """Magnitudes of each output (peft, new LyCORIS) or of each input (old LyCORIS)."""
    name, kohya = f"unet.{LINEAR}", f"lora_unet_{LINEAR.replace('.', '_')}"
    before = weight_of(checkpoint, LINEAR).clone()
    merged = before + UP @ DOWN
    magnitudes = randn(64).abs() + 1
    by_output = merged / merged.norm(dim=1, keepdim=True) * magnitudes[:, None]
    by_input = merged / merged.norm(dim=0, keepdim=True) * magnitudes[None, :]
    files = [
        (
            {
                f"{name}.lora_A.weight": DOWN,
                f"{name}.lora_B.weight": UP,
                f"{name}.lora_magnitude_vector": magnitudes,
            },
            by_output,
        ),
        (
            {
                f"{kohya}.lora_down.weight": DOWN,
                f"{kohya}.lora_up.weight": UP,
                f"{kohya}.dora_scale": magnitudes[:, None],
            },
            by_output,
        ),
        (
            {
                f"{kohya}.lora_down.weight": DOWN,
                f"{kohya}.lora_up.weight": UP,
                f"{kohya}.dora_scale": magnitudes[None, :],
            },
            by_input,
        ),
    ]
    for tensors, wanted in files:
        assert merger.merge([saved_lora(tensors)]) == [TensorMatches(3, 0)]
        half_way = before + 0.5 * (wanted - before)
        assert torch.allclose(weight_of(checkpoint, LINEAR), half_way, atol=1e-5)
    merger.merge([])
    assert torch.equal(weight_of(checkpoint, LINEAR), before)


def test_dora_of_a_convolution(
    checkpoint: Checkpoint, merger: LoraMerger, saved_lora: Saver
) -> None:
    before = weight_of(checkpoint, CONV).clone()
    merged = before + torch.einsum("or,rikl->oikl", CONV_UP[:, :, 0, 0], CONV_DOWN)
    magnitudes = randn(64).abs() + 1
    norm = merged.flatten(1).norm(dim=1)
    name = f"unet.{CONV}"
    tensors = {
        f"{name}.lora_A.weight": CONV_DOWN,
        f"{name}.lora_B.weight": CONV_UP,
        f"{name}.lora_magnitude_vector": magnitudes[None, :, None, None],
    }
    merger.merge([saved_lora(tensors)])
    wanted = merged * (magnitudes / norm)[:, None, None, None]
    assert torch.allclose(weight_of(checkpoint, CONV), (before + wanted) / 2, atol=1e-5)
