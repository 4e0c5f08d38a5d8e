"""Reads a LoRA file: pairs of small matrices, by the layer each belongs to."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from formats.kinds import ModelKind
from formats.result import ErrorCode
from sagemaker_container.engine.model_file import ModelFile, refuse

_SUFFIXES: Final = {
    ".lora_down.weight": "down", ".lora_A.weight": "down", ".lora.down.weight": "down",
    ".lora_up.weight": "up", ".lora_B.weight": "up", ".lora.up.weight": "up",
    ".alpha": "alpha",
}  # fmt: skip
"""kohya's endings, peft's and diffusers' older ones."""

_NOT_YET: Final = {
    ".hada_": "a LoHa",
    ".lokr_": "a LoKr",
    ".dora_scale": "a DoRA",
    ".lora_mid.": "a LoRA in Tucker form",
}
"""Relatives of LoRA that this version refuses by name; it never applies half of one."""


@dataclass(frozen=True)
class Pair:
    """What one layer gets: `up @ down`, scaled by `alpha / rank`; convolutions are flattened."""

    up: torch.Tensor
    """Outputs x rank."""
    down: torch.Tensor
    """Rank x inputs (x kernel)."""
    alpha: float
    tensors: int
    """Of the file, that this pair was read from."""


@dataclass(frozen=True)
class LoraFile:
    """A LoRA in memory. `short_hash` is A1111's: of the tensors' bytes, 12 hex digits."""

    file: ModelFile
    pairs: Mapping[str, Pair]
    strays: int
    """Tensors that are no part of a pair."""
    short_hash: str

    @property
    def tensors(self) -> int:
        """Tensors of the file."""
        return self.strays + sum(pair.tensors for pair in self.pairs.values())


def read_lora(file: ModelFile) -> LoraFile:
    """Read a file of kohya's or diffusers' keys. Raises JobError(UNSUPPORTED, MODEL_BROKEN)."""
    _check_supported(file)
    try:
        tensors = load_file(file.path)
    except (SafetensorError, OSError) as error:
        raise file.broken(f"it can't be loaded: {error}") from error
    layers: dict[str, dict[str, torch.Tensor]] = {}
    for name, tensor in tensors.items():
        layer, part = _split(name)
        layers.setdefault(layer, {})[part] = tensor
    pairs = {layer: _pair(parts) for layer, parts in layers.items() if {"up", "down"} <= set(parts)}
    used = sum(pair.tensors for pair in pairs.values())
    return LoraFile(file, pairs, len(tensors) - used, _short_hash(file))


def _split(name: str) -> tuple[str, str]:
    """The layer that a tensor belongs to, and the tensor's part in it."""
    for suffix, part in _SUFFIXES.items():
        if name.endswith(suffix):
            return name.removesuffix(suffix), part
    return name, ""


def _pair(parts: Mapping[str, torch.Tensor]) -> Pair:
    up, down = parts["up"].flatten(1), parts["down"].flatten(1)
    alpha = float(parts["alpha"]) if "alpha" in parts else float(len(down))
    return Pair(up, down, alpha, len(parts))


def _check_supported(file: ModelFile) -> None:
    for mark, what in _NOT_YET.items():
        if any(mark in name for name in file.header.tensors):
            reason = f"it is {what}; this container applies plain LoRAs."
            raise refuse(ErrorCode.UNSUPPORTED, ModelKind.LORA, file.name, reason)


def _short_hash(file: ModelFile) -> str:
    """A1111's `Lora hashes`: what kohya's trainer noted, else sha256 of the bytes after the header.

    Source: AUTOMATIC1111/stable-diffusion-webui extensions-builtin/Lora/network.py.
    """
    noted = file.header.metadata.get("sshs_model_hash")
    if noted:
        return noted[:12]
    digest = hashlib.sha256()
    with file.path.open("rb") as data:
        data.seek(file.header.data_start)
        while block := data.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()[:12]
