"""Compiles the Triton kernels before the first picture needs them; they stay on the disk."""

import logging
from collections.abc import Callable
from typing import Final

import torch
from torch import nn

from sagemaker_container.fast import ops

_log = logging.getLogger(__name__)

_CHANNELS: Final = (128, 256, 320, 512, 640, 960, 1280, 1920, 2560)
"""Of the norms in the UNets, ControlNets and VAEs of SD 1, SD 2 and SDXL."""
_GROUPS: Final = 32
_SIDES: Final = (8, 64)
"""A picture that one program sums up, and one that several do."""


def prepare(
    device: torch.device,
    dtype: torch.dtype,
    compile_all: Callable[[torch.device, torch.dtype], None] | None = None,
) -> None:
    """Compile the kernels, or draw without them where that fails: no C compiler, an odd driver."""
    try:
        (compile_all or compile_kernels)(device, dtype)
    except Exception:  # noqa: BLE001  # a compiler fails in many ways, and drawing works without
        _log.exception("event=kernels_failed consequence=slower")
        ops.do_without_kernels()


def compile_kernels(device: torch.device, dtype: torch.dtype) -> None:
    """Run each kernel once in each form that Stable Diffusion's networks need."""
    with torch.no_grad():
        for channels in _CHANNELS:
            for side in _SIDES:
                _norms(channels, side, device, dtype)
        _rest(device, dtype)


def _picture(channels: int, side: int, device: torch.device, dtype: torch.dtype) -> torch.Tensor:
    shape = (1, channels, side, side)
    return torch.zeros(shape, device=device, dtype=dtype).to(memory_format=torch.channels_last)


def _norms(channels: int, side: int, device: torch.device, dtype: torch.dtype) -> None:
    x, norm = _picture(channels, side, device, dtype), nn.GroupNorm(_GROUPS, channels)
    norm.to(device, dtype)
    ops.group_norm(x, norm)
    ops.group_norm(x, norm, x[:, :, 0, 0].contiguous())
    ops.group_norm(x, norm, silu=False)


def _rest(device: torch.device, dtype: torch.dtype) -> None:
    x = _picture(320, 8, device, dtype)
    bias = x[0, :, 0, 0].contiguous()
    ops.add(x, x)
    ops.add(x, x, bias)
    ops.add(x, x, bias, bias)
    ops.add_bias(x, bias)
    ops.enlarge(x, (16, 16))
    for channels in (320, 640, 1280):
        tokens = torch.zeros(1, 8, channels, device=device, dtype=dtype)
        norm = nn.LayerNorm(channels).to(device, dtype)
        ops.add_norm(tokens, None, norm)
        ops.add_norm(tokens, tokens, norm)
        ops.geglu(torch.cat([tokens, tokens], -1))
