"""Reads a LoRA file: its tensors, grouped by the layer that they change."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from sagemaker_container.engine.files.weights_file import WeightsFile
from sagemaker_container.engine.lora.algorithms import LoraLayer
from sagemaker_container.texts import models as texts

_SUFFIXES: Final = {
    ".lora_down.weight": "down",
    ".lora_A.weight": "down",
    ".lora_A.default.weight": "down",
    ".lora.down.weight": "down",
    "_lora.down.weight": "down",
    ".lora_linear_layer.down.weight": "down",
    ".lora_up.weight": "up",
    ".lora_B.weight": "up",
    ".lora_B.default.weight": "up",
    ".lora.up.weight": "up",
    "_lora.up.weight": "up",
    ".lora_linear_layer.up.weight": "up",
    ".lora_mid.weight": "mid",
    ".alpha": "alpha",
    ".dora_scale": "dora_scale",
    ".lora_magnitude_vector": "magnitude",
    ".lora_magnitude_vector.weight": "magnitude",
    ".lora_magnitude_vector.default.weight": "magnitude",
    **{f".hada_{part}": f"hada_{part}" for part in ("w1_a", "w1_b", "w2_a", "w2_b", "t1", "t2")},
    **{
        f".lokr_{part}": f"lokr_{part}"
        for part in ("w1", "w2", "w1_a", "w1_b", "w2_a", "w2_b", "t1", "t2")
    },
}
"""A tensor's part in its layer by its name's ending: kohya's, LyCORIS', peft's, old diffusers'."""


@dataclass(frozen=True)
class LoraFile:
    """A LoRA in memory."""

    file: WeightsFile
    layers: Mapping[str, LoraLayer]
    incomplete_tensors: int
    """Tensors that are not part of a complete layer."""
    short_hash: str
    """A1111's hash of the tensors' bytes, 12 hex digits."""

    def to(self, device: torch.device) -> "LoraFile":
        """Move the tensors to a device."""
        return replace(self, layers={name: layer.to(device) for name, layer in self.layers.items()})

    @property
    def tensor_count(self) -> int:
        """Tensors of the file."""
        return self.incomplete_tensors + sum(layer.tensor_count for layer in self.layers.values())


def read_lora(file: WeightsFile) -> LoraFile:
    """Read a file with kohya's, LyCORIS' or diffusers' keys. Raises JobError(MODEL_BROKEN)."""
    try:
        tensors = load_file(file.path)
    except (SafetensorError, OSError) as error:
        raise file.broken_error(texts.unloadable(error)) from error
    found: dict[str, dict[str, torch.Tensor]] = {}
    for name, tensor in tensors.items():
        layer, part = _split(name)
        found.setdefault(layer, {})[part] = tensor
    layers = {
        name: LoraLayer(parts) for name, parts in found.items() if LoraLayer(parts).is_complete
    }
    used = sum(layer.tensor_count for layer in layers.values())
    return LoraFile(file, layers, len(tensors) - used, _short_hash(file))


def layer_names(tensors: Iterable[str]) -> set[str]:
    """The layers that a file's tensors belong to."""
    return {_split(name)[0] for name in tensors}


def _split(name: str) -> tuple[str, str]:
    """The layer that a tensor belongs to, and its part in that layer."""
    for suffix, part in _SUFFIXES.items():
        if name.endswith(suffix):
            return _layer_name(name.removesuffix(suffix)), part
    return name, ""


def _layer_name(name: str) -> str:
    """Old diffusers files name the attention processor, and new ones the layer."""
    name = name.removeprefix("base_model.model.")
    if ".processor." in name:
        name = name.replace(".processor.", ".")
        name = f"{name}.0" if name.endswith("to_out") else name
        name = name if name.startswith("unet.") else f"unet.{name}"
    return name


def _short_hash(file: WeightsFile) -> str:
    """A1111's `Lora hashes`: kohya's in the metadata, else sha256 of the bytes after the header.

    Source: AUTOMATIC1111/stable-diffusion-webui extensions-builtin/Lora/network.py.
    """
    from_trainer = file.header.metadata.get("sshs_model_hash")
    if from_trainer:
        return from_trainer[:12]
    digest = hashlib.sha256()
    with file.path.open("rb") as data:
        data.seek(file.header.data_start)
        while block := data.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()[:12]
