"""Merges LoRAs into a checkpoint's weights, and gives the weights back exactly as they were.

The weights are written in place, so that whatever holds on to them (a captured CUDA graph) stays
valid; the originals of the touched layers are kept beside them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch

from sagemaker_container.engine.lora.algorithms import Layer
from sagemaker_container.engine.lora.file import LoraFile
from sagemaker_container.engine.lora.keys import text_names, unet_names
from sagemaker_container.engine.models.checkpoint import Checkpoint


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
class Target:
    """A layer's weight, and which of a LoRA's two multipliers counts for it."""

    weight: torch.Tensor
    in_text_encoder: bool


class LoraSlot:
    """The LoRAs that are merged into one checkpoint at the moment.

    `targets` are the layers that a LoRA can change, by each of their names. `on_change` is called
    when weights have changed.
    """

    def __init__(
        self, checkpoint: Checkpoint, on_change: Callable[[], None] = lambda: None
    ) -> None:
        self._on_change = on_change
        encoders = [encoder.transformer for encoder in checkpoint.text_encoders]
        self.targets = {
            **{
                name: Target(weight, in_text_encoder=False)
                for name, weight in unet_names(checkpoint.unet)
            },
            **{name: Target(weight, in_text_encoder=True) for name, weight in text_names(encoders)},
        }
        self._originals: list[tuple[torch.Tensor, torch.Tensor]] = []
        self._applied: tuple[tuple[str, float, float], ...] = ()
        self._matches: list[Matched] = []
        self._known: dict[str, Matched] = {}
        """What was found of each file before: all checkpoints of a slot have the same layers."""

    def apply(self, parts: Sequence[LoraPart]) -> list[Matched]:
        """Make these the merged LoRAs, in place of what was; none gives the originals back.

        Raises JobError(MODEL_MISMATCH), with the originals in place, for a LoRA that doesn't fit.
        """
        wanted = tuple(part.identity for part in parts)
        if wanted == self._applied:
            return self._matches
        matches = [self._match(part.lora) for part in parts]
        self._restore()
        try:
            self._merge(parts)
        except BaseException:
            self._restore()
            raise
        self._applied, self._matches = wanted, matches
        self._on_change()
        return matches

    def abandon(self) -> None:
        """All weights are written anew: there is nothing to give back."""
        self._originals.clear()
        self._applied, self._matches = (), []
        self._on_change()

    def _match(self, lora: LoraFile) -> Matched:
        """Check that a LoRA fits, before anything is changed."""
        if lora.file.sha256 not in self._known:
            self._known[lora.file.sha256] = self._counted(lora)
        return self._known[lora.file.sha256]

    def _counted(self, lora: LoraFile) -> Matched:
        found = 0
        for name, layer in lora.layers.items():
            target = self.targets.get(name)
            if target is None:
                continue
            if not layer.fits(target.weight):
                raise lora.file.mismatch(
                    f"its layer {name} has another size than the checkpoint's."
                )
            found += layer.tensors
        if not found:
            raise lora.file.mismatch("none of its layers exist in the checkpoint.")
        return Matched(found, lora.tensors - found)

    def _restore(self) -> None:
        with torch.no_grad():
            for weight, original in self._originals:
                weight.copy_(original)
        self.abandon()

    def _merge(self, parts: Sequence[LoraPart]) -> None:
        """Make all changes of a layer in float32 before it is written once."""
        changes: dict[int, list[tuple[Layer, float]]] = {}
        weights: dict[int, torch.Tensor] = {}
        for part in parts:
            for name, layer in part.lora.layers.items():
                if target := self.targets.get(name):
                    scale = part.text_encoder_weight if target.in_text_encoder else part.weight
                    weights[id(target.weight)] = target.weight
                    changes.setdefault(id(target.weight), []).append((layer, scale))
        with torch.no_grad():
            for key, layers in changes.items():
                self._change(weights[key], layers)

    def _change(self, weight: torch.Tensor, layers: Iterable[tuple[Layer, float]]) -> None:
        self._originals.append((weight, weight.detach().clone()))
        merged = weight.float()
        for layer, scale in layers:
            merged = layer.merged(merged, scale)
        weight.copy_(merged)
