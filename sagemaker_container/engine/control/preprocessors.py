"""Makes a unit's control map from its picture, at the resolution the unit asks for."""

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

_BEST: Final = Image.Resampling.LANCZOS


Detect = Callable[[Image.Image], Skeleton]
"""Finds everybody in a picture."""


def control_map(
    picture: Image.Image, unit: ControlNetUnit, size: tuple[int, int], detect: Detect
) -> Image.Image:
    """The map that steers a picture of so many pixels, width and height; RGB, of that size.

    Raises JobError(BAD_REQUEST) where the openpose preprocessor finds nobody.
    """
    width, height = size
    if unit.preprocessor is not Preprocessor.NONE and not _is_finished(picture, unit):
        short = unit.resolution or pixel_perfect(picture, width, height, unit.resize_mode)
        picture = _preprocessed(_with_short_side(picture, short), unit, detect)
    return resize(picture, width, height, unit.resize_mode)


def pixel_perfect(picture: Image.Image, width: int, height: int, mode: ResizeMode) -> int:
    """The shorter side, in pixels, at which the picture's details have the size of the result's.

    Source: sd-webui-controlnet scripts/external_code.py, pixel_perfect_resolution.
    """
    scales = width / picture.width, height / picture.height
    scale = min(scales) if mode is ResizeMode.FILL else max(scales)
    return max(1, round(scale * min(picture.size)))


def _is_finished(picture: Image.Image, unit: ControlNetUnit) -> bool:
    return unit.preprocessor is Preprocessor.OPENPOSE and is_pose_map(picture)


def _with_short_side(picture: Image.Image, short: int) -> Image.Image:
    scale = short / min(picture.size)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    return picture if size == picture.size else picture.resize(size, _BEST)


def _preprocessed(picture: Image.Image, unit: ControlNetUnit, detect: Detect) -> Image.Image:
    low, high = unit.thresholds
    match unit.preprocessor:
        case Preprocessor.OPENPOSE:
            return _people(detect(picture))
        case Preprocessor.CANNY:
            return Image.fromarray(canny(np.asarray(picture), low, high)).convert("RGB")
        case Preprocessor.THRESHOLD:
            return picture.convert("L").point(lambda v: 255 * (v > low)).convert("RGB")
        case _:
            return ImageOps.invert(picture)


def _people(found: Skeleton) -> Image.Image:
    if not found.people:
        message = (
            "The openpose preprocessor found nobody in a unit's picture; take another picture, "
            "or draw the pose by hand."
        )
        raise JobError(ErrorCode.BAD_REQUEST, message, "controlnets")
    return draw(found)
