"""The run of one job in the worker: its state, from the request to the stored result."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import torch
from transformers import CLIPTokenizer

from formats.generation.progress import Stage
from formats.generation.request import GenerationRequest
from formats.generation.result import AppliedModel, ErrorCode, Failure, GenerationResult
from formats.models.kinds import ModelKind
from sagemaker_container.engine.device import Device
from sagemaker_container.engine.job.files import JobFetcher, JobFiles
from sagemaker_container.engine.job.infotext import UsedFiles, write_infotext
from sagemaker_container.engine.job.model_loader import JobModelLoader, JobModels
from sagemaker_container.engine.job.outputs import BatchPosition, OutputImage, OutputWriter
from sagemaker_container.engine.job.passes import JobPasses, PassBuilder, batch_seeds
from sagemaker_container.engine.job.record import JobRecord
from sagemaker_container.engine.memory import retry_out_of_memory, translate_out_of_memory
from sagemaker_container.engine.models import latents
from sagemaker_container.engine.monitor import JobMonitor, WorkerChannel
from sagemaker_container.engine.prompt.embeddings import Embedding
from sagemaker_container.engine.sampling.noise import Seeds
from sagemaker_container.engine.upscale.hires import HiresUpscaler
from sagemaker_container.errors import JobCancelled, JobError
from sagemaker_container.messages import JobFinished
from sagemaker_container.storage.output_store import OutputStore
from sagemaker_container.texts import jobs as texts

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class PreparedJob:
    """A job whose passes can be run."""

    run: "JobRun"
    files: JobFiles
    models: JobModels
    passes: JobPasses
    hires: HiresUpscaler | None
    used: UsedFiles
    batches: Sequence[Sequence[Seeds]]
    """For each batch that the request asks for, the seeds of its images."""

    @property
    def steps(self) -> int:
        """Steps of all passes of all batches."""
        return sum(one.denoiser.plan.run_steps for one in self.passes.all) * len(self.batches)

    def add_image(self, latent: torch.Tensor, seeds: Seeds, position: BatchPosition) -> None:
        """Decode and store the job's next image. Raises JobError, JobCancelled."""
        record = self.run.record
        with record.timed("decode"):
            image = latents.decode(self.models.vae, latent, record.add_note)
            self.models.latent_preview.fit(latent, image)
        inpaint = self.files.images.inpaint
        whole = inpaint.composite(image) if inpaint else image
        infotext = write_infotext(self.run.request, self.used, seeds)
        self.run.writer.add_image(OutputImage(whole, seeds, infotext, position))
        self.run.monitor.check()


