"""The input images of a job: read and checked, and resized to what its passes need."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PIL import Image

from formats.generation.fields import ResizeMode
from formats.generation.infotext import PNG_KEY
from formats.generation.inpaint import InpaintArea
from formats.generation.request import GenerationRequest
from formats.generation.result import ErrorCode
from formats.image_files import DECODE_ERRORS, TooManyChunks, open_image
from formats.image_infotext import infotext_of
from formats.image_pixels import to_mask, to_rgb
from formats.keys import input_key
from formats.limits import MAX_IMAGE_BYTES, MAX_IMAGE_PIXELS
from sagemaker_container.engine.control.preprocessors import DetectPeople, control_map
from sagemaker_container.engine.control.resize import resize
from sagemaker_container.engine.job.inpaint import InpaintImage, prepare_inpaint
from sagemaker_container.errors import JobError
from sagemaker_container.storage.bucket import ContainerBucket
from sagemaker_container.texts import images as texts

MASK_FIELD: Final = "inpaint.mask"

ReadImage = Callable[[str, str], Image.Image]
"""The input image of a hash; the second argument is the request's field that names it."""


@dataclass(frozen=True)
class JobImages:
    """A job's input images; which ones it has depends on its mode."""

    start: Image.Image | None = None
    """At the job's size, unless it will be resized as latents."""
    inpaint: InpaintImage | None = None
    maps: Sequence[Image.Image] = ()
    """One control map for each ControlNet unit, at the job's size."""
    hires_maps: Sequence[Image.Image] = ()
    """The same at the size of the second pass."""


def input_images(request: GenerationRequest) -> list[tuple[str, str]]:
    """The hash of each input image, and the request's field that names it."""
    found = [(request.init_image, "init_image")]
    found += [(request.inpaint.mask, MASK_FIELD)] if request.inpaint else []
    found += [(unit.image, "controlnets") for unit in request.controlnets]
    return [(sha256, field) for sha256, field in found if sha256]


def prepare_images(request: GenerationRequest, read: ReadImage, detect: DetectPeople) -> JobImages:
    """All input images of a generation. Raises JobError."""
    inpaint = _inpaint_image(request, read)
    start = None
    if request.init_image and not inpaint:
        start = read(request.init_image, "init_image")
        if request.resize_mode is not ResizeMode.LATENT:
            start = resize(start, request.width, request.height, request.resize_mode)
    first, second = _ControlMaps(request, read, detect).for_passes(inpaint)
    return JobImages(start, inpaint, first, second)


def _inpaint_image(request: GenerationRequest, read: ReadImage) -> InpaintImage | None:
    if request.inpaint is None or request.init_image is None:
        return None
    image = read(request.init_image, "init_image")
    mask = read(request.inpaint.mask, MASK_FIELD)
    size = request.width, request.height
    return prepare_inpaint(image, mask, request.inpaint, size, request.resize_mode)


@dataclass(frozen=True)
class _ControlMaps:
    request: GenerationRequest
    read: ReadImage
    detect: DetectPeople

    def for_passes(
        self, inpaint: InpaintImage | None
    ) -> tuple[list[Image.Image], list[Image.Image]]:
        """The maps of the first pass, and those of the second one."""
        request = self.request
        if inpaint and request.inpaint and request.inpaint.area is InpaintArea.MASKED:
            # A map is one of the whole image, and is cropped to the same region.
            return [inpaint.crop(one) for one in self._at_size(inpaint.image.size)], []
        first = self._at_size((request.width, request.height))
        return first, self._at_size(request.size) if request.hires else []

    def _at_size(self, size: tuple[int, int]) -> list[Image.Image]:
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
        raise JobError(ErrorCode.INPUT_MISSING, texts.IS_GONE, field)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise JobError(ErrorCode.BAD_REQUEST, texts.OTHER_BYTES, field)
    return decode_image(data, field)


def decode_image(data: bytes, field: str) -> Image.Image:
    """The image in `data` as RGB, or as L where `field` is the mask's. Raises
    JobError(BAD_REQUEST) for anything else.

    The size is checked before any pixel is decoded. `info` has the infotext as a PNG has it, if
    there is one.
    """
    try:
        with open_image(data) as image:
            if image.width * image.height > MAX_IMAGE_PIXELS:
                message = texts.too_many_pixels(image.width, image.height)
                raise JobError(ErrorCode.BAD_REQUEST, message, field)
            image.load()
            pixels = to_mask(image) if field == MASK_FIELD else to_rgb(image)
            infotext = infotext_of(image)
            pixels.info = {PNG_KEY: infotext} if infotext else {}
            return pixels
    except TooManyChunks as error:
        raise JobError(ErrorCode.BAD_REQUEST, str(error), field) from error
    except (Image.DecompressionBombError, *DECODE_ERRORS) as error:
        raise JobError(ErrorCode.BAD_REQUEST, texts.UNREADABLE, field) from error
