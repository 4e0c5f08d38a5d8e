"""Owns the training loop: AdamW until a deadline, with a running mean of the weights (EMA)."""

import math
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter

from demo.training.ranks import SINGLE_PROCESS, Ranks
from demo.training.settings import TrainingRun

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


@dataclass(frozen=True)
class StagePlan:
    """How a stage is trained."""

    stage: str
    rate: float
    """Peak learning rate; a warm-up leads to it, a cosine over time down to 2 % of it."""
    batch: int
    decay: float = 0.999
    """Of the EMA."""
    snapshot: Callable[[], None] | None = None
    """Called at each third of the time, with the EMA in the parameters."""


def compile_on_gpu(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function compiled for each shape, where there is a GPU."""
    return torch.compile(function, dynamic=False) if DEVICE.type == "cuda" else function


def set_up_device(seed: int) -> None:
    """Set the seed, and let the GPU use its fast paths and many compiled shapes."""
    torch.manual_seed(seed)
    if DEVICE.type != "cuda":
        return
    torch.backends.cudnn.benchmark = True
    torch.set_float32_matmul_precision("high")
    torch._dynamo.config.recompile_limit = 64
    torch._dynamo.config.accumulated_recompile_limit = 1024


def mixed_precision() -> AbstractContextManager[None]:
    """bfloat16 arithmetic on the GPU."""
    return torch.autocast(DEVICE.type, torch.bfloat16, enabled=DEVICE.type == "cuda")


def synchronize() -> None:
    """Wait for the GPU."""
    if DEVICE.type == "cuda":
        torch.cuda.synchronize()


class EmaWeights:
    """The exponential mean of parameters."""

    def __init__(self, params: list[Parameter], decay: float) -> None:
        self.params, self.decay = params, decay
        self.mean = [p.detach().clone() for p in params]

    def update(self, step: int) -> None:
        """Take in the parameters after a step; early steps weigh more."""
        keep = min(self.decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(self.mean, [p.detach() for p in self.params], 1 - keep)

    def swap(self) -> None:
        """Exchange the mean and the parameters."""
        for param, mean in zip(self.params, self.mean, strict=True):
            previous = param.data.clone()
            param.data.copy_(mean)
            mean.copy_(previous)


def learning_rate(progress: float, step: int, peak: float, warm_up: int) -> float:
    """Warm-up by steps, then a cosine by the share of time that has passed."""
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
    return peak * min(1.0, (step + 1) / warm_up) * (0.02 + 0.98 * cosine)


Loss = Callable[[int, float], Tensor]
"""From step number and progress (0-1) to the loss."""


def fit(
    run: TrainingRun,
    plan: StagePlan,
    params: Iterable[Parameter],
    loss: Loss,
    ranks: Ranks = SINGLE_PROCESS,
) -> int:
    """Train until the stage's deadline and leave the EMA in the parameters; the number of steps.

    A tiny run stops after four steps whatever the clock says; every run takes at least two. With
    `ranks` the steps are made together; the first rank logs and takes snapshots.
    """
    trainable = [p for p in params if p.requires_grad]
    ranks.broadcast_parameters(trainable)
    average = EmaWeights(trainable, plan.decay)
    optimiser = torch.optim.AdamW(
        trainable, lr=plan.rate, betas=(0.9, 0.99), weight_decay=0.01, fused=DEVICE.type == "cuda"
    )
    start, end = time.time(), run.deadline(plan.stage)
    step, progress, losses, last, next_snapshot = 0, 0.0, [], time.time(), 1 / 3
    while step < 2 or (progress < 1 and not (run.tiny and step >= 4)):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(progress, step, plan.rate, run.settings.warm_up)
        value = loss(step, progress)
        optimiser.zero_grad(set_to_none=True)
        value.backward()
        progress = ranks.average(trainable, (time.time() - start) / max(end - start, 1e-3))
        torch.nn.utils.clip_grad_norm_(trainable, 1.0)
        optimiser.step()
        average.update(step)
        losses.append(value.detach())
        step += 1
        if plan.snapshot and ranks.is_first and progress >= next_snapshot:
            next_snapshot += 1 / 3
            average.swap()
            plan.snapshot()
            average.swap()
        if step % run.settings.log_every == 0 and ranks.is_first:
            mean = float(torch.stack(losses).mean())
            rate = ranks.count * plan.batch * len(losses) / (time.time() - last)
            run.log(plan.stage, step=step, loss=mean, per_second=rate, progress=progress)
            losses, last = [], time.time()
    synchronize()
    average.swap()
    if ranks.is_first:
        run.log(plan.stage, steps=step, seconds=time.time() - start, memory_gib=_memory())
    return step


def _memory() -> float:
    return torch.cuda.max_memory_allocated() / 2**30 if DEVICE.type == "cuda" else 0.0
