"""The arithmetic of LoRA, LoHa, LoKr, full differences and DoRA: what each adds to one layer.

A change has the shape outputs x inputs (x kernel, flattened), in float32, at multiplier 1. On the
device `meta` only its shape is computed. Sources: kohya-ss/sd-scripts networks/lora.py;
KohakuBlueleaf/LyCORIS lycoris/functional/{general,loha,lokr}.py;
AUTOMATIC1111/stable-diffusion-webui extensions-builtin/Lora/network*.py.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

import torch
from torch.nn import functional

from formats.models.unsupported import INPAINTING_CHANNELS, LATENT_CHANNELS

Parts = Mapping[str, torch.Tensor]


@dataclass(frozen=True)
class LoraLayer:
    """What a file has for one layer; `parts` are its tensors, by the names in `lora.file`."""

    parts: Parts
    scale: float | None = None
    """What the change is multiplied by if `alpha` is not among the parts; None: by nothing."""

    @property
    def tensor_count(self) -> int:
        """How many of the file's tensors it was read from."""
        return len(self.parts)

    @property
    def is_complete(self) -> bool:
        """Whether the parts are those of a known algorithm."""
        return _algorithm_for(self.parts) is not None

    def to(self, device: torch.device) -> "LoraLayer":
        """Move the parts to a device; single numbers stay on the CPU, where they are read."""
        moved = {name: p.to(device) if p.numel() > 1 else p for name, p in self.parts.items()}
        return LoraLayer(moved, self.scale)

    def delta(self, device: torch.device | str) -> torch.Tensor:
        """The change, without DoRA. Raises RuntimeError for parts that don't go together."""
        algorithm = _algorithm_for(self.parts)
        if algorithm is None:
            raise RuntimeError("the parts of a layer are incomplete")
        moved = {name: p.to(device, torch.float32) for name, p in self.parts.items()}
        change, rank = algorithm(moved)
        if "alpha" not in self.parts:
            return change if self.scale is None else change * self.scale
        return change if rank is None else change * (float(self.parts["alpha"]) / rank)

    def merge_into(self, weight: torch.Tensor, multiplier: float) -> torch.Tensor:
        """A layer's weight with this change added; input and output are float32."""
        delta = _widen(self.delta(weight.device), weight).reshape(weight.shape)
        magnitudes = self._magnitudes()
        if magnitudes is None:
            return weight + multiplier * delta
        return weight + multiplier * (_apply_dora(weight + delta, *magnitudes) - weight)

    def fits(self, weight: torch.Tensor) -> bool:
        """Whether the change has the shape of a layer's weight."""
        try:
            shape = _widen(self.delta("meta"), weight).shape
        except _MISFITS:  # the parts don't go together
            return False
        if shape != (len(weight), weight[0].numel()):
            return False
        magnitudes = self._magnitudes()
        return magnitudes is None or magnitudes[0].numel() == weight.shape[magnitudes[1]]

    def _magnitudes(self) -> tuple[torch.Tensor, int] | None:
        """DoRA's learned magnitudes, and their dimension: outputs 0, inputs 1.

        peft and newer LyCORIS (outputs x 1) have one for each output, older LyCORIS (1 x inputs)
        has one for each input.
        """
        if "magnitude" in self.parts:
            return self.parts["magnitude"], 0
        if "dora_scale" not in self.parts:
            return None
        scale = self.parts["dora_scale"]
        return scale, int(scale.dim() > 1 and scale.shape[0] == 1)


