"""Sketches as images."""

import io

from PIL import Image

from core.images.scribble import draw_scribble, scale_strokes
from poses.sketches.strokes import PenPoint

LINE = (PenPoint(10, 32), PenPoint(50, 32))


def test_strokes_are_white_on_black() -> None:
    image = Image.open(io.BytesIO(draw_scribble([LINE], 64, 64)))
    assert (image.mode, image.size) == ("RGB", (64, 64))
    assert image.getpixel((30, 32)) == (255, 255, 255)
    assert image.getpixel((30, 10)) == (0, 0, 0)


def test_strokes_grow_with_the_canvas() -> None:
    assert scale_strokes([LINE], 2) == ((PenPoint(20, 64), PenPoint(100, 64)),)
