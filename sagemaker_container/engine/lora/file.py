"""Reads a LoRA file: its tensors, grouped by the layer that they change."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from formats.models.lora_names import BIAS, split_name
from sagemaker_container.engine.files.weights_file import WeightsFile
from sagemaker_container.engine.lora.adapter_config import AdapterConfig, read_adapter_config
from sagemaker_container.engine.lora.algorithms import LoraLayer
from sagemaker_container.texts import models as texts

Parts = dict[str, torch.Tensor]


@dataclass(frozen=True)
class LoraFile:
    """A LoRA in memory."""

    file: WeightsFile
    layers: Mapping[str, LoraLayer]
    incomplete: Mapping[str, int]
    """How many tensors are not part of a complete layer, by their layers' names."""
    short_hash: str
    """A1111's hash of the tensors' bytes, 12 hex digits."""

    def to(self, device: torch.device) -> "LoraFile":
        """Move the tensors to a device."""
        return replace(self, layers={name: layer.to(device) for name, layer in self.layers.items()})

    @property
    def tensor_count(self) -> int:
        """Tensors of the file."""
        used = sum(layer.tensor_count for layer in self.layers.values())
        return used + sum(self.incomplete.values())


def read_lora(file: WeightsFile) -> LoraFile:
    """Read a file with kohya's, LyCORIS', peft's or diffusers' keys. Raises JobError(MODEL_BROKEN).

    Where the trainer left an alpha in the header instead of the tensors, it counts.
    """
    try:
        tensors = load_file(file.path)
    except (SafetensorError, OSError) as error:
        raise file.broken_error(texts.unloadable(error)) from error
    found: dict[str, Parts] = {}
    for name, tensor in tensors.items():
        layer, part = split_name(name)
        found.setdefault(layer, {})[part or name] = tensor
    config = read_adapter_config(file.header.metadata)
    layers = {n: LoraLayer(parts, _scale(n, found, config)) for n, parts in found.items()}
    complete = {name: layer for name, layer in layers.items() if layer.is_complete}
    rest = {name: layer.tensor_count for name, layer in layers.items() if name not in complete}
    return LoraFile(file, complete, rest, _short_hash(file))


def _scale(name: str, found: Mapping[str, Parts], config: AdapterConfig) -> float | None:
    """The scale of a layer that has no alpha of its own, if there is one elsewhere in the file."""
    parts = found[name]
    if "diff" in parts:
        return None
    if "up_bias" not in parts:
        return config.scale(name, _rank(parts))
    weight = name.removesuffix(BIAS)  # peft scales a bias as it scales the weight
    main = found.get(weight, {})
    rank, alpha = _rank(main), main.get("alpha")
    if rank and alpha is not None and alpha.numel() == 1:
        return float(alpha) / rank
    return config.scale(weight, rank)


def _rank(parts: Parts) -> int | None:
    """The rank of a layer's matrices; None if it has none, or not of LoRA."""
    down = parts.get("down")
    return down.shape[0] if down is not None and down.dim() else None


def layer_names(tensors: Iterable[str]) -> set[str]:
    """The layers that a file's tensors belong to."""
    return {split_name(name)[0] for name in tensors}


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
