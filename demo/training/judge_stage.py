"""Trains the classifier that scores generated images, on painted ones."""

import time
from pathlib import Path

import torch
from torch import Tensor

from demo.evaluation.judge import Judge, augment, loss, resize_for_judge
from demo.training import networks, weights
from demo.training.scene_arrays import SceneArrays
from demo.training.settings import SQUARE, TrainingRun
from demo.training.training_loop import DEVICE, StagePlan, fit, mixed_precision, set_up_device

_BATCH = 128


def train(run: TrainingRun, _resume: Path | None) -> None:
    """The stage: writes and marks `judge`."""
    set_up_device(6)
    run.wait("pool")
    scenes, count = SceneArrays.open(run, "square"), min(20_480, run.settings.vae_pool)
    scale = run.settings.bucket("main").scale
    images = torch.cat(
        [
            _paint_images(scenes, start, min(count, start + 256), scale)
            for start in range(0, count, 256)
        ]
    )
    species = scenes.tensor("species", count).long()
    judge = Judge(8 if run.tiny else 48).to(DEVICE, memory_format=torch.channels_last)

    def step(_step: int, _progress: float) -> Tensor:
        rows = torch.randint(count, (4 if run.tiny else _BATCH,), device=DEVICE)
        batch = augment(images[rows].float() / 127.5 - 1)
        with mixed_precision():
            return loss(judge, batch.contiguous(memory_format=torch.channels_last), species[rows])

    started = time.time()
    fit(run, StagePlan("judge", 2e-3, _BATCH, 0.995), judge.parameters(), step)
    _recompute_batch_norms(judge, images)
    weights.save(run.folder, "judge", networks.state(judge))
    run.mark("judge")
    run.log("judge", seconds=time.time() - started)


def _paint_images(scenes: SceneArrays, low: int, high: int, scale: float) -> Tensor:
    image = scenes.paint(torch.arange(low, high), "toon", scale, SQUARE)
    return ((resize_for_judge(image) + 1) * 127.5).round().byte()


@torch.no_grad()
def _recompute_batch_norms(judge: Judge, images: Tensor) -> None:
    """Recompute the batch norms' statistics for the averaged weights."""
    judge.train()
    for part in images.split(256)[:40]:
        judge(augment(part.float() / 127.5 - 1))
    judge.eval()
