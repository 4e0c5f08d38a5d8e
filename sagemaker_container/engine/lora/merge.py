"""Merges LoRAs into a checkpoint's weights, and restores the weights exactly.

Weights are changed in place, so that captured CUDA graphs stay valid; the original weights of the
changed layers are kept.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch

from sagemaker_container.engine.lora.algorithms import LoraLayer
from sagemaker_container.engine.lora.file import LoraFile
from sagemaker_container.engine.lora.keys import text_encoder_keys, unet_keys
from sagemaker_container.engine.models.checkpoint import Checkpoint
from sagemaker_container.texts import models as texts


@dataclass(frozen=True)
class WeightedLora:
    """A LoRA of a job, with its multipliers for the UNet and for the text encoders."""

    lora: LoraFile
    unet_weight: float
    text_encoder_weight: float

    @property
    def identity(self) -> tuple[str, float, float]:
        """Equal if the same weights are merged with the same multipliers."""
        return self.lora.file.sha256, self.unet_weight, self.text_encoder_weight


@dataclass(frozen=True)
class TensorMatches:
    """How many of a LoRA's tensors belong to a layer of the checkpoint, and how many don't."""

    matched: int
    unmatched: int
    unmatched_layers: tuple[str, ...] = ()
    """The names of the layers that the others were made for."""


@dataclass(frozen=True)
class LoraTarget:
    """A layer's weight or bias, and which of a LoRA's two multipliers applies to it."""

    weight: torch.Tensor
    in_text_encoder: bool


class LoraMerger:
    """Merges LoRAs into the weights of one checkpoint.

    `targets` are the layers that a LoRA can change, by each of their keys. `on_change` is called
    when weights were changed.
    """

    def __init__(
        self, checkpoint: Checkpoint, on_change: Callable[[], None] = lambda: None
    ) -> None:
        self._on_change = on_change
        encoders = [encoder.model for encoder in checkpoint.text_encoders]
        self.targets = {
            **{
                name: LoraTarget(weight, in_text_encoder=False)
                for name, weight in unet_keys(checkpoint.unet)
            },
            **{
                name: LoraTarget(weight, in_text_encoder=True)
                for name, weight in text_encoder_keys(encoders)
            },
        }
        self._originals: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._merged: tuple[tuple[str, float, float], ...] = ()
        self._merged_matches: list[TensorMatches] = []
        self._known_matches: dict[str, TensorMatches] = {}
        """By file; they stay valid, because a merger's checkpoints have the same layers."""

    def merge(self, loras: Sequence[WeightedLora]) -> list[TensorMatches]:
        """Replace the merged LoRAs by these; an empty sequence restores the original weights.

        Raises JobError(MODEL_MISMATCH) for a LoRA that doesn't fit; then none is merged.
        """
        wanted = tuple(lora.identity for lora in loras)
        if wanted == self._merged:
            return self._merged_matches
        matches = [self._match(weighted.lora) for weighted in loras]
        self._restore()
        try:
            self._add(loras)
        except BaseException:
            self._restore()
            raise
        self._merged, self._merged_matches = wanted, matches
        self._on_change()
        return matches

    def reset(self) -> None:
        """Forget the merged LoRAs, because all weights are about to be overwritten."""
        self._originals.clear()
        self._merged, self._merged_matches = (), []
        self._on_change()

    def _match(self, lora: LoraFile) -> TensorMatches:
        """Check that a LoRA fits, before any weight is changed."""
        if lora.file.sha256 not in self._known_matches:
            self._known_matches[lora.file.sha256] = self._count_matches(lora)
        return self._known_matches[lora.file.sha256]

    def _count_matches(self, lora: LoraFile) -> TensorMatches:
        matched, rest = 0, list(lora.incomplete)
        for key, layer in lora.layers.items():
            target = self.targets.get(key)
            if target is None:
                rest.append(key)
                continue
            if not layer.fits(target.weight):
                raise lora.file.mismatch_error(texts.layer_size(key))
            matched += layer.tensor_count
        if not matched:
            raise lora.file.mismatch_error(texts.no_layer_matches(min(rest)))
        return TensorMatches(matched, lora.tensor_count - matched, tuple(rest))

    def _restore(self) -> None:
        with torch.no_grad():
            for weight, original in self._originals:
                weight.copy_(original)
        self.reset()

    def _add(self, loras: Sequence[WeightedLora]) -> None:
        """Add all changes of a layer in float32, and then write its weight once."""
        changes: dict[int, list[tuple[LoraLayer, float]]] = {}
        weights: dict[int, torch.Tensor] = {}
        for lora in loras:
            for key, layer in lora.lora.layers.items():
                if target := self.targets.get(key):
                    in_text = target.in_text_encoder
                    multiplier = lora.text_encoder_weight if in_text else lora.unet_weight
                    weights[id(target.weight)] = target.weight
                    changes.setdefault(id(target.weight), []).append((layer, multiplier))
        with torch.no_grad():
            for number, layers in changes.items():
                self._change(weights[number], layers)

    def _change(self, weight: torch.Tensor, layers: Iterable[tuple[LoraLayer, float]]) -> None:
        self._originals.append((weight, weight.detach().clone()))
        changed = weight.float()
        for layer, multiplier in layers:
            changed = layer.merge_into(changed, multiplier)
        weight.copy_(changed)
