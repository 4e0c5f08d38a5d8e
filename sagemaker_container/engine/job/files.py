"""Fetches everything that a request names, and first checks that it fits together."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf
from typing import Final

from PIL import Image

from formats.generation.extra_networks import merge_loras
from formats.generation.infotext import PNG_KEY
from formats.generation.named_files import named_files
from formats.generation.request import GenerationRequest, LoraUse
from formats.generation.result import ErrorCode
from formats.models.kinds import ModelKind
from sagemaker_container.engine.control.detectors import JobDetector, UploadedDetectors
from sagemaker_container.engine.files.fetcher import FileFetcher
from sagemaker_container.engine.files.prefetch import Prefetcher
from sagemaker_container.engine.files.weights_file import WeightsFile
from sagemaker_container.engine.job.header_check import check_headers
from sagemaker_container.engine.job.images import (
    JobImages,
    input_images,
    prepare_images,
    read_input,
)
from sagemaker_container.engine.models.conversion import WeightsConverter
from sagemaker_container.errors import JobError
from sagemaker_container.storage.bucket import ContainerBucket

_MAX_ASKED: Final = 1000
_MAX_PREFETCHED_BYTES: Final = 256 * 2**20
"""Of images that wait in memory for their jobs."""


@dataclass(frozen=True)
class JobInputs:
    """What a request names, read and checked; nothing is made of it yet."""

    files: Sequence[WeightsFile]
    """In the order of `named_files`."""
    images: Mapping[tuple[str, str], Image.Image]
    """By hash and field, see `input_images`."""

    @property
    def image_bytes(self) -> int:
        """Memory of the images."""
        images = self.images.values()
        return sum(image.width * image.height * len(image.getbands()) for image in images)


@dataclass(frozen=True)
class JobFiles:
    """A job's files and images on this machine."""

    prompt: str
    """Without its `<lora:>` tags."""
    checkpoint: WeightsFile
    vae: WeightsFile | None
    loras: Sequence[tuple[WeightsFile, LoraUse]]
    embeddings: Sequence[WeightsFile]
    controlnets: Sequence[WeightsFile]
    upscaler: WeightsFile | None
    """Of the hires fix, if that needs a file."""
    images: JobImages
    annotators: Sequence[WeightsFile] = ()
    """Uploaded networks that made a control map."""

    @property
    def weights_key(self) -> tuple[str | None, ...]:
        """Equal for jobs that run with the same weights."""
        loras = (file for file, _ in self.loras)
        files = (self.checkpoint, self.vae, self.upscaler, *loras, *self.controlnets)
        return tuple(f"{file.sha256} {file.sidecar}" if file else None for file in files)


@dataclass(frozen=True)
class UpscaleFiles:
    """What an upscale job needs."""

    image: Image.Image
    infotext: str | None
    """The image's own, about how it was generated."""
    upscaler: WeightsFile | None


