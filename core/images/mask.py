"""Makes a mask of what was painted on a canvas: white strokes on black, as wide as the brush."""

from collections.abc import Mapping
from typing import Any

from PIL import Image, ImageDraw

from core.images.files import picture_of
from core.images.scribble import resized
from formats.openpose.skeleton import PoseError
from poses.sketches.strokes import MAX_STROKES, Spot, strokes_of


def painted_mask(drawing: Mapping[str, Any], width: int, height: int) -> bytes | None:
    """The mask for a picture of width x height pixels, PNG; None where nothing was painted.

    `drawing` is what fabric.js holds, with the `width` and `height` of its canvas. Raises
    PoseError for what is no drawing, or too large.
    """
    objects = drawing.get("objects", [])
    if not isinstance(objects, list) or len(objects) > MAX_STROKES:
        raise PoseError(f"A mask has up to {MAX_STROKES} strokes. Clear it and paint fewer.")
    if not objects:
        return None
    image = Image.new("L", (width, height))
    pen = ImageDraw.Draw(image)
    factor = min(width / drawing["width"], height / drawing["height"])
    for one in objects:
        _paint(pen, one, factor)
    return picture_of(image.convert("RGB")).data if image.getbbox() else None


def _paint(pen: ImageDraw.ImageDraw, one: Mapping[str, Any], factor: float) -> None:
    radius = float(one.get("strokeWidth", 1)) * float(one.get("scaleX", 1)) * factor / 2
    for stroke in resized(strokes_of({"objects": [one]}), factor):
        pen.line(stroke, fill=255, width=max(1, round(2 * radius)), joint="curve")
        for spot in (stroke[0], stroke[-1]):
            _dot(pen, spot, radius)


def _dot(pen: ImageDraw.ImageDraw, spot: Spot, radius: float) -> None:
    pen.ellipse((spot.x - radius, spot.y - radius, spot.x + radius, spot.y + radius), fill=255)
