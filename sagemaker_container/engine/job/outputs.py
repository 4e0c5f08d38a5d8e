"""Stores a job's pictures: PNG with infotext, WebP thumbnail; beside the drawing of the next."""

import hashlib
import io
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from formats import keys
from formats.generation.infotext import PNG_KEY
from formats.generation.result import Picture
from sagemaker_container.bucket import ContainerBucket
from sagemaker_container.engine.sampling.noise import Seeds

THUMBNAIL_SIDE: Final = 256
"""Pixels on the long side."""

_THREADS: Final = 4
_PNG_LEVEL: Final = 4
"""zlib's: its default of 6 takes a third longer and saves 2 %."""


@dataclass(frozen=True)
class Seat:
    """A picture's place among those it was drawn with."""

    size: int = 1
    place: int = 0


@dataclass(frozen=True)
class Finished:
    """A picture that can be stored."""

    image: Image.Image
    seeds: Seeds
    infotext: str
    seat: Seat = field(default_factory=Seat)


class OutputWriter:
    """Stores pictures and maps of one job in threads; `finish` waits for all of them."""

    def __init__(self, bucket: ContainerBucket, job_id: str) -> None:
        self._bucket = bucket
        self._job_id = job_id
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="store")
        self._pictures: list[Future[Picture]] = []
        self._maps: list[Future[None]] = []

    def add_picture(self, picture: Finished) -> None:
        """Store the job's next picture."""
        index = len(self._pictures)
        self._pictures.append(self._threads.submit(self._store, index, picture))

    def add_map(self, image: Image.Image) -> None:
        """Store the map of the job's next ControlNet unit."""
        key = keys.map_key(self._job_id, len(self._maps))
        self._maps.append(self._threads.submit(self._bucket.put, key, png(image), "image/png"))

    def finish(self) -> tuple[Picture, ...]:
        """All pictures, when everything is stored. Raises JobError(STORAGE)."""
        for stored in self._maps:
            stored.result()
        return tuple(stored.result() for stored in self._pictures)

    def _store(self, index: int, picture: Finished) -> Picture:
        image, seeds, seat = picture.image, picture.seeds, picture.seat
        data = png(image, picture.infotext)
        self._bucket.put(keys.output_key(self._job_id, index), data, "image/png")
        self._bucket.put(keys.thumbnail_key(self._job_id, index), thumbnail(image), "image/webp")
        return Picture(
            index=index,
            seed=seeds.seed,
            variation_seed=seeds.variation_seed if seeds.variation_strength else None,
            width=image.width,
            height=image.height,
            sha256=hashlib.sha256(data).hexdigest(),
            infotext=picture.infotext,
            batch=seat.size,
            seat=seat.place,
        )

    def close(self) -> None:
        """Store no more, and wait for what is on its way."""
        self._threads.shutdown(cancel_futures=True)


def png(image: Image.Image, infotext: str | None = None) -> bytes:
    """The picture as PNG, with its infotext where A1111 keeps it."""
    info = PngInfo()
    if infotext is not None:
        info.add_text(PNG_KEY, infotext)
    data = io.BytesIO()
    image.save(data, "PNG", compress_level=_PNG_LEVEL, pnginfo=info)
    return data.getvalue()


def thumbnail(image: Image.Image) -> bytes:
    """The picture as WebP within 256 x 256 pixels."""
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    data = io.BytesIO()
    small.save(data, "WEBP", quality=85, method=2)
    return data.getvalue()
