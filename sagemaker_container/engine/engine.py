"""The engine: runs jobs, from their files to their stored results, and keeps what outlives them."""

import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

import diffusers
import transformers
from transformers import CLIPTokenizer

from formats.generation.request import GenerationRequest
from sagemaker_container.bucket import ContainerBucket
from sagemaker_container.engine.cache.memory_cache import Caches
from sagemaker_container.engine.control.detectors import Detectors
from sagemaker_container.engine.device import Device, choose_device
from sagemaker_container.engine.files.disk_cache import DiskCache
from sagemaker_container.engine.files.fetcher import FileFetcher
from sagemaker_container.engine.files.prefetch import Prefetcher
from sagemaker_container.engine.job.batch import paint
from sagemaker_container.engine.job.files import JobFetcher
from sagemaker_container.engine.job.model_loader import Shelf
from sagemaker_container.engine.job.run import JobRun, Ready
from sagemaker_container.engine.job.upscale import upscale
from sagemaker_container.engine.models.conversion import WeightsConverter, dtype_name
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.engine.monitor import WorkerChannel
from sagemaker_container.engine.prompt.tokenizer import clip_tokenizer
from sagemaker_container.fast.warm_up import prepare
from sagemaker_container.settings import GIB, ContainerSettings


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Engine:
    """Runs the jobs of one command after the other, in one thread."""

    bucket: ContainerBucket
    files: JobFetcher
    shelf: Shelf
    tokenizer: CLIPTokenizer
    device: Device
    now: Callable[[], datetime] = _now

    @classmethod
    def open(cls, settings: ContainerSettings) -> Self:
        """Build it from settings. Raises RuntimeError for a device that isn't there."""
        _quiet_libraries()
        device, tokenizer = choose_device(settings.device), clip_tokenizer()
        bucket = ContainerBucket.connect(settings)
        disk_gb, memory_gb = settings.disk_cache_gb, settings.memory_cache_gb
        limit, variant = int(disk_gb * GIB) if disk_gb else None, dtype_name(device.dtype)
        disk = DiskCache(settings.models_dir, limit, variant)
        caches = Caches.of(device, int(memory_gb * GIB) if memory_gb else None)
        if device.is_gpu:
            prepare(device.torch_device, device.dtype)
        fetcher = FileFetcher(bucket, disk)
        detectors, converter = Detectors(bucket, device), WeightsConverter(disk, device.dtype)
        files = JobFetcher(bucket, fetcher, converter, detectors, Prefetcher(fetcher.fetch))
        shelf = Shelf(NetworkLoader(device), caches, device)
        return cls(bucket, files, shelf, tokenizer, device)

    def run_jobs(self, requests: Sequence[GenerationRequest], channel: WorkerChannel) -> None:
        """Run all jobs, those that can be together; each ends with a `JobFinished` on the channel.

        The jobs have the same `formats.generation.batching.batch_key`, or there is only one.
        Raises BrokenPipeError, EOFError: the front process is gone.
        """
        self.device.reset_peak()
        waiting = [
            JobRun(request, channel, self.bucket, self.device, self.now) for request in requests
        ]
        while waiting:
            ready, waiting = self._prepare(waiting)
            for alike in _by_prompt_length(ready):
                paint(alike, self.shelf.caches.drop_idle)

    def _prepare(self, runs: Sequence[JobRun]) -> tuple[list[Ready], list[JobRun]]:
        """Jobs that can be run with the same weights, and those that have to wait.

        A file may be replaced in S3 between two jobs' looks at it, and there is one place for a
        checkpoint on the device: nothing else is loaded before those that are ready have run.
        """
        ready: list[Ready] = []
        waiting: list[JobRun] = []
        for run in runs:
            with run.ending():
                if run.request.upscale is not None:
                    upscale(run, run.request.upscale, self.files, self.shelf)
                    continue
                files = run.fetch(self.files)
                if ready and files.networks != ready[0].files.networks:
                    waiting.append(run)
                else:
                    ready.append(run.prepare(files, self.shelf, self.tokenizer))
        return ready, waiting


def _quiet_libraries() -> None:
    """The log is for events; warnings that say nothing new at every job are left out."""
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    # Its time grid and the sampler's differ in the eighth digit; it goes on with its own.
    warnings.filterwarnings("ignore", module="torchsde")


def _by_prompt_length(ready: Sequence[Ready]) -> Iterator[list[Ready]]:
    """Jobs whose prompts have as many chunks: another length would give another image."""
    groups: dict[tuple[int, ...], list[Ready]] = {}
    for job in ready:
        lengths = tuple(one.prompts.length for one in job.drawings.all)
        groups.setdefault(lengths, []).append(job)
    yield from groups.values()
