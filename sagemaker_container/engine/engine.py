"""The engine: runs jobs, from their files to their stored results, and keeps loaded models."""

import os
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any, Self

import diffusers
import transformers
from transformers import CLIPTokenizer

from formats.generation.progress import MAX_CACHED_FILES
from formats.generation.request import GenerationRequest
from sagemaker_container import logs
from sagemaker_container.engine.cache.memory_cache import ModelCaches
from sagemaker_container.engine.control.detectors import UploadedDetectors
from sagemaker_container.engine.device import Device, choose_device
from sagemaker_container.engine.files.cache_folder import choose_folder
from sagemaker_container.engine.files.disk_cache import DiskCache
from sagemaker_container.engine.files.fetcher import FileFetcher
from sagemaker_container.engine.files.kernel_cache import KernelCache, triton_folder
from sagemaker_container.engine.job.batch import run_batches
from sagemaker_container.engine.job.files import JobFetcher
from sagemaker_container.engine.job.finishing import JobFinisher
from sagemaker_container.engine.job.model_loader import JobModelLoader
from sagemaker_container.engine.job.run import JobRun, PreparedJob
from sagemaker_container.engine.job.upscale import run_upscale
from sagemaker_container.engine.models.conversion import WeightsConverter, dtype_name
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.engine.monitor import WorkerChannel
from sagemaker_container.engine.prompt.tokenizer import clip_tokenizer
from sagemaker_container.fast.warm_up import compile_kernels, compile_or_disable, load_libraries
from sagemaker_container.messages import CachedModels
from sagemaker_container.settings import GIB, ContainerSettings
from sagemaker_container.storage.bucket import ContainerBucket
from sagemaker_container.storage.output_store import OutputStore


def _store_processes(device: Device) -> int:
    """How many processes store images; a CPU generates so slowly that threads do."""
    return max(1, min(6, (os.cpu_count() or 1) // 3)) if device.is_gpu else 0


def _now() -> datetime:
    return datetime.now(UTC)


def _warm_up(device: Device, bucket: ContainerBucket | None) -> None:
    """Compile the GPU's kernels, or fetch them from the bucket where one is given; load others."""

    def compile_cached(*target: Any) -> None:
        compiling = partial(compile_kernels, *target)
        if bucket is None:
            compiling()
        else:
            folder = triton_folder(os.environ)
            KernelCache(bucket, folder, device.compiler_versions()).run(compiling)

    compile_or_disable(device.torch_device, device.dtype, compile_cached)
    load_libraries(device.torch_device, device.dtype)


@dataclass(frozen=True)
class Engine:
    """Runs jobs, those of one command at a time, in one thread."""

    store: OutputStore
    fetcher: JobFetcher
    models: JobModelLoader
    tokenizer: CLIPTokenizer
    device: Device
    disk: DiskCache | None = None
    now: Callable[[], datetime] = _now
    finisher: JobFinisher = field(default_factory=JobFinisher)

    @classmethod
    def open(cls, settings: ContainerSettings) -> Self:
        """Build it from settings. Raises RuntimeError for a device that isn't there."""
        _quiet_libraries()
        device, tokenizer = choose_device(settings.device), clip_tokenizer()
        bucket = ContainerBucket.connect(settings)
        store = OutputStore(bucket, settings, _store_processes(device))
        store.warm_up()
        disk_gb, memory_gb = settings.disk_cache_gb, settings.memory_cache_gb
        disk_bytes = int(disk_gb * GIB) if disk_gb else None
        folder = choose_folder(settings.cache_folders)
        disk = DiskCache(folder, disk_bytes, dtype_name(device.dtype))
        caches = ModelCaches.create(device, int(memory_gb * GIB) if memory_gb else None)
        if device.is_gpu:
            _warm_up(device, bucket if settings.kernel_cache else None)
        files = FileFetcher(bucket, disk)
        fetcher = JobFetcher(
            bucket,
            files,
            WeightsConverter(disk, device.dtype),
            UploadedDetectors(bucket, device),
        )
        models = JobModelLoader(NetworkLoader(device), caches, device)
        return cls(store, fetcher, models, tokenizer, device, disk)

    def cached_models(self) -> CachedModels:
        """The model files that are held in memory, and on the disk."""
        return CachedModels(
            in_memory=self.models.hashes_in_memory()[:MAX_CACHED_FILES],
            on_disk=self.disk.hashes()[:MAX_CACHED_FILES] if self.disk else (),
        )

    def close(self) -> None:
        """Let the jobs end."""
        self.finisher.close()
        self.store.close()

    def run_jobs(self, requests: Sequence[GenerationRequest], channel: WorkerChannel) -> None:
        """Run all jobs, together where possible; each ends with a `JobFinished` on the channel.

        What is being stored then may end later, see `finisher`.

        The jobs have the same `formats.generation.batching.batch_key`, or there is only one.
        Raises BrokenPipeError, EOFError: the front process is gone.
        """
        with logs.working_on([request.id for request in requests]):
            self._run_jobs(requests, channel)

    def _run_jobs(self, requests: Sequence[GenerationRequest], channel: WorkerChannel) -> None:
        self.device.reset_peak()
        self.finisher.begin_group()
        waiting = [
            JobRun(request, channel, self.store, self.device, self.now) for request in requests
        ]
        while waiting:
            prepared, waiting = self._prepare(waiting)
            for jobs in _group_by_prompt_length(prepared):
                run_batches(jobs, self.models.free_device_memory, self.finisher.finish)

    def _prepare(self, runs: Sequence[JobRun]) -> tuple[list[PreparedJob], list[JobRun]]:
        """Prepare the jobs that run with the same weights; returns them, and the others.

        A file may be replaced in S3 after one job has fetched it and before the next one has. The
        device has one slot for a checkpoint, so other weights are loaded when the first jobs ran.
        """
        prepared: list[PreparedJob] = []
        waiting: list[JobRun] = []
        for run in runs:
            with run.ending_on_error():
                if run.request.upscale is not None:
                    run_upscale(run, run.request.upscale, self.fetcher, self.models)
                    continue
                files = run.fetch(self.fetcher)
                if prepared and files.weights_key != prepared[0].files.weights_key:
                    waiting.append(run)
                else:
                    prepared.append(run.prepare(files, self.models, self.tokenizer))
        return prepared, waiting


def _quiet_libraries() -> None:
    """Keep progress bars, and warnings that every job repeats, out of the log."""
    diffusers.utils.logging.disable_progress_bar()
    transformers.utils.logging.disable_progress_bar()
    # Its time grid and the sampler's differ in the eighth digit; it then uses its own.
    warnings.filterwarnings("ignore", module="torchsde")


def _group_by_prompt_length(jobs: Sequence[PreparedJob]) -> Iterator[list[PreparedJob]]:
    """Jobs whose prompts have as many chunks: a job's image would change with another length."""
    groups: dict[tuple[int, ...], list[PreparedJob]] = {}
    for job in jobs:
        lengths = tuple(one.prompts.length for one in job.passes.all)
        groups.setdefault(lengths, []).append(job)
    yield from groups.values()