class JobFetcher:
    """Fetches for one job at a time, and ahead for the next ones; `check` is called between files
    and during downloads."""

    def __init__(
        self,
        bucket: ContainerBucket,
        fetcher: FileFetcher,
        converter: WeightsConverter,
        detectors: UploadedDetectors,
    ) -> None:
        self._bucket = bucket
        self._fetcher = fetcher
        self._converter = converter
        self._detectors = detectors
        self._asked_at: OrderedDict[str, float] = OrderedDict()
        """When the jobs came whose inputs are to be fetched ahead, in seconds of
        `time.monotonic`."""
        self._prefetcher = Prefetcher(
            self._read, lambda read: read.image_bytes, _MAX_PREFETCHED_BYTES
        )

    @property
    def downloaded(self) -> tuple[int, int]:
        """Bytes of the current job's files that have come from S3, and all that must."""
        return self._fetcher.progress.bytes

    def prefetch(self, requests: Sequence[GenerationRequest]) -> None:
        """Fetch what later jobs need in the background, while no job fetches for itself."""
        now = time.monotonic()
        for request in requests:
            self._asked_at.setdefault(request.id, now)
        while len(self._asked_at) > _MAX_ASKED:  # jobs that were cancelled before they ran
            self._asked_at.popitem(last=False)
        self._prefetcher.start(requests)

    def fetch(self, request: GenerationRequest, check: Callable[[], None]) -> JobFiles:
        """All files of a generation. Raises JobError."""
        prompt, loras = split_prompt(request)
        inputs = self._inputs(request, check)
        files, read = inputs.files, inputs.images

        def fetch_detector(kind: ModelKind, name: str) -> WeightsFile:
            with self._prefetcher.alone(check):
                return self._file(request, kind, name, check)

        detector = JobDetector(self._detectors, fetch_detector)
        (checkpoint,) = _of_kind(files, ModelKind.CHECKPOINT)
        return JobFiles(
            prompt=prompt,
            checkpoint=checkpoint,
            vae=next(iter(_of_kind(files, ModelKind.VAE)), None),
            loras=list(zip(_of_kind(files, ModelKind.LORA), loras, strict=True)),
            embeddings=_of_kind(files, ModelKind.EMBEDDING),
            controlnets=_of_kind(files, ModelKind.CONTROLNET),
            upscaler=next(iter(_of_kind(files, ModelKind.UPSCALER)), None),
            images=prepare_images(request, lambda *image: read[image], detector.detect),
            annotators=detector.used,
        )

    def fetch_upscale(self, request: GenerationRequest, check: Callable[[], None]) -> UpscaleFiles:
        """The image and the upscaler of an upscale job. Raises JobError."""
        inputs = self._inputs(request, check)
        (image,) = inputs.images.values()
        return UpscaleFiles(image, image.info.get(PNG_KEY), next(iter(inputs.files), None))

    def _inputs(self, request: GenerationRequest, check: Callable[[], None]) -> JobInputs:
        """What was fetched ahead, or is fetched now."""
        self._fetcher.begin_job()
        self._fetcher.count_anew()
        ready = self._prefetcher.take(request, check)
        # What came early may have had to make room for another job's files.
        if ready is not None and all(map(self._fetcher.keep, ready.files)):
            return replace(ready, files=[replace(file, tier="disk") for file in ready.files])
        with self._prefetcher.alone(check):
            return self._read(request, check)

    def _read(self, request: GenerationRequest, check: Callable[[], None]) -> JobInputs:
        asked_at = self._asked_at.pop(request.id, None) or time.monotonic()
        names = named_files(request)
        if request.upscale is None:
            self._check_headers(request, names, check, asked_at)
        # First the images: a missing one must not be found after gigabytes.
        images = {
            (sha256, field): read_input(self._bucket, sha256, field)
            for sha256, field in dict.fromkeys(input_images(request))
        }
        files = [self._file(request, *each, check, asked_at) for each in names]
        return JobInputs(files, images)

    def _file(
        self,
        request: GenerationRequest,
        kind: ModelKind,
        name: str,
        check: Callable[[], None],
        asked_at: float = inf,
    ) -> WeightsFile:
        check()
        file = self._fetcher.fetch(kind, name, request.hashes, check, asked_at)
        return file if kind is ModelKind.UPSCALER else self._converter.convert(file, check)

    def _check_headers(
        self,
        request: GenerationRequest,
        names: Sequence[tuple[ModelKind, str]],
        check: Callable[[], None],
        asked_at: float,
    ) -> None:
        """Check the files by their headers, before a whole file is fetched."""
        files = []
        for kind, name in names:
            check()
            files.append(self._fetcher.fetch_header(kind, name, request.hashes, asked_at))
        (checkpoint,) = _of_kind(files, ModelKind.CHECKPOINT)
        others = [file for file in files if file is not checkpoint]
        check_headers(checkpoint, others, request.clip_skip)


def _of_kind(files: Sequence[WeightsFile], kind: ModelKind) -> list[WeightsFile]:
    return [file for file in files if file.kind is kind]


def split_prompt(request: GenerationRequest) -> tuple[str, tuple[LoraUse, ...]]:
    """The prompt without tags, and all LoRAs to apply. Raises JobError(BAD_REQUEST)."""
    try:
        return merge_loras(request.loras, request.prompt)
    except ValueError as error:
        raise JobError(ErrorCode.BAD_REQUEST, str(error), "prompt") from error
