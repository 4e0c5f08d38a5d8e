"""LoRA files from made-up tensors, and the layers of a checkpoint that they change."""

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from formats.models.kinds import ModelKind
from sagemaker_container.engine.files.weights_file import open_file
from sagemaker_container.engine.lora.file import read_lora
from sagemaker_container.engine.lora.merge import WeightedLora
from sagemaker_container.engine.models.checkpoint import Checkpoint

LINEAR = "down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k"
CONV = "down_blocks.1.resnets.0.conv2"
Tensors = dict[str, torch.Tensor]
Saver = Callable[..., WeightedLora]


@pytest.fixture
def saved_lora(tmp_path: Path) -> Saver:
    """Writes tensors as a LoRA file, and reads it with multipliers of 0.5."""

    def save(tensors: Tensors, metadata: dict[str, str] | None = None) -> WeightedLora:
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.safetensors"
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path, metadata)
        file = open_file(ModelKind.LORA, path.name, path, path.stem.zfill(64), "disk")
        return WeightedLora(read_lora(file), 0.5, 0.5)

    return save


def randn(*shape: int) -> torch.Tensor:
    """Small random numbers; the same for the same shape."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape))) * 0.2


def weight_of(checkpoint: Checkpoint, layer: str) -> torch.Tensor:
    return checkpoint.unet.get_submodule(layer).weight


DOWN, UP, ALPHA = randn(4, 64), randn(64, 4), torch.tensor(2.0)
CONV_DOWN, CONV_UP = randn(4, 64, 3, 3), randn(64, 4, 1, 1)
A, B = randn(64, 4), randn(4, 64)
CORE = randn(4, 4, 3, 3)
