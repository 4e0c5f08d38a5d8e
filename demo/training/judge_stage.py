"""Trains the classifier that scores generated pictures, on painted ones."""

import time
from pathlib import Path

import torch
from torch import Tensor

from demo.evaluation.judge import Judge, disturbed, loss, seen
from demo.training import networks, weights
from demo.training.fitting import DEVICE, Plan, fit, mixed, prepare
from demo.training.settings import SQUARE, Run
from demo.training.store import Scenes

_BATCH = 128


def train(run: Run, _resume: Path | None) -> None:
    """The stage: writes and marks `judge`."""
    prepare(6)
    run.wait("pool")
    scenes, count = Scenes.open(run, "square"), min(20_480, run.settings.vae_pool)
    scale = run.settings.bucket("main").scale
    pictures = torch.cat([_painted(scenes, start, min(count, start + 256), scale)
                          for start in range(0, count, 256)])  # fmt: skip
    species = scenes.tensor("species", count).long()
    judge = Judge(8 if run.tiny else 48).to(DEVICE, memory_format=torch.channels_last)

    def step(_step: int, _progress: float) -> Tensor:
        rows = torch.randint(count, (4 if run.tiny else _BATCH,), device=DEVICE)
        batch = disturbed(pictures[rows].float() / 127.5 - 1)
        with mixed():
            return loss(judge, batch.contiguous(memory_format=torch.channels_last), species[rows])

    started = time.time()
    fit(run, Plan("judge", 2e-3, _BATCH, 0.995), judge.parameters(), step)
    _settle(judge, pictures)
    weights.save(run.folder, "judge", networks.state(judge))
    run.mark("judge")
    run.log("judge", seconds=time.time() - started)


def _painted(scenes: Scenes, low: int, high: int, scale: float) -> Tensor:
    image = scenes.paint(torch.arange(low, high), "toon", scale, SQUARE)
    return ((seen(image) + 1) * 127.5).round().byte()


@torch.no_grad()
def _settle(judge: Judge, pictures: Tensor) -> None:
    """Recompute the batch norms' statistics for the averaged weights."""
    judge.train()
    for part in pictures.split(256)[:40]:
        judge(disturbed(part.float() / 127.5 - 1))
    judge.eval()
