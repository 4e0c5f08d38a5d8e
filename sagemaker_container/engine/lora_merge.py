"""Merges LoRAs into a checkpoint's weights, and gives the weights back exactly as they were.

The weights are written in place, so that whatever holds on to them (a captured CUDA graph) stays
valid; the originals of the touched layers are kept beside them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import nn

from sagemaker_container.engine.lora_file import LoraFile, Pair

_TEXT_NAMES: Final = (
    (("lora_te",), ("text_encoder",)),
    (("lora_te1", "lora_te2"), ("text_encoder", "text_encoder_2")),
)
"""What kohya's and diffusers' files call a single text encoder, and each of two."""


@dataclass(frozen=True)
class LoraPart:
    """One LoRA of a job with its two multipliers."""

    lora: LoraFile
    weight: float
    text_encoder_weight: float

    @property
    def identity(self) -> tuple[str, float, float]:
        """Equal for parts that change the weights equally."""
        return self.lora.file.sha256, self.weight, self.text_encoder_weight


@dataclass(frozen=True)
class Matched:
    """How many of a LoRA's tensors found their layer, and how many did not."""

    found: int
    lost: int


@dataclass(frozen=True)
class _Target:
    weight: torch.Tensor
    in_text_encoder: bool


class LoraSlot:
    """The LoRAs that are merged into one checkpoint at the moment."""

    def __init__(self, unet: nn.Module, text_encoders: Sequence[nn.Module]) -> None:
        self._targets = {**_unet_targets(unet), **_text_targets(text_encoders)}
        self._originals: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._applied: tuple[tuple[str, float, float], ...] = ()

    def apply(self, parts: Sequence[LoraPart]) -> list[Matched]:
        """Make these the merged LoRAs, in place of what was; none gives the originals back.

        Raises JobError(MODEL_MISMATCH), with the originals in place, for a LoRA that doesn't fit.
        """
        matches = [self._match(part.lora) for part in parts]
        wanted = tuple(part.identity for part in parts)
        if wanted != self._applied:
            self._restore()
            try:
                self._merge(parts)
            except BaseException:
                self._restore()
                raise
            self._applied = wanted
        return matches

    def _match(self, lora: LoraFile) -> Matched:
        """Check that a LoRA fits, before anything is changed."""
        found = 0
        for name, pair in lora.pairs.items():
            target = self._targets.get(name)
            if target is None:
                continue
            if not _fits(pair, target.weight):
                raise lora.file.mismatch(
                    f"its layer {name} has another size than the checkpoint's."
                )
            found += pair.tensors
        if not found:
            raise lora.file.mismatch("none of its layers exist in the checkpoint.")
        return Matched(found, lora.tensors - found)

    def _restore(self) -> None:
        with torch.no_grad():
            for weight, original in self._originals:
                weight.copy_(original)
        self._originals.clear()
        self._applied = ()

    def _merge(self, parts: Sequence[LoraPart]) -> None:
        """Sum all changes of a layer in float32 before it is written once."""
        changes: dict[int, list[tuple[Pair, float]]] = {}
        weights: dict[int, torch.Tensor] = {}
        for part in parts:
            for name, pair in part.lora.pairs.items():
                if target := self._targets.get(name):
                    scale = part.text_encoder_weight if target.in_text_encoder else part.weight
                    weights[id(target.weight)] = target.weight
                    changes.setdefault(id(target.weight), []).append((pair, scale))
        with torch.no_grad():
            for key, pairs in changes.items():
                self._change(weights[key], pairs)

    def _change(self, weight: torch.Tensor, pairs: Iterable[tuple[Pair, float]]) -> None:
        self._originals.append((weight, weight.detach().clone()))
        merged = weight.float()
        for pair, scale in pairs:
            merged = merged + scale * _delta(pair, weight)
        weight.copy_(merged)


def _fits(pair: Pair, weight: torch.Tensor) -> bool:
    inner = pair.up.shape[1] == pair.down.shape[0]
    return inner and (len(pair.up), pair.down.shape[1]) == (len(weight), weight[0].numel())


def _delta(pair: Pair, weight: torch.Tensor) -> torch.Tensor:
    """The change of a layer at weight 1, in the layer's shape (kohya networks/lora.py)."""
    up, down = (matrix.to(weight.device, torch.float32) for matrix in (pair.up, pair.down))
    return (up @ down).reshape(weight.shape) * (pair.alpha / len(pair.down))


def _unet_targets(unet: nn.Module) -> dict[str, _Target]:
    """Layers by kohya's name (dots are underscores) and by diffusers' own."""
    targets: dict[str, _Target] = {}
    for name, weight in _layers(unet):
        target = _Target(weight, in_text_encoder=False)
        targets[f"lora_unet_{name.replace('.', '_')}"] = target
        targets[f"unet.{name}"] = target
    return targets


def _text_targets(text_encoders: Sequence[nn.Module]) -> dict[str, _Target]:
    """As above; since transformers 5.6 the modules lack the `text_model` that the names keep."""
    kohya, diffusers = _TEXT_NAMES[len(text_encoders) - 1]
    targets: dict[str, _Target] = {}
    for encoder, short, long in zip(text_encoders, kohya, diffusers, strict=True):
        for name, weight in _layers(encoder):
            target = _Target(weight, in_text_encoder=True)
            targets[f"{short}_text_model_{name.replace('.', '_')}"] = target
            targets[f"{long}.text_model.{name}"] = target
    return targets


def _layers(model: nn.Module) -> Iterable[tuple[str, torch.Tensor]]:
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear | nn.Conv2d):
            yield name, module.weight
