"""Trains the ControlNet that follows OpenPose maps, from the finished base."""

import random
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from demo.painting.pose_maps import draw_varied_maps
from demo.training import networks, weights
from demo.training.base_stage import load_pair
from demo.training.diffusion import (
    LatentBatch,
    LatentDataset,
    NoiseSchedule,
    choose_captions,
    noise_loss,
)
from demo.training.settings import SIZED, TrainingRun
from demo.training.tokens import load_words
from demo.training.training_loop import (
    DEVICE,
    StagePlan,
    compile_on_gpu,
    fit,
    mixed_precision,
    set_up_device,
    synchronize,
)

_SIZED_SHARE = 0.15


class ControlNetTrainer:
    """The ControlNet on a frozen base."""

    def __init__(self, run: TrainingRun) -> None:
        words = load_words(run.vocabulary, run.settings.embedding_vectors)
        self.run = run
        self.unet = networks.unet(run.settings).to(DEVICE, memory_format=torch.channels_last)
        self.text = networks.text_encoder(run.settings, words.rows).to(DEVICE)
        self.unet.requires_grad_(False)
        self.text.requires_grad_(False)
        self.net = networks.controlnet(run.settings, self.unet).to(
            DEVICE, memory_format=torch.channels_last
        )
        self.net.requires_grad_(True)
        self.empty = torch.from_numpy(words.encode([""])).long().to(DEVICE)
        self.schedule = NoiseSchedule.sd1()
        self._compiled = compile_on_gpu(self.text), compile_on_gpu(self._forward)

    def _forward(self, noisy: Tensor, steps: Tensor, context: Tensor, maps: Tensor) -> Any:
        down, middle = self.net(noisy, steps, context, maps, return_dict=False)
        return self.unet(
            noisy,
            steps,
            context,
            down_block_additional_residuals=down,
            mid_block_additional_residual=middle,
            return_dict=False,
        )[0]

    def loss(self, batch: LatentBatch) -> Tensor:
        """Half of the captions do not name the pose, a fifth are empty: the map must tell it."""
        words = choose_captions(batch.words, (0.3, 0.5), self.empty)
        main = batch.bucket.name not in SIZED
        text, both = self._compiled if main else (self.text, self._forward)
        with torch.no_grad():
            maps = draw_varied_maps(batch.points, batch.bucket.size, batch.bucket.scale)
            maps = maps.contiguous(memory_format=torch.channels_last)

        def predict(noisy: Tensor, steps: Tensor) -> Tensor:
            with mixed_precision():
                with torch.no_grad():
                    context = text(words)[0]
                return both(noisy, steps, context, maps)

        return noise_loss(self.schedule, batch.latents, predict)

    def compile(self) -> None:
        """Run the main shape once."""
        source = LatentDataset.blank(self.run, "main", self.run.settings.control_batch)
        self.loss(source.sample(self.run.settings.control_batch)).backward()
        for param in self.net.parameters():
            param.grad = None
        synchronize()

    def start(self, resume: Path | None) -> None:
        """Take over the base; begin at its UNet or at an earlier ControlNet."""
        load_pair(self.unet, self.text, self.run.folder, "toon")
        if weights.exists(resume, "control") and resume:
            self.net.load_state_dict(weights.load(resume, "control"))
        else:
            fresh = networks.controlnet(self.run.settings, self.unet)
            self.net.load_state_dict(fresh.state_dict())


def train(run: TrainingRun, resume: Path | None) -> None:
    """The stage: writes and marks `control`."""
    set_up_device(3)
    control = ControlNetTrainer(run)
    run.log("control", millions=networks.millions(control.net))
    run.wait("base-started")  # compiles while the base trains
    start, names, size = time.time(), ("main", *run.settings.sized), run.settings.control_batch
    control.compile()
    run.log("control", compiled=time.time() - start)
    run.wait("toon")
    control.start(resume)
    sources = [LatentDataset.open(run, name) for name in names]
    rng = random.Random(0)

    def loss(_step: int, _progress: float) -> Tensor:
        other = len(sources) > 1 and rng.random() < _SIZED_SHARE
        source = rng.choice(sources[1:]) if other else sources[0]
        return control.loss(source.sample(source.bucket.batch(size)))

    fit(run, StagePlan("control", 8e-4, size), control.net.parameters(), loss)
    weights.save(run.folder, "control", networks.state(control.net))
    run.mark("control")
