"""Makes a unit's control map from its image, at the resolution that the unit asks for."""

from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image, ImageOps

from formats.generation.controlnet_unit import ControlNetUnit, Preprocessor
from formats.generation.fields import ResizeMode
from formats.generation.result import ErrorCode
from formats.openpose.pose_map import draw
from formats.openpose.skeleton import Skeleton
from poses.maps.reader import is_pose_map
from sagemaker_container.engine.control.canny import canny
from sagemaker_container.engine.control.resize import resize
from sagemaker_container.errors import JobError
from sagemaker_container.texts import images as texts

_RESAMPLING: Final = Image.Resampling.LANCZOS


DetectPeople = Callable[[Image.Image], Skeleton]


def control_map(
    image: Image.Image, unit: ControlNetUnit, size: tuple[int, int], detect: DetectPeople
) -> Image.Image:
    """The unit's control map, RGB, of that width and height.

    Raises JobError(BAD_REQUEST) if the openpose preprocessor finds nobody.
    """
    width, height = size
    if unit.preprocessor is not Preprocessor.NONE and not _is_drawn_pose(image, unit):
        short = unit.resolution or pixel_perfect(image, width, height, unit.resize_mode)
        image = _preprocess(_with_short_side(image, short), unit, detect)
    return resize(image, width, height, unit.resize_mode)


def pixel_perfect(image: Image.Image, width: int, height: int, mode: ResizeMode) -> int:
    """The shorter side, in pixels, at which details are as large as in the generated image.

    Source: sd-webui-controlnet scripts/external_code.py, pixel_perfect_resolution.
    """
    scales = width / image.width, height / image.height
    scale = min(scales) if mode is ResizeMode.FILL else max(scales)
    return max(1, round(scale * min(image.size)))


def _is_drawn_pose(image: Image.Image, unit: ControlNetUnit) -> bool:
    return unit.preprocessor is Preprocessor.OPENPOSE and is_pose_map(image)


def _with_short_side(image: Image.Image, short: int) -> Image.Image:
    scale = short / min(image.size)
    size = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    return image if size == image.size else image.resize(size, _RESAMPLING)


def _preprocess(image: Image.Image, unit: ControlNetUnit, detect: DetectPeople) -> Image.Image:
    low, high = unit.thresholds
    match unit.preprocessor:
        case Preprocessor.OPENPOSE:
            return _draw_people(detect(image))
        case Preprocessor.CANNY:
            return Image.fromarray(canny(np.asarray(image), low, high)).convert("RGB")
        case Preprocessor.THRESHOLD:
            return image.convert("L").point(lambda v: 255 * (v > low)).convert("RGB")
        case _:
            return ImageOps.invert(image)


def _draw_people(found: Skeleton) -> Image.Image:
    if not found.people:
        raise JobError(ErrorCode.BAD_REQUEST, texts.NOBODY_FOUND, "controlnets")
    return draw(found)
