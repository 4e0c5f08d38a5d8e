"""Stores a job's images in threads: PNG with infotext, and a WebP thumbnail."""

import hashlib
import io
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from formats import keys
from formats.generation.infotext import PNG_KEY, PNG_POSTPROCESSING_KEY
from formats.generation.result import Picture
from sagemaker_container.bucket import ContainerBucket
from sagemaker_container.engine.sampling.noise import Seeds

THUMBNAIL_SIDE: Final = 256
"""The longer side, in pixels."""

_THREADS: Final = 4
_PNG_LEVEL: Final = 4
"""zlib's: its default of 6 takes a third longer and saves 2 %."""


@dataclass(frozen=True)
class BatchPosition:
    """An image's index in its batch."""

    batch_size: int = 1
    index: int = 0


@dataclass(frozen=True)
class OutputImage:
    """A generated image, and what is stored with it."""

    image: Image.Image
    seeds: Seeds
    infotext: str
    position: BatchPosition = field(default_factory=BatchPosition)
    postprocessing: str = ""
    """How the image was upscaled, of an upscale job."""


class OutputWriter:
    """Stores the images and control maps of one job in threads; `wait` waits for all of them."""

    def __init__(self, bucket: ContainerBucket, job_id: str) -> None:
        self._bucket = bucket
        self._job_id = job_id
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="store")
        self._images: list[Future[Picture]] = []
        self._maps: list[Future[None]] = []

    def add_image(self, output: OutputImage) -> None:
        """Store the job's next image."""
        index = len(self._images)
        self._images.append(self._threads.submit(self._store, index, output))

    def add_map(self, image: Image.Image) -> None:
        """Store the map of the job's next ControlNet unit."""
        key, data = keys.map_key(self._job_id, len(self._maps)), encode_png(image)
        self._maps.append(self._threads.submit(self._bucket.put, key, data, "image/png"))

    def wait(self) -> tuple[Picture, ...]:
        """The entries of all images, when everything is stored. Raises JobError(STORAGE)."""
        for stored in self._maps:
            stored.result()
        return tuple(stored.result() for stored in self._images)

    def _store(self, index: int, output: OutputImage) -> Picture:
        image, seeds, position = output.image, output.seeds, output.position
        png, thumbnail = encode_png(image, _texts(output)), encode_thumbnail(image)
        self._bucket.put(keys.output_key(self._job_id, index), png, "image/png")
        self._bucket.put(keys.thumbnail_key(self._job_id, index), thumbnail, "image/webp")
        return Picture(
            index=index,
            seed=seeds.seed,
            variation_seed=seeds.variation_seed if seeds.variation_strength else None,
            width=image.width,
            height=image.height,
            sha256=hashlib.sha256(png).hexdigest(),
            infotext=output.infotext,
            postprocessing=output.postprocessing,
            batch=position.batch_size,
            seat=position.index,
        )

    def close(self) -> None:
        """Cancel what is not being stored yet, and wait for the rest."""
        self._threads.shutdown(cancel_futures=True)


def _texts(output: OutputImage) -> dict[str, str]:
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
