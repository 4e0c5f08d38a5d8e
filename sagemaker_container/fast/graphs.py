"""Captures what a network does on the GPU once for each shape, and replays it without Python.

A replay reads the weights where they lay at the capture: they may change, but not move.
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

LIMIT: Final = 24
"""Captured shapes of one network; the one that rested longest goes first."""

_BACKENDS: Final = [
    SDPBackend.CUDNN_ATTENTION,
    SDPBackend.FLASH_ATTENTION,
    SDPBackend.EFFICIENT_ATTENTION,
    SDPBackend.MATH,
]
"""In this order; cuDNN's is 1.4 to 1.8 times as fast as flash at SD1's head size of 40."""

_WARM_UPS: Final = 2

Work = Callable[[Sequence[Tensor]], Sequence[Tensor]]
"""From inputs to outputs, with nothing in between that waits for the GPU."""


@dataclass(frozen=True)
class _Graph:
    graph: torch.cuda.CUDAGraph
    inputs: Sequence[Tensor]
    outputs: Sequence[Tensor]


class Graphs:
    """The captured shapes of one network."""

    def __init__(self) -> None:
        self._graphs: OrderedDict[Hashable, _Graph] = OrderedDict()
        _known.add(self)

    def run(self, work: Work, inputs: Sequence[Tensor], key: Hashable = None) -> Sequence[Tensor]:
        """What `work` makes of the inputs. On CUDA the outputs last until the next run of this
        network; `key` tells apart what the shapes of the inputs do not.
        """
        if not inputs[0].is_cuda:
            return work(inputs)
        full = (key, *((x.shape, x.dtype, x.stride()) for x in inputs))
        known = self._graphs.get(full)
        if known is None:
            known = self._graphs[full] = _capture(work, inputs)
            if len(self._graphs) > LIMIT:
                self._graphs.popitem(last=False)
        self._graphs.move_to_end(full)
        torch._foreach_copy_(list(known.inputs), list(inputs))
        known.graph.replay()
        return known.outputs

    def clear(self) -> None:
        """Forget everything that was captured."""
        self._graphs.clear()


_known: WeakSet[Graphs] = WeakSet()
_pool: list[torch.cuda.CUDAGraph] = []


def release() -> None:
    """Forget all that was captured, and give its memory back: it is short."""
    for graphs in _known:
        graphs.clear()
    _pool.clear()


def _shared_pool() -> tuple[int, int]:
    """All graphs share one pool of memory, since one runs at a time; their outputs lie apart.

    A pool dies with its last graph, so an empty one keeps it.
    """
    if not _pool:
        keeper = torch.cuda.CUDAGraph()
        with torch.cuda.graph(keeper):
            torch.empty(1, device="cuda").zero_()
        _pool.append(keeper)
    pool: tuple[int, int] = _pool[0].pool()
    return pool


def _capture(work: Work, inputs: Sequence[Tensor]) -> _Graph:
    kept = [x.clone() for x in inputs]
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.no_grad(), torch.cuda.stream(side), sdpa_kernel(_BACKENDS, set_priority=True):
        for _ in range(_WARM_UPS):
            work(kept)
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    pool = _shared_pool()
    with (
        torch.no_grad(),
        sdpa_kernel(_BACKENDS, set_priority=True),
        torch.cuda.graph(graph, pool=pool),
    ):
        outputs = work(kept)
    _log.info("event=captured shape=%s", tuple(inputs[0].shape))
    return _Graph(graph, kept, outputs)
