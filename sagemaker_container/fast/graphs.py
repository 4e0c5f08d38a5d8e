"""Captures a network's work on the GPU once for each input shape, and replays it without Python.

A replay reads the weights at their addresses: they may be changed in place, but not moved.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Final
from weakref import WeakSet

import torch
from torch import Tensor
from torch.nn.attention import SDPBackend, sdpa_kernel

_log = logging.getLogger(__name__)

MAX_GRAPHS: Final = 256
"""Captured shapes of one network; the least recently used is dropped first. They share memory,
so that one more costs its inputs and its list of kernels, a few MB."""

_BACKENDS: Final = [
    SDPBackend.CUDNN_ATTENTION,
    SDPBackend.FLASH_ATTENTION,
    SDPBackend.EFFICIENT_ATTENTION,
    SDPBackend.MATH,
]
"""In this order; cuDNN's is 1.4 to 1.8 times as fast as flash at SD1's head size of 40."""

_WARM_UPS: Final = 2

Work = Callable[[Sequence[Tensor]], Sequence[Tensor]]
"""From inputs to outputs, without anything that waits for the GPU."""


@dataclass(frozen=True)
class _Graph:
    graph: torch.cuda.CUDAGraph
    inputs: Sequence[Tensor]
    outputs: Sequence[Tensor]


class GraphCache:
    """The captured graphs of one network, by input shape."""

    def __init__(self) -> None:
        self._graphs: OrderedDict[Hashable, _Graph] = OrderedDict()
        _caches.add(self)

    def run(self, work: Work, inputs: Sequence[Tensor], key: Hashable = None) -> Sequence[Tensor]:
        """The outputs of `work`. On CUDA they are valid until the next run of this network.

        `key` distinguishes runs whose inputs have the same shapes.
        """
        if not inputs[0].is_cuda:
            return work(inputs)
        full_key = (key, *((x.shape, x.dtype, x.stride()) for x in inputs))
        captured = self._graphs.get(full_key)
        if captured is None:
            captured = self._graphs[full_key] = _capture(work, inputs)
            if len(self._graphs) > MAX_GRAPHS:
                self._graphs.popitem(last=False)
        self._graphs.move_to_end(full_key)
        torch._foreach_copy_(list(captured.inputs), list(inputs))
        captured.graph.replay()
        return captured.outputs

    def clear(self) -> None:
        """Drop all graphs."""
        self._graphs.clear()


_caches: WeakSet[GraphCache] = WeakSet()
_pool: list[torch.cuda.CUDAGraph] = []


def release_graphs() -> None:
    """Drop all graphs of all networks, and free their memory."""
    for cache in _caches:
        cache.clear()
    _pool.clear()


def _shared_pool() -> tuple[int, int]:
    """The memory pool of all graphs: only one of them runs at a time, and outputs don't overlap.

    A pool is freed with its last graph, so an empty graph keeps it.
    """
    if not _pool:
        keeper = torch.cuda.CUDAGraph()
        with torch.cuda.graph(keeper):
            torch.empty(1, device="cuda").zero_()
        _pool.append(keeper)
    pool: tuple[int, int] = _pool[0].pool()
    return pool


def _capture(work: Work, inputs: Sequence[Tensor]) -> _Graph:
    static = [x.clone() for x in inputs]
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.no_grad(), torch.cuda.stream(side), sdpa_kernel(_BACKENDS, set_priority=True):
        for _ in range(_WARM_UPS):
            work(static)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    pool = _shared_pool()
    with (
        torch.no_grad(),
        sdpa_kernel(_BACKENDS, set_priority=True),
        torch.cuda.graph(graph, pool=pool),
    ):
        outputs = work(static)
    _log.info("event=captured shape=%s", tuple(inputs[0].shape))
    return _Graph(graph, static, outputs)
