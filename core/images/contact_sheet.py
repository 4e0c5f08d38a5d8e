"""Composes a contact sheet: images side by side, each with its label below."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from PIL import Image, ImageDraw, ImageFont

from core.images.files import encode_image
from core.texts import images as texts

MAX_CELLS: Final = 9
_CELL: Final = 384
"""Longest side of an image on the sheet, pixels."""

_GAP: Final = 12
_LABEL: Final = 28
_BACKGROUND: Final = "white"
_INK: Final = "black"


class Cell(NamedTuple):
    """An image and what it differs by; None where there is no image."""

    label: str
    image: Image.Image | None


def compose_sheet(cells: Sequence[Cell]) -> bytes:
    """The cells row by row in an almost square grid, as a PNG.

    All cells have the size of the largest image, and at most `_CELL` pixels. Raises ValueError
    for no cells or more than `MAX_CELLS`.
    """
    if not 1 <= len(cells) <= MAX_CELLS:
        raise ValueError(texts.cell_count(MAX_CELLS, len(cells)))
    thumbnails = [(cell.label, cell.image and _thumbnail(cell.image)) for cell in cells]
    width = max((image.width for _, image in thumbnails if image), default=_CELL)
    height = max((image.height for _, image in thumbnails if image), default=_CELL)
    columns = math.ceil(math.sqrt(len(cells)))
    rows = math.ceil(len(cells) / columns)
    step_x, step_y = width + _GAP, height + _LABEL + _GAP
    sheet = Image.new("RGB", (columns * step_x + _GAP, rows * step_y + _GAP), _BACKGROUND)
    canvas = ImageDraw.Draw(sheet)
    for number, (label, image) in enumerate(thumbnails):
        x, y = _GAP + number % columns * step_x, _GAP + number // columns * step_y
        if image:
            sheet.paste(image, (x + (width - image.width) // 2, y))
        else:
            canvas.rectangle((x, y, x + width - 1, y + height - 1), outline=_INK)
        _draw_label(canvas, (x, y + height + 6), label, width)
    return encode_image(sheet).data


def _thumbnail(image: Image.Image) -> Image.Image:
    copy = image.convert("RGB")
    copy.thumbnail((_CELL, _CELL), Image.Resampling.LANCZOS)
    return copy


def _draw_label(canvas: ImageDraw.ImageDraw, at: tuple[int, int], label: str, width: int) -> None:
    """The label on one line, cut off where it would reach the next cell."""
    font = ImageFont.load_default(15)
    while label and canvas.textlength(label, font) > width:
        label = label[:-2] + "…" if len(label) > 2 else ""
    canvas.text(at, label, fill=_INK, font=font)
