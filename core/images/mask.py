"""Owns painted inpaint masks: 8-bit PNGs of the image's size, white where it is generated anew."""

import io
from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageDraw

from core.errors import InvalidInput
from core.images.files import encode_image
from core.images.scribble import scale_strokes
from core.texts import images as texts
from formats.generation.inpaint import Box, InpaintSettings, blur_mask, crop_region
from formats.image_files import DECODE_ERRORS, TooManyChunks, open_image
from formats.openpose.skeleton import PoseError
from poses.sketches.strokes import MAX_STROKES, PenPoint, read_strokes

Size = tuple[int, int]
"""Width and height, pixels."""


def paste_patch(mask: bytes | None, size: Size, box: Box, patch: bytes) -> bytes | None:
    """The mask of an image of `size` with a box of it replaced by a grey PNG of the box's size.

    None stands for a mask that is black all over. Raises InvalidInput for a box that is not inside
    the image, and for a patch that can't be read or has another size.
    """
    left, top, right, bottom = box
    if not (0 <= left < right <= size[0] and 0 <= top < bottom <= size[1]):
        raise InvalidInput(texts.NO_PATCH, "inpaint.mask")
    try:
        pixels = open_image(patch)
        if pixels.size != (right - left, bottom - top):
            raise InvalidInput(texts.NO_PATCH, "inpaint.mask")
        grey = pixels.convert("L")
    except (*DECODE_ERRORS, TooManyChunks, Image.DecompressionBombError) as error:
        raise InvalidInput(texts.NO_PATCH, "inpaint.mask") from error
    image = _decoded(mask) if mask else Image.new("L", size)
    image.paste(grey, (left, top))
    return _encoded(image)


def fit_mask(mask: bytes, size: Size) -> bytes | None:
    """A mask stretched to an image of `size`; None where it is black all over."""
    image = _decoded(mask)
    return _encoded(image if image.size == size else image.resize(size))


def crop_frame(mask: bytes, options: InpaintSettings, size: Size) -> Box | None:
    """The part of the image that a job of `size` generates with `InpaintArea.MASKED`.

    None where nothing is masked.
    """
    image = _decoded(mask)
    box = blur_mask(image, options).getbbox()
    return crop_region(box, options.padding, size, image.size) if box else None


def draw_mask(drawing: Mapping[str, Any], width: int, height: int) -> bytes | None:
    """The mask for an image of width x height pixels of strokes that version 0.1 kept, PNG.

    `drawing` is what fabric.js holds, with the `width` and `height` of its canvas; None where
    nothing was painted. Raises PoseError for what is no drawing, or too large.
    """
    objects = drawing.get("objects", [])
    if not isinstance(objects, list) or len(objects) > MAX_STROKES:
        raise PoseError(texts.too_many_strokes(MAX_STROKES))
    if not objects:
        return None
    image = Image.new("L", (width, height))
    canvas = ImageDraw.Draw(image)
    factor = min(width / drawing["width"], height / drawing["height"])
    for one in objects:
        _draw_object(canvas, one, factor)
    return _encoded(image)


def _decoded(mask: bytes) -> Image.Image:
    with Image.open(io.BytesIO(mask)) as image:
        return image.convert("L")


def _encoded(image: Image.Image) -> bytes | None:
    return encode_image(image).data if image.getbbox() else None


def _draw_object(canvas: ImageDraw.ImageDraw, one: Mapping[str, Any], factor: float) -> None:
    radius = float(one.get("strokeWidth", 1)) * float(one.get("scaleX", 1)) * factor / 2
    for stroke in scale_strokes(read_strokes({"objects": [one]}), factor):
        canvas.line(stroke, fill=255, width=max(1, round(2 * radius)), joint="curve")
        for spot in (stroke[0], stroke[-1]):
            _dot(canvas, spot, radius)


def _dot(canvas: ImageDraw.ImageDraw, spot: PenPoint, radius: float) -> None:
    canvas.ellipse((spot.x - radius, spot.y - radius, spot.x + radius, spot.y + radius), fill=255)
