"""Jobs of one command are run with the files that their results name."""

import hashlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from formats.generation.request import GenerationRequest
from formats.generation.result import GenerationResult
from formats.keys import model_key, output_key
from formats.models.kinds import ModelKind
from sagemaker_container.engine.cache.memory_cache import ModelCaches
from sagemaker_container.engine.control.detectors import UploadedDetectors
from sagemaker_container.engine.engine import Engine
from sagemaker_container.engine.files.disk_cache import DiskCache
from sagemaker_container.engine.files.fetcher import FileFetcher
from sagemaker_container.engine.job.files import JobFetcher
from sagemaker_container.engine.job.model_loader import JobModelLoader
from sagemaker_container.engine.models.conversion import WeightsConverter
from sagemaker_container.engine.models.loader import NetworkLoader
from sagemaker_container.engine.prompt.tokenizer import clip_tokenizer
from sagemaker_container.messages import JobFinished
from sagemaker_container.settings import ContainerSettings
from sagemaker_container.storage.bucket import S3Object
from sagemaker_container.storage.output_store import OutputStore
from tests.sagemaker_container.conftest import CPU

KEY = model_key(ModelKind.CHECKPOINT, "m.safetensors")
IDS = [f"01M82KW0B1ZSQ5JRV5KNRGBS6{n}" for n in range(3)]


class ReplacedBucket:
    """Holds one checkpoint, and after its first download another one."""

    def __init__(self, first: Path, then: Path) -> None:
        self._now, self._then = first, then
        self.stored: dict[str, bytes] = {}

    def head(self, key: str) -> S3Object | None:
        if key != KEY:
            return None
        data = self._now.read_bytes()
        return S3Object(key, f'"{self._now.name}"', len(data), hashlib.sha256(data).hexdigest())

    def exists(self, key: str) -> bool:
        return key == KEY

    def get(self, key: str, limit: int) -> None: ...

    def read_start(self, _found: S3Object, size: int) -> bytes:
        return self._now.read_bytes()[:size]

    def download(
        self,
        found: S3Object,
        path: Path,
        _check: Callable[[], None],
        received: Callable[[int], None],
    ) -> None:
        received(found.size)
        path.write_bytes(self._now.read_bytes())
        self._now = self._then

    def put(self, key: str, data: bytes, _content_type: str) -> None:
        self.stored[key] = data


class ResultChannel:
    """A channel that keeps the results."""

    sent_at = float("inf")

    def __init__(self) -> None:
        self.results: dict[str, GenerationResult] = {}

    def send(self, event: object) -> None:
        if isinstance(event, JobFinished):
            self.results[event.result.id] = event.result

    def is_cancelled(self, _job_id: str) -> bool:
        return False

    def forget(self, _job_id: str) -> None:
        """It was never cancelled."""


def run_jobs(folder: Path, bucket: Any, ids: list[str]) -> dict[str, tuple[str, Any]]:
    """By job, the sha256 that its result names, and its image."""
    cache = DiskCache(folder)
    fetcher = FileFetcher(bucket, cache)
    converter, detectors = WeightsConverter(cache, torch.float32), UploadedDetectors(bucket, CPU)
    files = JobFetcher(bucket, fetcher, converter, detectors)
    models = JobModelLoader(NetworkLoader(CPU), ModelCaches.create(CPU, None), CPU)
    store = OutputStore(bucket, ContainerSettings(bucket="things"), 0)
    engine = Engine(store, files, models, clip_tokenizer(), CPU)
    fields: dict[str, Any] = {
        "checkpoint": "m.safetensors",
        "prompt": "a dog",
        "seed": 7,
        "steps": 4,
        "width": 64,
        "height": 64,
    }
    channel: Any = ResultChannel()
    engine.run_jobs([GenerationRequest(id=name, **fields) for name in ids], channel)
    engine.finisher.wait()
    return {
        name: (
            channel.results[name].models[0].sha256,
            np.asarray(Image.open(io.BytesIO(bucket.stored[output_key(name, 0)])), dtype=int),
        )
        for name in ids
    }


def test_a_file_replaced_between_two_jobs_of_a_command(models: Path, tmp_path: Path) -> None:
    """They don't share a batch, and each is run with the file that its result names."""
    one, two = models / "tiny-noise-v1.safetensors", models / "tiny-noise-v2.safetensors"
    alone = {}
    for path in (one, two):
        sha256, image = run_jobs(tmp_path / path.stem, ReplacedBucket(path, path), IDS[:1])[IDS[0]]
        assert sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        alone[sha256] = image
    found = run_jobs(tmp_path / "both", ReplacedBucket(one, two), IDS)
    assert {sha256 for sha256, _ in found.values()} == set(alone)
    for sha256, image in found.values():
        assert abs(image - alone[sha256]).max() <= 2
