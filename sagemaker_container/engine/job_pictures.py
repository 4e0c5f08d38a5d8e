"""Reads the pictures that a job starts from and steers by, at the sizes it draws in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PIL import Image

from formats.fields import ResizeMode
from formats.inpaint import InpaintArea
from formats.request import GenerationRequest
from sagemaker_container.engine.inpainting import Inpainting, inpainting
from sagemaker_container.engine.preprocessors import control_map
from sagemaker_container.engine.resize import resize

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


def job_pictures(request: GenerationRequest, read: Read) -> JobPictures:
    """All pictures of a request that draws. Raises JobError."""
    painted = _inpainting(request, read)
    start = None
    if request.init_image and not painted:
        start = read(request.init_image, "init_image")
        if request.resize_mode is not ResizeMode.LATENT:
            start = resize(start, request.width, request.height, request.resize_mode)
    return JobPictures(start, painted, *_maps(request, read, painted))


def _inpainting(request: GenerationRequest, read: Read) -> Inpainting | None:
    if request.inpaint is None or request.init_image is None:
        return None
    picture = read(request.init_image, "init_image")
    mask = read(request.inpaint.mask, "inpaint.mask")
    size = request.width, request.height
    return inpainting(picture, mask, request.inpaint, size, request.resize_mode)


def _maps(
    request: GenerationRequest, read: Read, painted: Inpainting | None
) -> tuple[list[Image.Image], list[Image.Image]]:
    pictures: Mapping[str, Image.Image] = {
        sha256: read(sha256, "controlnets")
        for sha256 in {unit.image for unit in request.controlnets}
    }

    def maps(width: int, height: int) -> list[Image.Image]:
        return [control_map(pictures[u.image], u, width, height) for u in request.controlnets]

    if painted and request.inpaint and request.inpaint.area is InpaintArea.MASKED:
        # A map belongs to the whole picture; the same region of it is used.
        return [painted.cropped(one) for one in maps(*painted.picture.size)], []
    hires = maps(*request.size) if request.hires else []
    return maps(request.width, request.height), hires