def _widen(delta: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """A change of a plain UNet's input layer for an inpainting one, whose mask it leaves alone.

    Source: A1111 extensions-builtin/Lora/networks.py, network_apply_weights.
    """
    if weight.dim() != 4 or weight.shape[1] != INPAINTING_CHANNELS:
        return delta
    missing = weight[0].numel() - delta.shape[1]
    kernel = weight[0, 0].numel()
    is_plain = missing == (INPAINTING_CHANNELS - LATENT_CHANNELS) * kernel
    return functional.pad(delta, (0, missing)) if is_plain else delta


def _apply_dora(weight: torch.Tensor, magnitudes: torch.Tensor, dim: int) -> torch.Tensor:
    """DoRA: the direction of the changed weight, with separately learned magnitudes.

    Source: LyCORIS modules/base.py, apply_weight_decompose; peft tuners/lora/dora.py.
    """
    others = tuple(d for d in range(weight.dim()) if d != dim)
    norm = torch.linalg.vector_norm(weight, dim=others, keepdim=True)
    norm += torch.finfo(norm.dtype).eps
    return weight * (magnitudes.to(weight).reshape(norm.shape) / norm)


_MISFITS: Final = (RuntimeError, IndexError, TypeError, ValueError, ZeroDivisionError)
"""What parts of wrong shapes raise; TypeError: a rank of a single number, the last: of none."""

Change = tuple[torch.Tensor, int | None]
"""A change before it is scaled, and the rank that alpha is divided by (None: not scaled)."""


Algorithm = Callable[[Parts], Change]


def _algorithm_for(parts: Parts) -> Algorithm | None:
    found = (algorithm for needed, algorithm in _ALGORITHMS if needed <= set(parts))
    return next(found, None)


def _lora(p: Parts) -> Change:
    up, down = p["up"].flatten(1), p["down"].flatten(1)
    if "mid" not in p:
        return up @ down, len(down)
    return torch.einsum("nmkl,in,mj->ijkl", p["mid"], up, down).flatten(1), len(down)


def _difference(p: Parts) -> Change:
    """A full difference: LyCORIS' `full` and norms, ComfyUI's extracted weights, peft's biases."""
    (difference,) = (p[name] for name in ("diff", "up_bias") if name in p)
    return difference.reshape(difference.shape[0], -1), None


def _loha(p: Parts) -> Change:
    """LoHa: the elementwise product of two low-rank matrices."""
    return _product(p, "hada_w1", "hada_t1") * _product(p, "hada_w2", "hada_t2"), _rank(
        p, "hada_w1"
    )


def _lokr(p: Parts) -> Change:
    """LoKr: the Kronecker product of two matrices; either may be low-rank itself."""
    first = p["lokr_w1"] if "lokr_w1" in p else _product(p, "lokr_w1", "lokr_t1")
    second = p["lokr_w2"] if "lokr_w2" in p else _product(p, "lokr_w2", "lokr_t2")
    factors = [name for name in ("lokr_w2", "lokr_w1") if f"{name}_b" in p]
    return torch.kron(first, second.flatten(1)), _rank(p, factors[0]) if factors else None


def _product(p: Parts, name: str, tucker: str) -> torch.Tensor:
    """Two factors multiplied, with a core between them in the Tucker form."""
    a, b = p[f"{name}_a"], p[f"{name}_b"]
    if tucker in p:
        return torch.einsum("ijkl,ip,jr->prkl", p[tucker], a, b).flatten(1)
    return a @ b.flatten(1)


def _rank(p: Parts, name: str) -> int:
    return len(p[f"{name}_b"])


_ALGORITHMS: Final[Sequence[tuple[Set[str], Algorithm]]] = (
    ({"up", "down"}, _lora),
    ({"diff"}, _difference),
    ({"up_bias"}, _difference),
    ({"hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"}, _loha),
    ({"lokr_w1", "lokr_w2"}, _lokr),
    ({"lokr_w1_a", "lokr_w1_b", "lokr_w2"}, _lokr),
    ({"lokr_w1", "lokr_w2_a", "lokr_w2_b"}, _lokr),
    ({"lokr_w1_a", "lokr_w1_b", "lokr_w2_a", "lokr_w2_b"}, _lokr),
)
"""Each algorithm, with the parts that it needs."""
