"""Owns sketches as pictures: strokes in white on black, as scribble ControlNets were trained."""

from collections.abc import Iterable

from PIL import Image, ImageDraw

from core.images.files import picture_of
from formats.openpose.pose_map import stroke as half_width
from poses.sketches.strokes import Spot, Stroke


def resized(strokes: Iterable[Stroke], factor: float) -> tuple[Stroke, ...]:
    """The strokes on a canvas that is `factor` times as large."""
    return tuple(tuple(Spot(x * factor, y * factor) for x, y in one) for one in strokes)


def scribble(strokes: Iterable[Stroke], width: int, height: int) -> bytes:
    """The strokes on a canvas of width x height pixels, as wide as the limbs of a map; a PNG.

    Source of the colours: lllyasviel/ControlNet, gradio_scribble2image.py.
    """
    image = Image.new("L", (width, height))
    pen = ImageDraw.Draw(image)
    radius = half_width(width, height)
    for one in strokes:
        pen.line(one, fill=255, width=max(1, round(2 * radius)), joint="curve")
        for x, y in (one[0], one[-1]):
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return picture_of(image.convert("RGB")).data