class JobRun:
    """One job in the worker. It ends once, with a `JobFinished`."""

    def __init__(
        self,
        request: GenerationRequest,
        channel: WorkerChannel,
        store: OutputStore,
        device: Device,
        now: Callable[[], datetime],
    ) -> None:
        self.request = request
        self.monitor = JobMonitor(channel, request.id)
        self.record = JobRecord(request, device, now, now())
        self.writer = OutputWriter(store, request.id)
        self._channel = channel
        self._is_running = True
        self._steps_before = 0
        """Steps of the passes before the current one."""
        self._steps_done = 0

    @property
    def is_running(self) -> bool:
        """Whether it has not ended yet."""
        return self._is_running

    @contextmanager
    def ending_on_error(self) -> Iterator[None]:
        """An error in the block ends the job, with a result that says why.

        Raises BrokenPipeError, EOFError: the front process is gone.
        """
        try:
            with translate_out_of_memory():
                yield
        except JobCancelled:
            failure = Failure(code=ErrorCode.CANCELLED, message=texts.CANCELLED)
            self._end(self.record.cancelled_result(failure))
        except JobError as error:
            _log.info("event=refused job=%s code=%s", self.request.id, error.code)
            self._end(self.record.failure_result(error.failure()))
        except (BrokenPipeError, EOFError):
            raise
        except Exception as error:  # noqa: BLE001  # the worker's edge: the next job must run
            _log.exception("event=failed job=%s", self.request.id)
            message = texts.failed(type(error).__name__)
            failure = Failure(code=ErrorCode.INTERNAL, message=message)
            self._end(self.record.failure_result(failure))

    def finish(self) -> None:
        """Wait until all images are stored, and end. Raises JobError, JobCancelled."""
        self.monitor.begin_stage(Stage.SAVING)
        with self.record.timed("save"):
            images = self.writer.wait()
        self._end(self.record.success_result(images))

    def _end(self, result: GenerationResult) -> None:
        if self._is_running:
            self._is_running = False
            self.writer.close()
            self._channel.send(JobFinished(result))
            self._channel.forget(self.request.id)

    def begin_pass(self) -> None:
        """From now on, reported steps are added to those that were done before."""
        self._steps_before = self._steps_done

    def restart_pass(self) -> None:
        """The steps of the current pass will be run again."""
        self._steps_done = self._steps_before

    def report_steps(self, steps: int, total: int, preview: Callable[[], bytes]) -> None:
        """Report that so many steps of the current pass are done; `total` is the whole job's.

        Raises JobCancelled.
        """
        self._steps_done = self._steps_before + steps
        self.monitor.report_step(self._steps_done, total, preview)

    def fetch(self, fetcher: JobFetcher) -> JobFiles:
        """Fetch everything that the request names. Raises JobError, JobCancelled."""
        self.monitor.begin_stage(Stage.FETCHING)
        with self.record.timed("fetch"):
            return fetcher.fetch(self.request, self.download_check(fetcher))

    def download_check(self, fetcher: JobFetcher) -> Callable[[], None]:
        """The check for cancels that also tells how much of the files has come."""
        return lambda: self.monitor.report_download(*fetcher.downloaded)

    def prepare(
        self, files: JobFiles, loader: JobModelLoader, tokenizer: CLIPTokenizer
    ) -> PreparedJob:
        """Load the models, encode prompts and images. Raises JobError, JobCancelled."""
        request, monitor, record = self.request, self.monitor, self.record
        monitor.begin_stage(Stage.LOADING)
        with record.timed("load"):
            models = retry_out_of_memory(
                lambda: loader.load(request, files, monitor.check), loader.free_device_memory
            )
        with record.timed("encode"):
            check, add_note = monitor.check, record.add_note
            builder = PassBuilder(request, files, models, tokenizer, check, add_note)
            passes = builder.build()
        self._record_models(files, models, passes)
        prepared = self._prepared_job(files, models, passes)
        for control_map in files.images.maps:
            self.writer.add_map(control_map)
        monitor.begin_stage(Stage.DRAWING, prepared.steps)
        return prepared

    def _record_models(self, files: JobFiles, models: JobModels, passes: JobPasses) -> None:
        prompts, record = passes.first.prompts, self.record
        samplers = [one.denoiser.plan.class_name for one in passes.all]
        record.prediction = models.checkpoint.prediction.kind
        record.sampler_class = ", ".join(dict.fromkeys(samplers))
        if self.request.clip_skip > 1 and not models.checkpoint.uses_clip_skip:
            record.add_note(texts.CLIP_SKIP_UNUSED)
        for note in models.notes:
            record.add_note(note)
        record.tokens = prompts.tokens
        record.models.extend(_without_unnamed_embeddings(models.applied, prompts.embeddings))
        record.models.extend(file.result_entry() for file in files.annotators)
        record.maps = len(self.request.controlnets)

    def _prepared_job(self, files: JobFiles, models: JobModels, passes: JobPasses) -> PreparedJob:
        named = passes.first.prompts.embeddings
        hires, upscaler = self.request.hires, None
        if hires:
            size, add_note = self.request.size, self.record.add_note
            upscaler = HiresUpscaler(models.vae, hires.upscaler, models.upscaler, size, add_note)
        one_at_a_time = any(one.denoiser.plan.one_at_a_time for one in passes.all)
        return PreparedJob(
            run=self,
            files=files,
            models=models,
            passes=passes,
            hires=upscaler,
            used=UsedFiles(files.checkpoint, files.vae, models.loras, files.controlnets, named),
            batches=list(batch_seeds(self.request, one_at_a_time=one_at_a_time)),
        )


def _without_unnamed_embeddings(
    applied: Sequence[AppliedModel], named: Sequence[Embedding]
) -> Iterator[AppliedModel]:
    """Leave out the textual inversions that no prompt names."""
    names = {embedding.file.name for embedding in named}
    for model in applied:
        if model.kind is not ModelKind.EMBEDDING or model.name in names:
            yield model
