"""Fetches everything that a request names, and first checks that it fits together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from PIL import Image

from formats.generation.extra_networks import merge_loras
from formats.generation.infotext import PNG_KEY
from formats.generation.named_files import named_files
from formats.generation.request import GenerationRequest, LoraUse
from formats.generation.result import ErrorCode
from formats.generation.upscaling import Upscale, upscaler_file
from formats.models.kinds import ModelKind
from sagemaker_container.bucket import ContainerBucket
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
    """Fetches for one job at a time; `check` is called between files and during downloads."""

    def __init__(
        self,
        bucket: ContainerBucket,
        fetcher: FileFetcher,
        converter: WeightsConverter,
        detectors: UploadedDetectors,
        prefetcher: Prefetcher,
    ) -> None:
        self._bucket = bucket
        self._fetcher = fetcher
        self._converter = converter
        self._detectors = detectors
        self._prefetcher = prefetcher

    @property
    def downloaded(self) -> tuple[int, int]:
        """Bytes of the current job's files that have come from S3, and all that must."""
        return self._fetcher.progress.bytes

    def prefetch(self, request: GenerationRequest) -> None:
        """Fetch a later job's files in the background, while no job fetches its own."""
        self._prefetcher.start(request)

    def fetch(self, request: GenerationRequest, check: Callable[[], None]) -> JobFiles:
        """All files of a generation. Raises JobError."""
        self._fetcher.count_anew()
        with self._prefetcher.paused(request, check):
            return self._fetch(request, check)

    def _fetch(self, request: GenerationRequest, check: Callable[[], None]) -> JobFiles:
        prompt, loras = split_prompt(request)
        names = named_files(request)
        self._fetcher.begin_job()

        def fetch_file(kind: ModelKind, name: str) -> WeightsFile:
            check()
            file = self._fetcher.fetch(kind, name, request.hashes, check)
            return self._converter.convert(file, check)

        self._check_headers(request, names, check)
        read = cache(self._read_image)
        for sha256, field in input_images(request):
            read(sha256, field)  # a missing image must not be found after gigabytes
        detector = JobDetector(self._detectors, fetch_file)
        files = [fetch_file(kind, name) for kind, name in names]
        (checkpoint,) = _of_kind(files, ModelKind.CHECKPOINT)
        return JobFiles(
            prompt=prompt,
            checkpoint=checkpoint,
            vae=next(iter(_of_kind(files, ModelKind.VAE)), None),
            loras=list(zip(_of_kind(files, ModelKind.LORA), loras, strict=True)),
            embeddings=_of_kind(files, ModelKind.EMBEDDING),
            controlnets=_of_kind(files, ModelKind.CONTROLNET),
            upscaler=next(iter(_of_kind(files, ModelKind.UPSCALER)), None),
            images=prepare_images(request, read, detector.detect),
            annotators=detector.used,
        )

    def fetch_upscale(
        self, request: GenerationRequest, upscale: Upscale, check: Callable[[], None]
    ) -> UpscaleFiles:
        """The image and the upscaler of an upscale job. Raises JobError."""
        self._fetcher.count_anew()
        with self._prefetcher.paused(request, check):
            return self._fetch_upscale(request, upscale, check)

    def _fetch_upscale(
        self, request: GenerationRequest, upscale: Upscale, check: Callable[[], None]
    ) -> UpscaleFiles:
        self._fetcher.begin_job()
        image = read_input(self._bucket, request.init_image or "", "init_image")
        name = upscaler_file(upscale.upscaler)
        file = None
        if name:
            file = self._fetcher.fetch(ModelKind.UPSCALER, name, request.hashes, check)
        return UpscaleFiles(image, image.info.get(PNG_KEY), file)

    def _read_image(self, sha256: str, field: str) -> Image.Image:
        return read_input(self._bucket, sha256, field)

    def _check_headers(
        self,
        request: GenerationRequest,
        names: Sequence[tuple[ModelKind, str]],
        check: Callable[[], None],
    ) -> None:
        """Check the files by their headers, before a whole file is fetched."""
        files = []
        for kind, name in names:
            check()
            files.append(self._fetcher.fetch_header(kind, name, request.hashes))
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
