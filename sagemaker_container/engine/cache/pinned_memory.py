"""Puts a model's weights into one block of host memory that the GPU can read at full speed.

The memory is registered with CUDA instead of allocated by it: PyTorch rounds its own pinned
allocations up to a power of two, which would double what a checkpoint takes.
"""

import weakref
from collections.abc import Iterable, Iterator
from typing import Final

import torch
from torch import nn

_ALIGNMENT: Final = 256
"""Of the tensors in the block, in bytes."""


def parameters_of(modules: Iterable[nn.Module]) -> Iterator[nn.Parameter]:
    """All weights, in an order that is the same for all models of an architecture."""
    for module in modules:
        yield from module.parameters()


def pin(modules: Iterable[nn.Module]) -> None:
    """Move the weights of modules on the CPU into one registered block; layouts stay the same.

    The block is freed with the last of its weights. Raises RuntimeError if the system refuses to
    register so much memory.
    """
    weights = list(parameters_of(modules))
    block = torch.empty(sum(map(_aligned_size, weights)), dtype=torch.uint8)
    _register(block)
    start = 0
    for weight in weights:
        part = block[start : start + weight.nbytes].view(weight.dtype)
        pinned = part.as_strided(weight.shape, weight.stride())
        pinned.copy_(weight.data)
        weight.data = pinned
        start += _aligned_size(weight)


def _aligned_size(weight: torch.Tensor) -> int:
    return -(-weight.nbytes // _ALIGNMENT) * _ALIGNMENT


def _register(block: torch.Tensor) -> None:
    runtime = torch.cuda.cudart()
    address = block.data_ptr()
    status = int(runtime.cudaHostRegister(address, block.nbytes, 0))
    if status:
        raise RuntimeError(f"CUDA could not pin {block.nbytes} bytes of memory (error {status})")
    weakref.finalize(block.untyped_storage(), runtime.cudaHostUnregister, address)
