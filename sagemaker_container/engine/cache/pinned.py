"""Keeps a loaded model's weights in one piece of host memory that the GPU can read at full speed.

The memory is registered with CUDA rather than allocated by it: PyTorch's own pinned allocations are
rounded up to a power of two, which would double what a checkpoint takes.
"""

import weakref
from collections.abc import Iterable, Iterator
from typing import Final

import torch
from torch import nn

_ALIGNED: Final = 256
"""Bytes between the starts of tensors are a multiple of this."""


def parameters_of(modules: Iterable[nn.Module]) -> Iterator[nn.Parameter]:
    """All weights, in an order that two models of one architecture share."""
    for module in modules:
        yield from module.parameters()


def pin(modules: Iterable[nn.Module]) -> None:
    """Move the weights of modules on the CPU into one registered buffer, layout kept.

    It is given back when the last of the weights is gone. Raises RuntimeError when the system
    refuses to register so much.
    """
    weights = list(parameters_of(modules))
    buffer = torch.empty(sum(map(_room, weights)), dtype=torch.uint8)
    _register(buffer)
    start = 0
    for weight in weights:
        part = buffer[start : start + weight.nbytes].view(weight.dtype)
        laid = part.as_strided(weight.shape, weight.stride())
        laid.copy_(weight.data)
        weight.data = laid
        start += _room(weight)


def _room(weight: torch.Tensor) -> int:
    return -(-weight.nbytes // _ALIGNED) * _ALIGNED


def _register(buffer: torch.Tensor) -> None:
    runtime = torch.cuda.cudart()
    address = buffer.data_ptr()
    status = int(runtime.cudaHostRegister(address, buffer.nbytes, 0))
    if status:
        raise RuntimeError(f"CUDA could not pin {buffer.nbytes} bytes of memory (error {status})")
    weakref.finalize(buffer.untyped_storage(), runtime.cudaHostUnregister, address)
