"""Owns the operations between the matrix products: fused on CUDA, plain PyTorch elsewhere.

On the CPU they compute what diffusers' modules compute, which is how they are tested; the Triton
kernels are held against these in `bench/gpu_speed.py`.
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


_norms: Final = _module("group_norm_kernel")
_kernels: Final = _module("kernels")


_wanted = [True]


def do_without_kernels() -> None:
    """From now on plain PyTorch computes everything, in more and smaller steps."""
    _wanted[0] = False


def _is_fused(x: Tensor) -> bool:
    return _HAS_TRITON and _wanted[0] and x.is_cuda


def group_norm(
    x: Tensor, norm: nn.GroupNorm, shift: Tensor | None = None, *, silu: bool = True
) -> Tensor:
    """The norm of x + shift, through SiLU if wanted.

    `x` is B x C x H x W in channels-last memory; `shift` has B x C numbers, or C for all pictures.
    """
    if _is_fused(x):
        return _norms.group_norm(x, norm, shift, silu=silu)
    if shift is not None:
        x = x + shift[..., None, None]
    x = norm(x)
    return functional.silu(x) if silu else x


def add(x: Tensor, y: Tensor, first: Tensor | None = None, second: Tensor | None = None) -> Tensor:
    """x + y + first + second: two pictures B x C x H x W, channels-last, and two biases of C."""
    if _is_fused(x):
        return _kernels.add(x, y, first, second)
    total = x + y
    for bias in (first, second):
        total = total if bias is None else total + bias[:, None, None]
    return total


def add_bias(x: Tensor, bias: Tensor) -> Tensor:
    """x + bias, for a picture B x C x H x W that nobody else holds: it may be written over."""
    return _kernels.add_bias(x, bias) if _is_fused(x) else x + bias[:, None, None]


def enlarge(x: Tensor, size: tuple[int, int]) -> Tensor:
    """A picture B x C x H x W at another height and width, by the nearest pixel."""
    if _is_fused(x):
        return _kernels.enlarge(x, size)
    return functional.interpolate(x, size=size, mode="nearest")


def add_norm(x: Tensor, y: Tensor | None, norm: nn.LayerNorm) -> tuple[Tensor, Tensor]:
    """The sum of two rows of tokens B x N x C (or `x` alone), and its layer norm."""
    if _is_fused(x):
        return _kernels.add_norm(x, y, norm)
    total = x if y is None else x + y
    return total, norm(total)


def geglu(x: Tensor) -> Tensor:
    """Half of the channels, times GELU (by erf) of the other half; B x N x 2C to B x N x C."""
    if _is_fused(x):
        return _kernels.geglu(x)
    value, gate = x.chunk(2, -1)
    return value * functional.gelu(gate)
