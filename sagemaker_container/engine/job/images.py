"""Reads the pictures that a job starts from and steers by, at the sizes it draws in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image

from formats.generation.fields import ResizeMode
from formats.generation.inpaint import InpaintArea
from formats.generation.request import GenerationRequest
from sagemaker_container.engine.control.preprocessors import Detect, control_map
from sagemaker_container.engine.control.resize import resize
from sagemaker_container.engine.job.inpaint import Inpainting, inpainting

Read = Callable[[str, str], Image.Image]
"""The input picture of a hash; the second is the request's field that names it."""


@dataclass(frozen=True)
class JobPictures:
    """A job's pictures; which of them there are follows from its mode."""

    start: Image.Image | None = None
    """At the job's size, unless it is to be resized as latents."""
    inpainting: Inpainting | None = None
    maps: Sequence[Image.Image] = ()
    """One for each ControlNet unit, at the job's size."""
    hires_maps: Sequence[Image.Image] = ()
    """The same at the size of the second pass."""


def input_pictures(request: GenerationRequest) -> list[tuple[str, str]]:
    """Each input picture's hash, and the request's field that names it."""
    found = [(request.init_image, "init_image")]
    found += [(request.inpaint.mask, "inpaint.mask")] if request.inpaint else []
    found += [(unit.image, "controlnets") for unit in request.controlnets]
    return [(sha256, field) for sha256, field in found if sha256]


def job_pictures(request: GenerationRequest, read: Read, detect: Detect) -> JobPictures:
    """All pictures of a request that draws. Raises JobError."""
    painted = _inpainting(request, read)
    start = None
    if request.init_image and not painted:
        start = read(request.init_image, "init_image")
        if request.resize_mode is not ResizeMode.LATENT:
            start = resize(start, request.width, request.height, request.resize_mode)
    return JobPictures(start, painted, *_Maps(request, read, detect).of(painted))


def _inpainting(request: GenerationRequest, read: Read) -> Inpainting | None:
    if request.inpaint is None or request.init_image is None:
        return None
    picture = read(request.init_image, "init_image")
    mask = read(request.inpaint.mask, "inpaint.mask")
    size = request.width, request.height
    return inpainting(picture, mask, request.inpaint, size, request.resize_mode)


@dataclass(frozen=True)
class _Maps:
    request: GenerationRequest
    read: Read
    detect: Detect

    def of(self, painted: Inpainting | None) -> tuple[list[Image.Image], list[Image.Image]]:
        """Those of the first pass, and of the second one."""
        request = self.request
        if painted and request.inpaint and request.inpaint.area is InpaintArea.MASKED:
            # A map belongs to the whole picture; the same region of it is used.
            return [painted.cropped(one) for one in self._at(painted.picture.size)], []
        first = self._at((request.width, request.height))
        return first, self._at(request.size) if request.hires else []

    def _at(self, size: tuple[int, int]) -> list[Image.Image]:
        return [
            control_map(self.read(unit.image, "controlnets"), unit, size, self.detect)
            for unit in self.request.controlnets
        ]
