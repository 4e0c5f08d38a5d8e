"""One job on its way through the worker: made ready, given its pictures, stored."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import torch

from formats.kinds import ModelKind
from formats.progress import Stage
from formats.request import GenerationRequest
from formats.result import AppliedModel
from sagemaker_container.engine import latents
from sagemaker_container.engine.drawing import Drafter, Drawings, seeds_of
from sagemaker_container.engine.embeddings import Embedding
from sagemaker_container.engine.hires import HiresEnlarger
from sagemaker_container.engine.job_files import JobFiles
from sagemaker_container.engine.monitor import Monitor
from sagemaker_container.engine.noise import Seeds
from sagemaker_container.engine.outputs import OutputWriter
from sagemaker_container.engine.picture_info import UsedFiles, write_infotext
from sagemaker_container.engine.record import Record
from sagemaker_container.engine.shelf import JobModels
from sagemaker_container.engine.tools import Tools


@dataclass
class Ready:
    """A job that can be drawn."""

    files: JobFiles
    models: JobModels
    drawings: Drawings
    hires: HiresEnlarger | None
    used: UsedFiles
    batches: Sequence[Sequence[Seeds]]
    """The seeds of the pictures that are drawn together."""

    @property
    def steps(self) -> int:
        """Over all pictures."""
        return sum(one.shared.plan.count for one in self.drawings.all) * len(self.batches)


@dataclass
class JobRun:
    """One job that draws."""

    tools: Tools
    request: GenerationRequest
    monitor: Monitor
    record: Record
    writer: OutputWriter
    made: int = field(default=0, init=False)
    """Steps so far."""

    def prepare(self) -> Ready:
        """Fetch, load and read everything. Raises JobError, JobCancelled."""
        request, monitor, record = self.request, self.monitor, self.record
        monitor.stage(Stage.FETCHING)
        with record.timed("fetch"), self.tools.prefetcher.paused(request, monitor.check):
            files = self.tools.files.fetch(request, monitor.check)
        monitor.stage(Stage.LOADING)
        with record.timed("load"):
            models = self.tools.shelf.take(request, files, monitor.check)
        with record.timed("encode"):
            drafter = Drafter(request, files, models, self.tools.tokenizer, monitor.check)
            drawings = drafter.drawings()
        self._note(models, drawings)
        ready = self._ready(files, models, drawings)
        for picture in files.pictures.maps:
            self.writer.add_map(picture)
        monitor.stage(Stage.DRAWING, ready.steps)
        return ready

    def _note(self, models: JobModels, drawings: Drawings) -> None:
        prompts, record = drawings.first.prompts, self.record
        record.sampler_class = drawings.first.shared.plan.class_name
        record.tokens = prompts.tokens
        record.models.extend(_really_used(models.applied, prompts.embeddings))
        record.maps = len(self.request.controlnets)

    def _ready(self, files: JobFiles, models: JobModels, drawings: Drawings) -> Ready:
        words = drawings.first.prompts.embeddings
        hires, enlarger = self.request.hires, None
        if hires:
            size = self.request.size
            enlarger = HiresEnlarger(models.vae, hires.upscaler, models.upscaler, *size)
        one_at_a_time = any(one.shared.plan.one_at_a_time for one in drawings.all)
        return Ready(
            files=files,
            models=models,
            drawings=drawings,
            hires=enlarger,
            used=UsedFiles(files.checkpoint, files.vae, models.loras, files.controlnets, words),
            batches=list(seeds_of(self.request, one_at_a_time=one_at_a_time)),
        )

    def add(self, ready: Ready, latent: torch.Tensor, seeds: Seeds) -> None:
        """Decode and store the job's next picture. Raises JobError, JobCancelled."""
        with self.record.timed("decode"):
            image = latents.decode(ready.models.vae, latent)
            ready.models.colours.learn(latent, image)
        painted = ready.files.pictures.inpainting
        whole = painted.finished(image) if painted else image
        self.writer.add_picture(whole, seeds, write_infotext(self.request, ready.used, seeds))
        self.monitor.check()


def _really_used(
    applied: Sequence[AppliedModel], words: Sequence[Embedding]
) -> Iterator[AppliedModel]:
    """All but the textual inversions that no prompt names."""
    named = {word.file.sha256 for word in words}
    for model in applied:
        if model.kind is not ModelKind.EMBEDDING or model.sha256 in named:
            yield model
