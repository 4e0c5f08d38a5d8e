"""Fuses weights that are used together into one tensor, of which the modules hold views.

A write to a module's weight in place (by a LoRA, or by the next checkpoint) is a write to the fused
tensor too, and captured graphs stay valid.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn


def fuse(layers: Sequence[nn.Linear]) -> tuple[Tensor, Tensor | None]:
    """Weight and bias that compute all layers' outputs at once; all layers have a bias, or none."""
    weight = join([layer.weight for layer in layers])
    if layers[0].bias is None:
        return weight, None
    return weight, join([layer.bias for layer in layers])


def join(parameters: Sequence[nn.Parameter]) -> Tensor:
    """One tensor of all parameters, concatenated along their first dimension."""
    with torch.no_grad():
        joined = torch.cat([parameter.detach() for parameter in parameters])
    start = 0
    for parameter in parameters:
        parameter.data = joined[start : start + len(parameter)]
        start += len(parameter)
    return joined


FusedAttention = dict[Any, tuple[Tensor, Tensor | None]]
"""By attention layer, what computes q, k and v of self-attention, or k and v of cross-attention."""


def fuse_attention(network: nn.Module) -> FusedAttention:
    """Fuse all attention layers of a network."""
    fused: FusedAttention = {}
    for layer in network.modules():
        if hasattr(layer, "to_q") and hasattr(layer, "to_k"):
            parts = [layer.to_k, layer.to_v]
            fused[layer] = fuse(parts if layer.is_cross_attention else [layer.to_q, *parts])
    return fused
