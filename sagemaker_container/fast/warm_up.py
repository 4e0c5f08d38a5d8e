"""Compiles the Triton kernels before the first job needs them; Triton caches them on disk."""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

import torch
from torch import nn
from torch.nn import functional

from sagemaker_container.fast import ops

_log = logging.getLogger(__name__)

_CHANNELS: Final = (320, 640, 960, 1280, 1920, 2560)
"""Of the group norms in the UNets and ControlNets of SD 1, SD 2 and SDXL."""
_VAE_CHANNELS: Final = (128, 256, 512)
_TOKEN_CHANNELS: Final = (320, 640, 1280)
_GROUPS: Final = 32
_SIDES: Final = (8, 16, 32, 64)
"""The channels determine up to which size one program computes a whole group."""
_LARGE_SIDE: Final = 320
"""Has so many programs that one more kernel adds up their sums."""

Work = partial[Any]


def compile_or_disable(
    device: torch.device,
    dtype: torch.dtype,
    compile_all: Callable[[torch.device, torch.dtype], object] | None = None,
) -> None:
    """Compile the kernels, or disable them if that fails (no C compiler, an unusual driver)."""
    try:
        (compile_all or compile_kernels)(device, dtype)
    except Exception:  # noqa: BLE001  # a compiler can fail in many ways, and kernels are optional
        _log.exception("event=kernels_failed consequence=slower")
        ops.disable_kernels()


def compile_kernels(device: torch.device, dtype: torch.dtype) -> set[str]:
    """Run each kernel once in each form that Stable Diffusion's networks need, in parallel.

    Returns the names of the operations (`ops`) that were run.
    """
    work = [*_unet_work(device, dtype), *_vae_work(device, dtype)]
    if dtype is not torch.float32:
        work += _vae_work(device, torch.float32)  # SDXL's
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return set(pool.map(_run, work))


def load_libraries(device: torch.device, dtype: torch.dtype) -> None:
    """Let cuDNN, cuBLAS and the attention load their own kernels, by what an SD 1 UNet asks first.

    They are loaded at their first use, once per process, which else is the first job's.
    """
    side, channels, heads = _SIDES[-1], _CHANNELS[0], 8
    with torch.no_grad():
        x = _activations(channels, side, device, dtype)
        convolution = nn.Conv2d(channels, channels, 3, padding=1).to(device, dtype)
        x = convolution.to(memory_format=torch.channels_last)(x)
        tokens = x.flatten(2).transpose(1, 2)
        tokens = nn.Linear(channels, channels).to(device, dtype)(tokens)
        split = tokens.unflatten(2, (heads, channels // heads)).transpose(1, 2)
        functional.scaled_dot_product_attention(split, split, split)


def _run(work: Work) -> str:
    with torch.no_grad():
        work()
    return work.func.__name__


def _unet_work(device: torch.device, dtype: torch.dtype) -> Iterator[Work]:
    """The operations of UNets and ControlNets."""
    for channels in _CHANNELS:
        yield from _norm_work(channels, device, dtype)
    for channels in _TOKEN_CHANNELS:
        tokens = torch.zeros(1, 8, channels, device=device, dtype=dtype)
        norm = nn.LayerNorm(channels).to(device, dtype)
        yield partial(ops.add_norm, tokens, tokens, norm)
    yield partial(ops.geglu, torch.zeros(1, 8, 2 * _TOKEN_CHANNELS[0], device=device, dtype=dtype))


def _vae_work(device: torch.device, dtype: torch.dtype) -> Iterator[Work]:
    """The operations of a VAE's decoder; sums and upsampling are the same in a UNet."""
    for channels in _VAE_CHANNELS:
        yield from _norm_work(channels, device, dtype, _SIDES[-1:])
    yield from _norm_work(_VAE_CHANNELS[0], device, dtype, (_LARGE_SIDE,))
    x = _activations(_VAE_CHANNELS[0], _SIDES[0], device, dtype)
    yield partial(ops.add, x, x)
    yield partial(ops.upsample, x, (16, 16))


def _norm_work(
    channels: int, device: torch.device, dtype: torch.dtype, sides: Sequence[int] = _SIDES
) -> Iterator[Work]:
    norm = nn.GroupNorm(_GROUPS, channels).to(device, dtype)
    for side in sides:
        yield partial(ops.group_norm, _activations(channels, side, device, dtype), norm)


def _activations(
    channels: int, side: int, device: torch.device, dtype: torch.dtype
) -> torch.Tensor:
    shape = (1, channels, side, side)
    return torch.zeros(shape, device=device, dtype=dtype).to(memory_format=torch.channels_last)
