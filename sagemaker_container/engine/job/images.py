"""Reads the pictures that a job starts from and steers by, at the sizes it draws in."""

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image

from formats.generation.fields import ResizeMode
from formats.generation.infotext import PNG_KEY
from formats.generation.inpaint import InpaintArea
from formats.generation.request import GenerationRequest
from formats.generation.result import ErrorCode
from formats.image_files import DECODE_ERRORS, IMAGE_FORMATS, strip_chunks
from formats.image_pixels import to_mask, to_rgb
from formats.keys import input_key
from formats.limits import MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS
from sagemaker_container.bucket import ContainerBucket
from sagemaker_container.engine.control.preprocessors import Detect, control_map
from sagemaker_container.engine.control.resize import resize
from sagemaker_container.engine.job.inpaint import Inpainting, inpainting
from sagemaker_container.errors import JobError

MASK_FIELD: Final = "inpaint.mask"

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
    found += [(request.inpaint.mask, MASK_FIELD)] if request.inpaint else []
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
    mask = read(request.inpaint.mask, MASK_FIELD)
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


def read_input(bucket: ContainerBucket, sha256: str, field: str) -> Image.Image:
    """The image `inputs/<sha256>.png` as RGB, the mask of an inpaint job as L, upright.

    Raises JobError: INPUT_MISSING, BAD_REQUEST, TOO_LARGE, STORAGE.
    """
    data = bucket.get(input_key(sha256), limit=MAX_IMAGE_BYTES)
    if data is None:
        message = "The picture is no longer in S3; send it again."
        raise JobError(ErrorCode.INPUT_MISSING, message, field)
    if hashlib.sha256(data).hexdigest() != sha256:
        message = "The picture in S3 is not the one that was sent; send it again."
        raise JobError(ErrorCode.BAD_REQUEST, message, field)
    return decode(data, field)


def decode(data: bytes, field: str) -> Image.Image:
    """The image in `data` as RGB, or as L where `field` is the mask's. Raises
    JobError(BAD_REQUEST) for anything else.

    Its `info` has the infotext, where it came with one.
    """
    try:
        with Image.open(io.BytesIO(strip_chunks(data)), formats=IMAGE_FORMATS) as image:
            if image.width * image.height > MAX_IMAGE_PIXELS:
                size = f"{image.width} x {image.height}"
                message = f"The picture has {size} pixels; {MAX_IMAGE_PIXELS:,} is the limit."
                raise JobError(ErrorCode.BAD_REQUEST, message, field)
            image.load()
            pixels = to_mask(image) if field == MASK_FIELD else to_rgb(image)
            pixels.info = {name: image.info[name] for name in (PNG_KEY,) if name in image.info}
            return pixels
    except (Image.DecompressionBombError, *DECODE_ERRORS) as error:
        message = "The picture can't be read; send it as PNG, JPEG, WebP, AVIF, GIF, BMP or TIFF."
        raise JobError(ErrorCode.BAD_REQUEST, message, field) from error
