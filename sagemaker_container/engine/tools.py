"""Owns what outlives a job: the bucket, the caches, the loaded models."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from transformers import CLIPTokenizer

from sagemaker_container.bucket import Bucket
from sagemaker_container.engine.control.detectors import Detectors
from sagemaker_container.engine.device import Device, choose
from sagemaker_container.engine.files.conversion import Converter, variant_name
from sagemaker_container.engine.files.disk_cache import DiskCache
from sagemaker_container.engine.files.fetcher import Fetcher
from sagemaker_container.engine.files.prefetch import Prefetcher
from sagemaker_container.engine.job.files import JobFetcher
from sagemaker_container.engine.job.model_loader import Caches, Shelf
from sagemaker_container.engine.models.loader import Loader
from sagemaker_container.engine.prompt.tokenizer import clip_tokenizer
from sagemaker_container.fast.warm_up import prepare
from sagemaker_container.settings import GIB, Settings


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Tools:
    """What every job is done with."""

    bucket: Bucket
    files: JobFetcher
    prefetcher: Prefetcher
    shelf: Shelf
    tokenizer: CLIPTokenizer
    device: Device
    now: Callable[[], datetime] = _now

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Build them from settings. Raises RuntimeError for a device that isn't there."""
        device, tokenizer = choose(settings.device), clip_tokenizer()
        bucket = Bucket.connect(settings)
        disk_gb, memory_gb = settings.disk_cache_gb, settings.memory_cache_gb
        limit, variant = int(disk_gb * GIB) if disk_gb else None, variant_name(device.dtype)
        disk = DiskCache(settings.models_dir, limit, variant)
        caches = Caches.of(device, int(memory_gb * GIB) if memory_gb else None)
        if device.is_gpu:
            prepare(device.place, device.dtype)
        fetcher = Fetcher(bucket, disk)
        detectors = Detectors(bucket, device)
        files = JobFetcher(bucket, fetcher, Converter(disk, device.dtype), detectors)
        prefetcher = Prefetcher(fetcher.fetch)
        shelf = Shelf(Loader(device), caches, device)
        return cls(bucket, files, prefetcher, shelf, tokenizer, device)
