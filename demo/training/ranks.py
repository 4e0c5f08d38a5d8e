"""Shares one stage among several GPUs: a process for each, which average their gradients."""

import os
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import distributed
from torch.nn import Parameter

from demo.training.settings import MEETING


class Ranks:
    """This process's number among `count`; alone unless it joined others."""

    def __init__(self, number: int = 0, count: int = 1) -> None:
        self.number, self.count = number, count
        self._last: torch.Tensor | None = None

    @classmethod
    def join(cls, folder: Path) -> "Ranks":
        """Meet the others in the folder of the run, as the environment's RANK of WORLD_SIZE."""
        number, count = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        if count > 1:
            distributed.init_process_group(
                "nccl" if torch.cuda.is_available() else "gloo",
                init_method=f"file://{folder.resolve() / MEETING}",
                rank=number,
                world_size=count,
            )
        return cls(number, count)

    def leave(self) -> None:
        """Part from the others."""
        if self.count > 1:
            distributed.destroy_process_group()

    @property
    def is_first(self) -> bool:
        """Whether this process is the one that logs, saves and marks."""
        return self.number == 0

    def same_start(self, params: Sequence[Parameter]) -> None:
        """Give all processes the first one's parameters."""
        if self.count == 1:
            return
        weights = [param.detach() for param in params]
        flat = torch.cat([weight.reshape(-1) for weight in weights])
        distributed.broadcast(flat, 0)
        _spread(flat, weights)

    def average(self, params: Sequence[Parameter], progress: float) -> float:
        """Replace gradients by their means over all processes; the progress that all agree on.

        The number rides along, so that all take the same learning rate and stop after the same
        step. It is that of the step before: to read this one's would stop the GPU's queue.
        """
        if self.count == 1:
            return progress
        grads = [p.grad for p in params if p.grad is not None]
        number = torch.tensor([progress], device=grads[0].device)
        flat = torch.cat([*(grad.reshape(-1) for grad in grads), number])
        distributed.all_reduce(flat)
        flat /= self.count
        _spread(flat[:-1], grads)
        before, self._last = self._last, flat[-1:].clone()
        return 0.0 if before is None else float(before)


def _spread(flat: torch.Tensor, tensors: Sequence[torch.Tensor]) -> None:
    """Write a row of numbers into tensors, which hold them together."""
    parts = flat.split([tensor.numel() for tensor in tensors])
    shaped = [part.view(tensor.shape) for part, tensor in zip(parts, tensors, strict=True)]
    torch._foreach_copy_(list(tensors), shaped)


ALONE = Ranks()
