"""Trains UNet and text encoder from noise (`toon`), and a copy in another style (`ink`)."""

import random
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from demo.training import networks, weights
from demo.training.diffusion import (
    LatentBatch,
    LatentDataset,
    NoiseSchedule,
    choose_captions,
    noise_loss,
)
from demo.training.ranks import Ranks
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

_SIZED_FROM = 0.5
"""Share of the stage's time after which the other sizes come in."""
_SIZED_SHARE = 0.3


class BaseTrainer:
    """The two networks and how they predict noise."""

    def __init__(self, run: TrainingRun) -> None:
        self.run = run
        self.words = load_words(run.vocabulary, run.settings.embedding_vectors)
        self.unet = networks.unet(run.settings).to(DEVICE, memory_format=torch.channels_last)
        self.text = networks.text_encoder(run.settings, self.words.rows).to(DEVICE)
        self.empty = torch.from_numpy(self.words.encode([""])).long().to(DEVICE)
        self.schedule = NoiseSchedule.sd1()
        self._compiled = compile_on_gpu(self.unet), compile_on_gpu(self.text)

    def parameters(self) -> list[torch.nn.Parameter]:
        """Of both networks."""
        return [*self.unet.parameters(), *self.text.parameters()]

    def loss(self, batch: LatentBatch) -> Tensor:
        """With a tenth of the captions empty, for guidance; only the main size is compiled."""
        words = choose_captions(batch.words, (0.72, 0.18), self.empty)
        unet, text = self._compiled if batch.bucket.name not in SIZED else (self.unet, self.text)

        def predict(noisy: Tensor, steps: Tensor) -> Tensor:
            with mixed_precision():
                return unet(noisy, steps, text(words)[0], return_dict=False)[0]

        return noise_loss(self.schedule, batch.latents, predict)

    def tensors(self) -> dict[str, Tensor]:
        """The weights of both, under `unet.` and `text.`."""
        unet, text = networks.state(self.unet), networks.state(self.text)
        return {**weights.prefixed(unet, "unet."), **weights.prefixed(text, "text.")}

    def load(self, folder: Path, name: str) -> None:
        """Read weights that `tensors` gave."""
        load_pair(self.unet, self.text, folder, name)

    def compile(self) -> None:
        """Run the main shape once, so that no time of the stage goes into compiling."""
        source = LatentDataset.blank(self.run, "main", self.run.settings.batch)
        self.loss(source.sample(self.run.settings.batch)).backward()
        for param in self.parameters():
            param.grad = None
        synchronize()


def load_pair(unet: Any, text: Any, folder: Path, name: str) -> None:
    """Read a base's weights into a UNet and a text encoder."""
    tensors = weights.load(folder, name)
    unet.load_state_dict(weights.part(tensors, "unet."))
    text.load_state_dict(weights.part(tensors, "text."))


def train(run: TrainingRun, resume: Path | None) -> None:
    """The stage: writes and marks `toon`; several processes may share it."""
    ranks = Ranks.join(run.folder)
    set_up_device(2 + 100 * ranks.number)
    base = BaseTrainer(run)
    if weights.exists(resume, "toon") and resume:
        base.load(resume, "toon")
    run.log("base", unet=networks.millions(base.unet), text=networks.millions(base.text))
    if not (run.folder / "vae.ready").exists():
        run.wait("vae-started")  # until then the processor compiles for that stage
    start = time.time()
    base.compile()
    run.log("base", compiled=time.time() - start)
    _fit_sizes(run, base, ranks)
    ranks.leave()
    if ranks.is_first:
        weights.save(run.folder, "toon", base.tensors())
        run.mark("toon")


def _fit_sizes(run: TrainingRun, base: BaseTrainer, ranks: Ranks) -> None:
    main = LatentDataset.open(run, "main")
    run.mark("base-started")
    sized: list[LatentDataset] = []
    rng = random.Random(ranks.number)

    def loss(_step: int, progress: float) -> Tensor:
        if progress > _SIZED_FROM and not sized:
            sized.extend(LatentDataset.open(run, name) for name in run.settings.sized)
        other = bool(sized) and rng.random() < _SIZED_SHARE
        source = rng.choice(sized) if other else main
        return base.loss(source.sample(source.bucket.batch(run.settings.batch)))

    plan = StagePlan(
        "base",
        8e-4,
        run.settings.batch,
        0.999,
        lambda: weights.save(run.folder, "toon", base.tensors()),
    )
    fit(run, plan, base.parameters(), loss, ranks)


def train_ink(run: TrainingRun, resume: Path | None) -> None:
    """The stage: continues `toon`, or an earlier `ink`, in the other style; marks `ink`."""
    set_up_device(7)
    base = BaseTrainer(run)
    run.wait("base-started")  # compiles while the base trains
    base.compile()
    run.wait("toon")
    if weights.exists(resume, "ink") and resume:
        base.load(resume, "ink")
    else:
        base.load(run.folder, "toon")
    ink = LatentDataset.open(run, "ink")

    def loss(_step: int, _progress: float) -> Tensor:
        return base.loss(ink.sample(run.settings.batch))

    fit(run, StagePlan("ink", 4e-4, run.settings.batch, 0.997), base.parameters(), loss)
    weights.save(run.folder, "ink", base.tensors())
    run.mark("ink")
