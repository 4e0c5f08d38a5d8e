"""Resizes an image of another shape to the job's size, in A1111's three modes."""

from typing import Final

from PIL import Image

from formats.generation.fields import ResizeMode

_RESAMPLING: Final = Image.Resampling.LANCZOS


def resize(image: Image.Image, width: int, height: int, mode: ResizeMode) -> Image.Image:
    """The image at width x height pixels: stretched, cropped, or with filled borders."""
    if image.size == (width, height):
        return image
    if mode is ResizeMode.JUST_RESIZE:
        return image.resize((width, height), _RESAMPLING)
    if mode is ResizeMode.CROP:
        return _paste_centred(image, width, height, _scaled_size(image, width, height, cover=True))
    return _fill_borders(image, width, height)


def _scaled_size(image: Image.Image, width: int, height: int, *, cover: bool) -> tuple[int, int]:
    """The size, in the image's proportions, at which it covers the canvas or fits inside it."""
    scales = width / image.width, height / image.height
    scale = max(scales) if cover else min(scales)
    return max(1, round(image.width * scale)), max(1, round(image.height * scale))


def _paste_centred(
    image: Image.Image, width: int, height: int, size: tuple[int, int]
) -> Image.Image:
    canvas = Image.new(image.mode, (width, height))
    canvas.paste(image.resize(size, _RESAMPLING), ((width - size[0]) // 2, (height - size[1]) // 2))
    return canvas


def _fill_borders(image: Image.Image, width: int, height: int) -> Image.Image:
    """The image inside the canvas, with its outermost rows or columns stretched (A1111)."""
    size = _scaled_size(image, width, height, cover=False)
    inner = image.resize(size, _RESAMPLING)
    canvas = _paste_centred(image, width, height, size)
    left, top = (width - size[0]) // 2, (height - size[1]) // 2
    edges = (
        ((0, 0, size[0], 1), (0, 0, width, top)),
        ((0, size[1] - 1, *size), (0, top + size[1], width, height)),
        ((0, 0, 1, size[1]), (0, 0, left, height)),
        ((size[0] - 1, 0, *size), (left + size[0], 0, width, height)),
    )
    for source, (x0, y0, x1, y1) in edges:
        if (x1 - x0, y1 - y0) != (width, height) and x1 > x0 and y1 > y0:
            canvas.paste(inner.resize((x1 - x0, y1 - y0), box=source), (x0, y0))
    return canvas
