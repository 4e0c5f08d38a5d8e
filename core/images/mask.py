"""Draws an inpaint mask from brush strokes: white on black, as wide as the brush."""

from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageDraw

from core.images.files import encode_image
from core.images.scribble import scale_strokes
from core.texts import images as texts
from formats.openpose.skeleton import PoseError
from poses.sketches.strokes import MAX_STROKES, PenPoint, read_strokes


def draw_mask(drawing: Mapping[str, Any], width: int, height: int) -> bytes | None:
    """The mask for an image of width x height pixels, PNG; None where nothing was painted.

    `drawing` is what fabric.js holds, with the `width` and `height` of its canvas. Raises
    PoseError for what is no drawing, or too large.
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
    return encode_image(image.convert("RGB")).data if image.getbbox() else None


def _draw_object(canvas: ImageDraw.ImageDraw, one: Mapping[str, Any], factor: float) -> None:
    radius = float(one.get("strokeWidth", 1)) * float(one.get("scaleX", 1)) * factor / 2
    for stroke in scale_strokes(read_strokes({"objects": [one]}), factor):
        canvas.line(stroke, fill=255, width=max(1, round(2 * radius)), joint="curve")
        for spot in (stroke[0], stroke[-1]):
            _dot(canvas, spot, radius)


def _dot(canvas: ImageDraw.ImageDraw, spot: PenPoint, radius: float) -> None:
    canvas.ellipse((spot.x - radius, spot.y - radius, spot.x + radius, spot.y + radius), fill=255)
