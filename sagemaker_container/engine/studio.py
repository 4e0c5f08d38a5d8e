"""Makes a request's pictures, from its files to the stored result: the whole of the engine."""

import gc
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import torch
from transformers import CLIPTokenizer

from formats.kinds import ModelKind
from formats.progress import Stage
from formats.request import GenerationRequest
from formats.result import AppliedModel, ErrorCode, Failure, GenerationResult, Picture
from sagemaker_container.bucket import Bucket
from sagemaker_container.engine.batches import draw_pictures
from sagemaker_container.engine.conversion import Converter, variant_name
from sagemaker_container.engine.device import Device, choose
from sagemaker_container.engine.disk_cache import DiskCache
from sagemaker_container.engine.drawing import first_pass
from sagemaker_container.engine.embeddings import Embedding
from sagemaker_container.engine.fetcher import Fetcher
from sagemaker_container.engine.job_files import JobFetcher
from sagemaker_container.engine.loading import Loader
from sagemaker_container.engine.memory_cache import MemoryCache
from sagemaker_container.engine.monitor import Monitor
from sagemaker_container.engine.outputs import OutputWriter
from sagemaker_container.engine.picture_info import UsedFiles, write_infotext
from sagemaker_container.engine.prefetch import Prefetcher
from sagemaker_container.engine.record import Record
from sagemaker_container.engine.shelf import Shelf
from sagemaker_container.engine.tokenizer import clip_tokenizer
from sagemaker_container.errors import JobCancelled, JobError
from sagemaker_container.settings import GIB, Settings

_log = logging.getLogger(__name__)


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Studio:
    """Everything that outlives a job."""

    bucket: Bucket
    files: JobFetcher
    prefetcher: Prefetcher
    shelf: Shelf
    tokenizer: CLIPTokenizer
    device: Device
    now: Callable[[], datetime] = _now

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Build it from settings. Raises RuntimeError for a device that isn't there."""
        device, tokenizer = choose(settings.device), clip_tokenizer()
        bucket = Bucket.connect(settings)
        disk_gb, memory_gb = settings.disk_cache_gb, settings.memory_cache_gb
        limit, variant = int(disk_gb * GIB) if disk_gb else None, variant_name(device.dtype)
        disk = DiskCache(settings.models_dir, limit, variant)
        memory = MemoryCache(int(memory_gb * GIB) if memory_gb else device.free_bytes() // 2)
        fetcher = Fetcher(bucket, disk)
        files = JobFetcher(bucket, fetcher, Converter(disk, device.dtype))
        prefetcher = Prefetcher(fetcher.fetch)
        shelf = Shelf(Loader(device), memory, device)
        return cls(bucket, files, prefetcher, shelf, tokenizer, device)

    def draw(self, request: GenerationRequest, monitor: Monitor) -> GenerationResult:
        """Make a request's pictures and store them; every way a job can end is a result.

        The caller stores the result. Raises BrokenPipeError, EOFError: the front process is gone.
        """
        record = Record(request, self.device, self.now, self.now())
        self.device.begin_job()
        try:
            with _memory_errors():
                return record.succeeded(self._draw(request, monitor, record))
        except JobCancelled:
            message = "The job was cancelled."
            return record.cancelled(Failure(code=ErrorCode.CANCELLED, message=message))
        except JobError as error:
            _log.info("event=refused job=%s code=%s", request.id, error.code)
            return record.failed(error.failure())
        except (BrokenPipeError, EOFError):
            raise
        except Exception as error:  # noqa: BLE001  # the worker's edge: the next job must run
            _log.exception("event=failed job=%s", request.id)
            message = f"The container failed: {type(error).__name__}. Its log says more."
            return record.failed(Failure(code=ErrorCode.INTERNAL, message=message))

    def _draw(
        self, request: GenerationRequest, monitor: Monitor, record: Record
    ) -> tuple[Picture, ...]:
        monitor.stage(Stage.FETCHING)
        with record.timed("fetch"), self.prefetcher.paused(request, monitor.check):
            files = self.files.fetch(request, monitor.check)
        monitor.stage(Stage.LOADING)
        with record.timed("load"):
            models = self.shelf.take(request, files, monitor.check)
        with record.timed("encode"):
            drawing = first_pass(request, files, models, self.tokenizer, monitor.check)
        prompts, pictures = drawing.prompts, files.pictures
        record.sampler_class = drawing.shared.plan.class_name
        record.tokens = prompts.tokens
        record.models.extend(_really_used(models.applied, prompts.embeddings))
        used = UsedFiles(
            files.checkpoint, files.vae, models.loras, files.controlnets, prompts.embeddings
        )
        with OutputWriter(self.bucket, request.id) as writer:
            for picture in pictures.maps:
                writer.add_map(picture)
            drawn = draw_pictures(drawing, request, models.colours, monitor, record)
            for image, seeds in drawn:
                whole = pictures.inpainting.finished(image) if pictures.inpainting else image
                writer.add_picture(whole, seeds.seed, write_infotext(request, used, seeds))
            monitor.stage(Stage.SAVING)
            with record.timed("save"):
                record.maps = len(pictures.maps)
                return writer.finish()


def _really_used(
    applied: Sequence[AppliedModel], words: Sequence[Embedding]
) -> Iterator[AppliedModel]:
    """All but the textual inversions that no prompt names."""
    named = {word.file.sha256 for word in words}
    for model in applied:
        if model.kind is not ModelKind.EMBEDDING or model.sha256 in named:
            yield model


@contextmanager
def _memory_errors() -> Iterator[None]:
    """PyTorch's two ways of saying that memory is full become ours."""
    try:
        yield
    except RuntimeError as error:
        is_cpu_full = "allocate memory" in str(error) or "not enough memory" in str(error)
        if not isinstance(error, torch.OutOfMemoryError) and not is_cpu_full:
            raise
        gc.collect()
        torch.cuda.empty_cache()
        message = "The instance has too little memory for this job; make smaller or fewer pictures."
        raise JobError(ErrorCode.OUT_OF_MEMORY, message) from error
