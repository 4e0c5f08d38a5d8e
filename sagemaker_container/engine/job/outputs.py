"""The images of one job on their way to S3."""

from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

from formats import keys
from formats.generation.result import Picture
from sagemaker_container.engine.sampling.noise import Seeds
from sagemaker_container.storage.output_store import Output, OutputStore


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

    @property
    def entry(self) -> dict[str, Any]:
        """Fields of its `Picture`."""
        seeds = self.seeds
        return {
            "seed": seeds.seed,
            "variation_seed": seeds.variation_seed if seeds.variation_strength else None,
            "batch": self.position.batch_size,
            "seat": self.position.index,
        }


class OutputWriter:
    """Stores the images and control maps of one job; `wait` waits for all of them."""

    def __init__(self, store: OutputStore, job_id: str) -> None:
        self._store = store
        self._job_id = job_id
        self._images: list[Future[Picture]] = []
        self._others: list[Future[None]] = []
        """Thumbnails and maps."""
        self._maps = 0

    def add_image(self, output: OutputImage) -> None:
        """Store the job's next image."""
        index, image = len(self._images), output.image
        stored, thumbnail = self._store.store(
            Output(self._job_id, image, index, output.infotext, output.postprocessing, output.entry)
        )
        self._images.append(stored)
        self._others.append(thumbnail)

    def add_map(self, image: Image.Image) -> None:
        """Store the map of the job's next ControlNet unit."""
        self._others.append(self._store.put_png(keys.map_key(self._job_id, self._maps), image))
        self._maps += 1

    def wait(self) -> tuple[Picture, ...]:
        """The entries of all images, when everything is stored. Raises JobError(STORAGE)."""
        for other in self._others:
            other.result()
        return tuple(stored.result() for stored in self._images)

    def close(self) -> None:
        """Cancel what is not being stored yet, and wait for the rest."""
        futures: list[Future[Any]] = [*self._images, *self._others]
        wait([one for one in futures if not one.cancel()])
