"""Owns the arithmetic of LoRA and its relatives: what each adds to the weight of one layer.

Every change comes out as outputs x inputs (x kernel, flattened), in float32, at weight 1. `meta` as
the device gives its shape alone. Sources: kohya-ss/sd-scripts networks/lora.py; KohakuBlueleaf/
LyCORIS lycoris/functional/{general,loha,lokr}.py; AUTOMATIC1111/stable-diffusion-webui
extensions-builtin/Lora/network*.py.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

import torch

Parts = Mapping[str, torch.Tensor]


@dataclass(frozen=True)
class Layer:
    """What a file has for one layer; `parts` are its tensors by `lora_file`'s names."""

    parts: Parts

    @property
    def tensors(self) -> int:
        """Of the file, that this was read from."""
        return len(self.parts)

    @property
    def is_complete(self) -> bool:
        """Whether the parts make up one of the known forms."""
        return _form(self.parts) is not None

    def on(self, device: torch.device) -> "Layer":
        """The same on a device; what is a mere number stays on the CPU, where it is read."""
        moved = {name: p.to(device) if p.numel() > 1 else p for name, p in self.parts.items()}
        return Layer(moved)

    def delta(self, device: torch.device | str) -> torch.Tensor:
        """The change, without DoRA. Raises RuntimeError for parts that don't go together."""
        form = _form(self.parts)
        if form is None:
            raise RuntimeError("the parts of a layer are incomplete")
        moved = {name: p.to(device, torch.float32) for name, p in self.parts.items()}
        change, rank = form(moved)
        if rank is not None and "alpha" in self.parts:
            change = change * (float(self.parts["alpha"]) / rank)
        return change

    def merged(self, weight: torch.Tensor, multiplier: float) -> torch.Tensor:
        """A layer's weight with this change in it; `weight` and the answer are float32."""
        delta = self.delta(weight.device).reshape(weight.shape)
        lengths = self._lengths()
        if lengths is None:
            return weight + multiplier * delta
        return weight + multiplier * (_decomposed(weight + delta, *lengths) - weight)

    def fits(self, weight: torch.Tensor) -> bool:
        """Whether this can change a layer of that weight."""
        try:
            shape = self.delta("meta").shape
        except (RuntimeError, IndexError, ValueError):  # its own parts don't go together
            return False
        if shape != (len(weight), weight[0].numel()):
            return False
        lengths = self._lengths()
        return lengths is None or lengths[0].numel() == weight.shape[lengths[1]]

    def _lengths(self) -> tuple[torch.Tensor, int] | None:
        """DoRA's learned lengths, and the dimension they run along: outputs 0, inputs 1.

        peft and newer LyCORIS (outputs x 1) have one for each output, LyCORIS before that
        (1 x inputs) for each input.
        """
        if "magnitude" in self.parts:
            return self.parts["magnitude"], 0
        if "dora_scale" not in self.parts:
            return None
        scale = self.parts["dora_scale"]
        return scale, int(scale.dim() > 1 and scale.shape[0] == 1)


def _decomposed(weight: torch.Tensor, lengths: torch.Tensor, along: int) -> torch.Tensor:
    """DoRA: the direction of the changed weight, with lengths that were learned on their own.

    Source: LyCORIS modules/base.py, apply_weight_decompose; peft tuners/lora/dora.py.
    """
    others = tuple(d for d in range(weight.dim()) if d != along)
    norm = torch.linalg.vector_norm(weight, dim=others, keepdim=True)
    norm += torch.finfo(norm.dtype).eps
    return weight * (lengths.to(weight).reshape(norm.shape) / norm)


Change = tuple[torch.Tensor, int | None]
"""A change before it is scaled, and the rank that alpha is divided by; None: no scaling."""


Form = Callable[[Parts], Change]


def _form(parts: Parts) -> Form | None:
    found = (form for needed, form in _FORMS if needed <= set(parts))
    return next(found, None)


def _plain(p: Parts) -> Change:
    up, down = p["up"].flatten(1), p["down"].flatten(1)
    if "mid" not in p:
        return up @ down, len(down)
    return torch.einsum("nmkl,in,mj->ijkl", p["mid"], up, down).flatten(1), len(down)


def _hadamard(p: Parts) -> Change:
    """LoHa: two low-rank matrices, multiplied number by number."""
    return _product(p, "hada_w1", "hada_t1") * _product(p, "hada_w2", "hada_t2"), _rank(
        p, "hada_w1"
    )


def _kronecker(p: Parts) -> Change:
    """LoKr: one small matrix, repeated as a large one says; either may be low-rank itself."""
    first = p["lokr_w1"] if "lokr_w1" in p else _product(p, "lokr_w1", "lokr_t1")
    second = p["lokr_w2"] if "lokr_w2" in p else _product(p, "lokr_w2", "lokr_t2")
    factors = [name for name in ("lokr_w2", "lokr_w1") if f"{name}_b" in p]
    return torch.kron(first, second.flatten(1)), _rank(p, factors[0]) if factors else None


def _product(p: Parts, name: str, tucker: str) -> torch.Tensor:
    """Outputs x inputs (x kernel) of two factors, with a core between them in Tucker's form."""
    a, b = p[f"{name}_a"], p[f"{name}_b"]
    if tucker in p:
        return torch.einsum("ijkl,ip,jr->prkl", p[tucker], a, b).flatten(1)
    return a @ b.flatten(1)


def _rank(p: Parts, name: str) -> int:
    return len(p[f"{name}_b"])


_FORMS: Final[Sequence[tuple[Set[str], Form]]] = (
    ({"up", "down"}, _plain),
    ({"hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"}, _hadamard),
    ({"lokr_w1", "lokr_w2"}, _kronecker),
    ({"lokr_w1_a", "lokr_w1_b", "lokr_w2"}, _kronecker),
    ({"lokr_w1", "lokr_w2_a", "lokr_w2_b"}, _kronecker),
    ({"lokr_w1_a", "lokr_w1_b", "lokr_w2_a", "lokr_w2_b"}, _kronecker),
)
"""Each form by the parts that it must have."""
