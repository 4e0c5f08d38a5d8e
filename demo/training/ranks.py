"""Runs one stage data-parallel on several GPUs: a process each, which average their gradients."""

import os
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import distributed
from torch.nn import Parameter

from demo.training.settings import RENDEZVOUS


class Ranks:
    """This process's rank, `number`, among `count`; 0 of 1 unless it joined others."""

    def __init__(self, number: int = 0, count: int = 1) -> None:
        self.number, self.count = number, count
        self._last: torch.Tensor | None = None

    @classmethod
    def join(cls, folder: Path) -> "Ranks":
        """Join the process group in the run's folder, as the environment's RANK of WORLD_SIZE."""
        number, count = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
        if count > 1:
            distributed.init_process_group(
                "nccl" if torch.cuda.is_available() else "gloo",
                init_method=f"file://{folder.resolve() / RENDEZVOUS}",
                rank=number,
                world_size=count,
            )
        return cls(number, count)

    def leave(self) -> None:
        """Leave the process group."""
        if self.count > 1:
            distributed.destroy_process_group()

    @property
    def is_first(self) -> bool:
        """Whether this process is the one that logs, saves and marks."""
        return self.number == 0

    def broadcast_parameters(self, params: Sequence[Parameter]) -> None:
        """Copy the first process's parameters to all."""
        if self.count == 1:
            return
        weights = [param.detach() for param in params]
        flat = torch.cat([weight.reshape(-1) for weight in weights])
        distributed.broadcast(flat, 0)
        _unflatten(flat, weights)

    def average(self, params: Sequence[Parameter], progress: float) -> float:
        """Replace gradients by their means over all processes; returns the mean progress.

        The progress is reduced with them, so that all take the same learning rate and stop after
        the same step. It is that of the step before: reading this one's would stall the GPU.
        """
        if self.count == 1:
            return progress
        grads = [p.grad for p in params if p.grad is not None]
        number = torch.tensor([progress], device=grads[0].device)
        flat = torch.cat([*(grad.reshape(-1) for grad in grads), number])
        distributed.all_reduce(flat)
        flat /= self.count
        _unflatten(flat[:-1], grads)
        before, self._last = self._last, flat[-1:].clone()
        return 0.0 if before is None else float(before)


def _unflatten(flat: torch.Tensor, tensors: Sequence[torch.Tensor]) -> None:
    """Copy a flat tensor into several tensors that have as many elements together."""
    parts = flat.split([tensor.numel() for tensor in tensors])
    shaped = [part.view(tensor.shape) for part, tensor in zip(parts, tensors, strict=True)]
    torch._foreach_copy_(list(tensors), shaped)


SINGLE_PROCESS = Ranks()
