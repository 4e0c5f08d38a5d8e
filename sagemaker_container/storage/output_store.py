"""Stores images in S3: a PNG with its infotext and a WebP thumbnail, in threads or processes.

A GPU generates images faster than one Python process can encode and send them beside it: boto3
alone takes 10 ms of Python for an object, in which no thread starts a kernel.
"""

import hashlib
import io
import multiprocessing
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, TypeVar

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from formats import keys
from formats.generation.infotext import PNG_KEY, PNG_POSTPROCESSING_KEY
from formats.generation.result import Picture
from sagemaker_container import logs
from sagemaker_container.processes import follow_parent
from sagemaker_container.settings import ContainerSettings
from sagemaker_container.storage.bucket import ContainerBucket

THUMBNAIL_SIDE: Final = 256
"""The longer side, in pixels."""

_THREADS: Final = 4
_PNG_LEVEL: Final = 4
"""zlib's: its default of 6 takes a third longer and saves 2 %."""

R = TypeVar("R")


@dataclass(frozen=True)
class Output:
    """An image to be stored, and what is known of it."""

    job_id: str
    image: Image.Image
    index: int
    infotext: str
    postprocessing: str
    """How the image was upscaled, of an upscale job; else empty."""
    entry: Mapping[str, Any]
    """Further fields of its `Picture`."""


class OutputStore:
    """Stores what jobs made; as many processes as are asked for do so, or threads without any."""

    def __init__(
        self, bucket: ContainerBucket, settings: ContainerSettings, processes: int
    ) -> None:
        self._bucket = bucket
        self._settings = settings
        self._processes = processes
        self._executor = self._open()

    def warm_up(self) -> None:
        """Let the processes start now, and not with the first image."""
        for _ in range(self._processes):
            self._submit(_do_nothing)

    def store(self, output: Output) -> tuple["Future[Picture]", "Future[None]"]:
        """Store an image and its thumbnail, whose futures raise JobError(STORAGE)."""
        png, thumbnail = partial(store_png, output=output), partial(store_thumbnail, output=output)
        return self._submit(png), self._submit(thumbnail)

    def put_png(self, key: str, image: Image.Image) -> "Future[None]":
        """Store another image of a job."""
        return self._submit(partial(_put_png, key=key, image=image))

    def close(self) -> None:
        """Let what was begun end."""
        self._executor.shutdown(wait=True)

    def _open(self) -> Executor:
        if not self._processes:
            return ThreadPoolExecutor(_THREADS, thread_name_prefix="store")
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(self._processes, context, _begin_process, (self._settings,))

    def _submit(self, work: Callable[[ContainerBucket], R]) -> "Future[R]":
        if not self._processes:
            return self._executor.submit(work, self._bucket)
        try:
            return self._executor.submit(_run_in_process, work)
        except BrokenProcessPool:  # a process was killed; the jobs whose images it had have failed
            self._executor = self._open()
            return self._executor.submit(_run_in_process, work)


_process_bucket: list[ContainerBucket] = []
"""The bucket of a storing process."""


def _begin_process(settings: ContainerSettings) -> None:
    logs.configure(settings.log_level, "store")
    follow_parent()
    _process_bucket.append(ContainerBucket.connect(settings))


def _run_in_process(work: Callable[[ContainerBucket], R]) -> R:
    return work(_process_bucket[0])


def _do_nothing(_bucket: ContainerBucket) -> None:
    """What starts a process."""


def store_png(bucket: ContainerBucket, output: Output) -> Picture:
    """Store an image; its entry in the result. Raises JobError(STORAGE)."""
    png = encode_png(output.image, _texts(output))
    bucket.put(keys.output_key(output.job_id, output.index), png, "image/png")
    return Picture(
        index=output.index,
        width=output.image.width,
        height=output.image.height,
        sha256=hashlib.sha256(png).hexdigest(),
        infotext=output.infotext,
        postprocessing=output.postprocessing,
        **output.entry,
    )


def store_thumbnail(bucket: ContainerBucket, output: Output) -> None:
    """Store its thumbnail. Raises JobError(STORAGE)."""
    thumbnail = encode_thumbnail(output.image)
    bucket.put(keys.thumbnail_key(output.job_id, output.index), thumbnail, "image/webp")


def _put_png(bucket: ContainerBucket, key: str, image: Image.Image) -> None:
    bucket.put(key, encode_png(image), "image/png")


def _texts(output: Output) -> dict[str, str]:
    """The PNG's texts, under the names that A1111 gives them."""
    texts = {PNG_KEY: output.infotext}
    return texts | (
        {PNG_POSTPROCESSING_KEY: output.postprocessing} if output.postprocessing else {}
    )


def encode_png(image: Image.Image, texts: Mapping[str, str] | None = None) -> bytes:
    """The image as PNG, with a text chunk for each of `texts`."""
    info = PngInfo()
    for name, text in (texts or {}).items():
        info.add_text(name, text)
    data = io.BytesIO()
    image.save(data, "PNG", compress_level=_PNG_LEVEL, pnginfo=info)
    return data.getvalue()


def encode_thumbnail(image: Image.Image) -> bytes:
    """The image as WebP, at most 256 x 256 pixels."""
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    data = io.BytesIO()
    small.save(data, "WEBP", quality=85, method=2)
    return data.getvalue()
