"""Trains UNet and text encoder from noise (`toon`), and a copy in another style (`ink`)."""

import random
import time
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from demo.training import networks, weights
from demo.training.diffusion import Batch, Schedule, Source, choose, noise_loss
from demo.training.fitting import DEVICE, Plan, fast, finish, fit, mixed, prepare
from demo.training.ranks import Ranks
from demo.training.settings import SIZED, Run
from demo.training.tokens import load_words

_SIZED_FROM = 0.5
"""Share of the stage's time after which the other sizes come in."""
_SIZED_SHARE = 0.3


class Base:
    """The two networks and how they predict noise."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.words = load_words(run.vocabulary, run.settings.embedding_vectors)
        self.unet = networks.unet(run.settings).to(DEVICE, memory_format=torch.channels_last)
        self.text = networks.text_encoder(run.settings, self.words.rows).to(DEVICE)
        self.empty = torch.from_numpy(self.words.encode([""])).long().to(DEVICE)
        self.schedule = Schedule.sd1()
        self._fast = fast(self.unet), fast(self.text)

    def parameters(self) -> list[torch.nn.Parameter]:
        """Of both networks."""
        return [*self.unet.parameters(), *self.text.parameters()]

    def loss(self, batch: Batch) -> Tensor:
        """With a tenth of the captions empty, for guidance; only the main size is compiled."""
        words = choose(batch.words, (0.72, 0.18), self.empty)
        unet, text = self._fast if batch.bucket.name not in SIZED else (self.unet, self.text)

        def predict(noisy: Tensor, steps: Tensor) -> Tensor:
            with mixed():
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
        source = Source.blank(self.run, "main", self.run.settings.batch)
        self.loss(source.draw(self.run.settings.batch)).backward()
        for param in self.parameters():
            param.grad = None
        finish()


def load_pair(unet: Any, text: Any, folder: Path, name: str) -> None:
    """Read a base's weights into a UNet and a text encoder."""
    tensors = weights.load(folder, name)
    unet.load_state_dict(weights.part(tensors, "unet."))
    text.load_state_dict(weights.part(tensors, "text."))


def train(run: Run, resume: Path | None) -> None:
    """The stage: writes and marks `toon`; several processes may share it."""
    ranks = Ranks.join(run.folder)
    prepare(2 + 100 * ranks.number)
    base = Base(run)
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


def _fit_sizes(run: Run, base: Base, ranks: Ranks) -> None:
    main = Source.open(run, "main")
    run.mark("base-started")
    sized: list[Source] = []
    dice = random.Random(ranks.number)

    def loss(_step: int, progress: float) -> Tensor:
        if progress > _SIZED_FROM and not sized:
            sized.extend(Source.open(run, name) for name in run.settings.sized)
        other = bool(sized) and dice.random() < _SIZED_SHARE
        source = dice.choice(sized) if other else main
        return base.loss(source.draw(source.bucket.batch(run.settings.batch)))

    plan = Plan("base", 8e-4, run.settings.batch, 0.999,
                lambda: weights.save(run.folder, "toon", base.tensors()))  # fmt: skip
    fit(run, plan, base.parameters(), loss, ranks)


def train_ink(run: Run, resume: Path | None) -> None:
    """The stage: continues `toon`, or an earlier `ink`, in the other style; marks `ink`."""
    prepare(7)
    base = Base(run)
    run.wait("base-started")  # compiles while the base trains
    base.compile()
    run.wait("toon")
    if weights.exists(resume, "ink") and resume:
        base.load(resume, "ink")
    else:
        base.load(run.folder, "toon")
    ink = Source.open(run, "ink")

    def loss(_step: int, _progress: float) -> Tensor:
        return base.loss(ink.draw(run.settings.batch))

    fit(run, Plan("ink", 4e-4, run.settings.batch, 0.997), base.parameters(), loss)
    weights.save(run.folder, "ink", base.tensors())
    run.mark("ink")
