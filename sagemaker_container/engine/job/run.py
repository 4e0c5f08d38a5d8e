"""One job on its way through the worker: made ready, given its pictures, stored, ended."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import torch
from transformers import CLIPTokenizer

from formats.generation.progress import Stage
from formats.generation.request import GenerationRequest
from formats.generation.result import AppliedModel, ErrorCode, Failure, GenerationResult
from formats.models.kinds import ModelKind
from sagemaker_container.bucket import ContainerBucket
from sagemaker_container.engine.device import Device
from sagemaker_container.engine.job import outputs
from sagemaker_container.engine.job.files import JobFetcher, JobFiles
from sagemaker_container.engine.job.infotext import UsedFiles, write_infotext
from sagemaker_container.engine.job.model_loader import JobModels, Shelf
from sagemaker_container.engine.job.outputs import OutputWriter, Seat
from sagemaker_container.engine.job.passes import Drafter, Drawings, seeds_of
from sagemaker_container.engine.job.record import Record
from sagemaker_container.engine.memory import retry_out_of_memory, translate_out_of_memory
from sagemaker_container.engine.models import latents
from sagemaker_container.engine.monitor import JobMonitor, WorkerChannel
from sagemaker_container.engine.prompt.embeddings import Embedding
from sagemaker_container.engine.sampling.noise import Seeds
from sagemaker_container.engine.upscale.hires import HiresEnlarger
from sagemaker_container.errors import JobCancelled, JobError
from sagemaker_container.messages import JobFinished

_log = logging.getLogger(__name__)

NO_CLIP_SKIP: Final = "Clip skip counts for SD 1.x checkpoints alone, and was left out."


@dataclass(frozen=True)
class Ready:
    """A job that can be drawn."""

    run: "JobRun"
    files: JobFiles
    models: JobModels
    drawings: Drawings
    hires: HiresEnlarger | None
    used: UsedFiles
    batches: Sequence[Sequence[Seeds]]
    """The seeds of the pictures that it wants drawn together."""

    @property
    def steps(self) -> int:
        """Over all pictures."""
        return sum(one.shared.plan.count for one in self.drawings.all) * len(self.batches)


@dataclass
class JobRun:
    """One job in the worker, from its request to its `JobFinished`."""

    request: GenerationRequest
    channel: WorkerChannel
    bucket: ContainerBucket
    device: Device
    now: Callable[[], datetime]
    is_open: bool = field(default=True, init=False)
    """Whether it has not ended yet."""
    _steps_before: int = field(default=0, init=False)
    """Steps of the passes before the present one."""
    _steps_done: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.monitor = JobMonitor(self.channel, self.request.id)
        self.record = Record(self.request, self.device, self.now, self.now())
        self.writer = OutputWriter(self.bucket, self.request.id)

    @contextmanager
    def ending(self) -> Iterator[None]:
        """What is raised within ends the job with a result that says why; the worker goes on.

        Raises BrokenPipeError, EOFError: the front process is gone.
        """
        try:
            with translate_out_of_memory():
                yield
        except JobCancelled:
            message = "The job was cancelled."
            failure = Failure(code=ErrorCode.CANCELLED, message=message)
            self._end(self.record.cancelled(failure))
        except JobError as error:
            _log.info("event=refused job=%s code=%s", self.request.id, error.code)
            self._end(self.record.failed(error.failure()))
        except (BrokenPipeError, EOFError):
            raise
        except Exception as error:  # noqa: BLE001  # the worker's edge: the next job must run
            _log.exception("event=failed job=%s", self.request.id)
            message = f"The container failed: {type(error).__name__}. Its log says more."
            failure = Failure(code=ErrorCode.INTERNAL, message=message)
            self._end(self.record.failed(failure))

    def finish(self) -> None:
        """Wait until all pictures are stored, and end well. Raises JobError, JobCancelled."""
        self.monitor.begin_stage(Stage.SAVING)
        with self.record.timed("save"):
            pictures = self.writer.finish()
        self._end(self.record.succeeded(pictures))

    def _end(self, result: GenerationResult) -> None:
        if self.is_open:
            self.is_open = False
            self.writer.close()
            self.channel.send(JobFinished(result))

    def begin_pass(self) -> None:
        """The steps that are reported from here on come on top of those so far."""
        self._steps_before = self._steps_done

    def restart_pass(self) -> None:
        """The steps of the present pass are made again."""
        self._steps_done = self._steps_before

    def report_steps(self, steps: int, total: int, preview: Callable[[], bytes]) -> None:
        """So many steps of the present pass are made; `total` is that of the job.

        Raises JobCancelled.
        """
        self._steps_done = self._steps_before + steps
        self.monitor.report_step(self._steps_done, total, preview)

    def fetch(self, fetcher: JobFetcher) -> JobFiles:
        """Bring everything that the request names. Raises JobError, JobCancelled."""
        self.monitor.begin_stage(Stage.FETCHING)
        with self.record.timed("fetch"):
            return fetcher.fetch(self.request, self.monitor.check)

    def prepare(self, files: JobFiles, shelf: Shelf, tokenizer: CLIPTokenizer) -> Ready:
        """Load and read everything. Raises JobError, JobCancelled."""
        request, monitor, record = self.request, self.monitor, self.record
        monitor.begin_stage(Stage.LOADING)
        with record.timed("load"):
            models = retry_out_of_memory(
                lambda: shelf.take(request, files, monitor.check), shelf.caches.drop_idle
            )
        with record.timed("encode"):
            drafter = Drafter(request, files, models, tokenizer, monitor.check, record.note)
            drawings = drafter.drawings()
        self._note(files, models, drawings)
        ready = self._ready(files, models, drawings)
        for picture in files.pictures.maps:
            self.writer.add_map(picture)
        monitor.begin_stage(Stage.DRAWING, ready.steps)
        return ready

    def _note(self, files: JobFiles, models: JobModels, drawings: Drawings) -> None:
        prompts, record = drawings.first.prompts, self.record
        plans = [one.shared.plan.class_name for one in drawings.all]
        record.prediction = models.checkpoint.prediction.kind
        record.sampler_class = ", ".join(dict.fromkeys(plans))
        if self.request.clip_skip > 1 and not models.checkpoint.uses_clip_skip:
            record.note(NO_CLIP_SKIP)
        record.tokens = prompts.tokens
        record.models.extend(_really_used(models.applied, prompts.embeddings))
        record.models.extend(file.applied() for file in files.annotators)
        record.maps = len(self.request.controlnets)

    def _ready(self, files: JobFiles, models: JobModels, drawings: Drawings) -> Ready:
        words = drawings.first.prompts.embeddings
        hires, enlarger = self.request.hires, None
        if hires:
            size = self.request.size
            note = self.record.note
            enlarger = HiresEnlarger(models.vae, hires.upscaler, models.upscaler, size, note)
        one_at_a_time = any(one.shared.plan.one_at_a_time for one in drawings.all)
        return Ready(
            run=self,
            files=files,
            models=models,
            drawings=drawings,
            hires=enlarger,
            used=UsedFiles(files.checkpoint, files.vae, models.loras, files.controlnets, words),
            batches=list(seeds_of(self.request, one_at_a_time=one_at_a_time)),
        )

    def add(self, ready: Ready, latent: torch.Tensor, seeds: Seeds, seat: Seat) -> None:
        """Decode and store the job's next picture. Raises JobError, JobCancelled."""
        with self.record.timed("decode"):
            image = latents.decode(ready.models.vae, latent, self.record.note)
            ready.models.colours.learn(latent, image)
        painted = ready.files.pictures.inpainting
        whole = painted.finished(image) if painted else image
        infotext = write_infotext(self.request, ready.used, seeds)
        self.writer.add_picture(outputs.Finished(whole, seeds, infotext, seat))
        self.monitor.check()


def _really_used(
    applied: Sequence[AppliedModel], words: Sequence[Embedding]
) -> Iterator[AppliedModel]:
    """All but the textual inversions that no prompt names."""
    named = {word.file.sha256 for word in words}
    for model in applied:
        if model.kind is not ModelKind.EMBEDDING or model.sha256 in named:
            yield model
