"""Compiles the Triton kernels before the first picture needs them; they stay on the disk."""

import logging
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, Final

import torch
from torch import nn

from sagemaker_container.fast import ops

_log = logging.getLogger(__name__)

_CHANNELS: Final = (320, 640, 960, 1280, 1920, 2560)
"""Of the norms in the UNets and ControlNets of SD 1, SD 2 and SDXL."""
_VAE_CHANNELS: Final = (128, 256, 512)
_TOKENS: Final = (320, 640, 1280)
_GROUPS: Final = 32
_SIDES: Final = (8, 16, 32, 64)
"""Up to which size one program norms a group alone depends on the channels."""
_LARGE: Final = 320
"""So many programs that their sums are added up by one more kernel."""

Work = partial[Any]


def prepare(
    device: torch.device,
    dtype: torch.dtype,
    compile_all: Callable[[torch.device, torch.dtype], object] | None = None,
) -> None:
    """Compile the kernels, or draw without them where that fails: no C compiler, an odd driver."""
    try:
        (compile_all or compile_kernels)(device, dtype)
    except Exception:  # noqa: BLE001  # a compiler fails in many ways, and drawing works without
        _log.exception("event=kernels_failed consequence=slower")
        ops.do_without_kernels()


def compile_kernels(device: torch.device, dtype: torch.dtype) -> set[str]:
    """Run each kernel once in each form that Stable Diffusion's networks need, side by side.

    Returns the names of the operations (`ops`) that were run.
    """
    work = [*_unet(device, dtype), *_vae(device, dtype)]
    if dtype is not torch.float32:
        work += _vae(device, torch.float32)  # SDXL's
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return set(pool.map(_run, work))


def _run(work: Work) -> str:
    with torch.no_grad():
        work()
    return work.func.__name__


def _unet(device: torch.device, dtype: torch.dtype) -> Iterator[Work]:
    """What a UNet and a ControlNet are made of."""
    for channels in _CHANNELS:
        yield from _norms(channels, device, dtype)
    for channels in _TOKENS:
        tokens = torch.zeros(1, 8, channels, device=device, dtype=dtype)
        norm = nn.LayerNorm(channels).to(device, dtype)
        yield partial(ops.add_norm, tokens, tokens, norm)
    yield partial(ops.geglu, torch.zeros(1, 8, 2 * _TOKENS[0], device=device, dtype=dtype))


def _vae(device: torch.device, dtype: torch.dtype) -> Iterator[Work]:
    """What a VAE's decoder is made of; a UNet has the same sums and enlarges the same way."""
    for channels in _VAE_CHANNELS:
        yield from _norms(channels, device, dtype, _SIDES[-1:])
    yield from _norms(_VAE_CHANNELS[0], device, dtype, (_LARGE,))
    x = _picture(_VAE_CHANNELS[0], _SIDES[0], device, dtype)
    yield partial(ops.add, x, x)
    yield partial(ops.enlarge, x, (16, 16))


def _norms(
    channels: int, device: torch.device, dtype: torch.dtype, sides: Sequence[int] = _SIDES
) -> Iterator[Work]:
    norm = nn.GroupNorm(_GROUPS, channels).to(device, dtype)
    for side in sides:
        yield partial(ops.group_norm, _picture(channels, side, device, dtype), norm)


def _picture(channels: int, side: int, device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    shape = (1, channels, side, side)
    return torch.zeros(shape, device=device, dtype=dtype).to(memory_format=torch.channels_last)
