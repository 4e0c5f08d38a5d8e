"""Fetches everything a request names, and refuses what doesn't go together, before any loading."""

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
from formats.limits import MAX_LORAS
from formats.models.kinds import ModelKind
from sagemaker_container.bucket import ContainerBucket
from sagemaker_container.engine.control.detectors import Detectors, JobDetector
from sagemaker_container.engine.files.fetcher import FileFetcher
from sagemaker_container.engine.files.prefetch import Prefetcher
from sagemaker_container.engine.files.weights_file import WeightsFile
from sagemaker_container.engine.job.header_check import check_together
from sagemaker_container.engine.job.images import (
    JobPictures,
    input_pictures,
    job_pictures,
    read_input,
)
from sagemaker_container.engine.models.conversion import WeightsConverter
from sagemaker_container.errors import JobError


@dataclass(frozen=True)
class JobFiles:
    """A job's files and pictures on this machine."""

    prompt: str
    """Without its `<lora:>` tags."""
    checkpoint: WeightsFile
    vae: WeightsFile | None
    loras: Sequence[tuple[WeightsFile, LoraUse]]
    embeddings: Sequence[WeightsFile]
    controlnets: Sequence[WeightsFile]
    upscaler: WeightsFile | None
    """Of the hires fix, where that needs a file."""
    pictures: JobPictures
    annotators: Sequence[WeightsFile] = ()
    """Uploaded networks that made a map."""

    @property
    def networks(self) -> tuple[str | None, ...]:
        """Equal for jobs that the same weights draw."""
        loras = (file for file, _ in self.loras)
        files = (self.checkpoint, self.vae, self.upscaler, *loras, *self.controlnets)
        return tuple(f"{file.sha256} {file.sidecar}" if file else None for file in files)


@dataclass(frozen=True)
class UpscaleFiles:
    """What an upscale job needs."""

    picture: Image.Image
    infotext: str | None
    """What the picture says of how it was made."""
    upscaler: WeightsFile | None


class JobFetcher:
    """Fetches for one job at a time; `check` may end it between two files and within one."""

    def __init__(
        self,
        bucket: ContainerBucket,
        fetcher: FileFetcher,
        converter: WeightsConverter,
        detectors: Detectors,
        prefetcher: Prefetcher,
    ) -> None:
        self._bucket = bucket
        self._fetcher = fetcher
        self._converter = converter
        self._detectors = detectors
        self._prefetcher = prefetcher

    def prefetch(self, request: GenerationRequest) -> None:
        """Bring a later job's files in the background, whenever none are fetched here."""
        self._prefetcher.start(request)

    def fetch(self, request: GenerationRequest, check: Callable[[], None]) -> JobFiles:
        """All files of a request, checked against each other. Raises JobError."""
        with self._prefetcher.paused(request, check):
            return self._fetch(request, check)

    def _fetch(self, request: GenerationRequest, check: Callable[[], None]) -> JobFiles:
        prompt, uses = read_prompt(request)
        names = named_files(request)
        self._fetcher.begin_job()

        def fetched(kind: ModelKind, name: str) -> WeightsFile:
            check()
            file = self._fetcher.fetch(kind, name, request.hashes, check)
            return self._converter.convert(file, check)

        self._check_headers(request, names, check)
        read = cache(self._read)
        for sha256, field in input_pictures(request):
            read(sha256, field)  # a missing one shall not be told after gigabytes
        detector = JobDetector(self._detectors, fetched)
        files = [fetched(kind, name) for kind, name in names]
        (checkpoint,) = _of_kind(files, ModelKind.CHECKPOINT)
        return JobFiles(
            prompt=prompt,
            checkpoint=checkpoint,
            vae=next(iter(_of_kind(files, ModelKind.VAE)), None),
            loras=list(zip(_of_kind(files, ModelKind.LORA), uses, strict=True)),
            embeddings=_of_kind(files, ModelKind.EMBEDDING),
            controlnets=_of_kind(files, ModelKind.CONTROLNET),
            upscaler=next(iter(_of_kind(files, ModelKind.UPSCALER)), None),
            pictures=job_pictures(request, read, detector.detect),
            annotators=detector.used,
        )

    def fetch_upscale(
        self, request: GenerationRequest, upscale: Upscale, check: Callable[[], None]
    ) -> UpscaleFiles:
        """The picture and the upscaler of an upscale job. Raises JobError."""
        with self._prefetcher.paused(request, check):
            return self._fetch_upscale(request, upscale, check)

    def _fetch_upscale(
        self, request: GenerationRequest, upscale: Upscale, check: Callable[[], None]
    ) -> UpscaleFiles:
        self._fetcher.begin_job()
        picture = read_input(self._bucket, request.init_image or "", "init_image")
        name = upscaler_file(upscale.upscaler)
        file = None
        if name:
            file = self._fetcher.fetch(ModelKind.UPSCALER, name, request.hashes, check)
        return UpscaleFiles(picture, picture.info.get(PNG_KEY), file)

    def _read(self, sha256: str, field: str) -> Image.Image:
        return read_input(self._bucket, sha256, field)

    def _check_headers(
        self,
        request: GenerationRequest,
        names: Sequence[tuple[ModelKind, str]],
        check: Callable[[], None],
    ) -> None:
        """Refuse what doesn't go together by the files' first bytes, before any is fetched."""
        files = []
        for kind, name in names:
            check()
            files.append(self._fetcher.fetch_header(kind, name, request.hashes))
        (checkpoint,) = _of_kind(files, ModelKind.CHECKPOINT)
        others = [file for file in files if file is not checkpoint]
        check_together(checkpoint, others, request.clip_skip)


def _of_kind(files: Sequence[WeightsFile], kind: ModelKind) -> list[WeightsFile]:
    """The files of a kind, in their order."""
    return [file for file in files if file.kind is kind]


def read_prompt(request: GenerationRequest) -> tuple[str, tuple[LoraUse, ...]]:
    """The prompt without tags and all LoRAs to apply. Raises JobError(BAD_REQUEST)."""
    try:
        prompt, uses = merge_loras(request.loras, request.prompt)
    except ValueError as error:
        raise JobError(ErrorCode.BAD_REQUEST, str(error), "prompt") from error
    if len(uses) > MAX_LORAS:
        message = f"The job names {len(uses)} LoRAs; {MAX_LORAS} is the limit."
        raise JobError(ErrorCode.BAD_REQUEST, message, "loras")
    return prompt, uses
