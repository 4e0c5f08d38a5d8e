"""Draws the map of a scribble ControlNet from strokes: white on black, as it was trained."""

from collections.abc import Iterable

from PIL import Image, ImageDraw

from core.images.files import encode_image
from formats.openpose.pose_map import limb_radius
from poses.sketches.strokes import PenPoint, Stroke


def scale_strokes(strokes: Iterable[Stroke], factor: float) -> tuple[Stroke, ...]:
    """The strokes on a canvas that is `factor` times as large."""
    return tuple(tuple(PenPoint(x * factor, y * factor) for x, y in one) for one in strokes)


def draw_scribble(strokes: Iterable[Stroke], width: int, height: int) -> bytes:
    """The strokes on a canvas of width x height pixels, as wide as the limbs of a map; a PNG.

    Source of the colours: lllyasviel/ControlNet, gradio_scribble2image.py.
    """
    image = Image.new("L", (width, height))
    canvas = ImageDraw.Draw(image)
    radius = limb_radius(width, height)
    for one in strokes:
        canvas.line(one, fill=255, width=max(1, round(2 * radius)), joint="curve")
        for x, y in (one[0], one[-1]):
            canvas.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return encode_image(image.convert("RGB")).data
