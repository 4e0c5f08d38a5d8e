"""The operations between the matrix products: fused Triton kernels on CUDA, else plain PyTorch.

On the CPU they are tested to compute what diffusers' modules compute; `bench/gpu_speed.py` compares
the Triton kernels with them.
"""

import importlib
import importlib.util
from typing import Any, Final

import torch
from torch import Tensor, nn
from torch.nn import functional

_HAS_TRITON: Final = torch.cuda.is_available() and importlib.util.find_spec("triton") is not None


def _module(name: str) -> Any:
    return importlib.import_module(f"sagemaker_container.fast.{name}") if _HAS_TRITON else None


_group_norm: Final = _module("group_norm")
_kernels: Final = _module("kernels")


_use_kernels = [True]


def disable_kernels() -> None:
    """Compute everything with plain PyTorch from now on, which is slower."""
    _use_kernels[0] = False


def _is_fused(x: Tensor) -> bool:
    return _HAS_TRITON and _use_kernels[0] and x.is_cuda


def group_norm(
    x: Tensor, norm: nn.GroupNorm, shift: Tensor | None = None, *, silu: bool = True
) -> Tensor:
    """The norm of x + shift, and SiLU of it if `silu` is set.

    `x` is B x C x H x W in channels-last memory; `shift` is B x C, or C for the whole batch.
    """
    if _is_fused(x):
        return _group_norm.group_norm(x, norm, shift, silu=silu)
    if shift is not None:
        x = x + shift[..., None, None]
    x = norm(x)
    return functional.silu(x) if silu else x


def add(x: Tensor, y: Tensor, first: Tensor | None = None, second: Tensor | None = None) -> Tensor:
    """x + y + first + second: x and y are B x C x H x W, channels-last; the biases are C."""
    if _is_fused(x):
        return _kernels.add(x, y, first, second)
    total = x + y
    for bias in (first, second):
        total = total if bias is None else total + bias[:, None, None]
    return total


def add_bias(x: Tensor, bias: Tensor) -> Tensor:
    """x + bias, in place: x is B x C x H x W, and nothing else uses it."""
    return _kernels.add_bias(x, bias) if _is_fused(x) else x + bias[:, None, None]


def upsample(x: Tensor, size: tuple[int, int]) -> Tensor:
    """B x C x H x W at another height and width, by the nearest pixel."""
    if _is_fused(x):
        return _kernels.upsample(x, size)
    return functional.interpolate(x, size=size, mode="nearest")


def add_norm(x: Tensor, y: Tensor | None, norm: nn.LayerNorm) -> tuple[Tensor, Tensor]:
    """The sum of two B x N x C (or `x` alone), and the layer norm of that sum."""
    if _is_fused(x):
        return _kernels.add_norm(x, y, norm)
    total = x if y is None else x + y
    return total, norm(total)


def geglu(x: Tensor) -> Tensor:
    """Half of the channels times GELU (with erf) of the other half; B x N x 2C to B x N x C."""
    if _is_fused(x):
        return _kernels.geglu(x)
    value, gate = x.chunk(2, -1)
    return value * functional.gelu(gate)
