"""Draws a contact sheet: pictures side by side, each with its label below."""

import math
from collections.abc import Sequence
from typing import Final, NamedTuple

from PIL import Image, ImageDraw, ImageFont

from core.images.files import picture_of

MAX_CELLS: Final = 9
_CELL: Final = 384
"""Longest side of a picture on the sheet, pixels."""

_GAP: Final = 12
_LABEL: Final = 28
_PAPER: Final = "white"
_INK: Final = "black"


class Cell(NamedTuple):
    """A picture and what it differs by; None where there is no picture."""

    label: str
    picture: Image.Image | None


def contact_sheet(cells: Sequence[Cell]) -> bytes:
    """The cells row by row in an almost square grid, as a PNG.

    All cells have the size of the largest picture, and at most `_CELL` pixels. Raises ValueError
    for no cells or more than `MAX_CELLS`.
    """
    if not 1 <= len(cells) <= MAX_CELLS:
        raise ValueError(f"A contact sheet has 1 to {MAX_CELLS} pictures, not {len(cells)}.")
    small = [(cell.label, cell.picture and _shrunk(cell.picture)) for cell in cells]
    width = max((picture.width for _, picture in small if picture), default=_CELL)
    height = max((picture.height for _, picture in small if picture), default=_CELL)
    columns = math.ceil(math.sqrt(len(cells)))
    rows = math.ceil(len(cells) / columns)
    step_x, step_y = width + _GAP, height + _LABEL + _GAP
    sheet = Image.new("RGB", (columns * step_x + _GAP, rows * step_y + _GAP), _PAPER)
    pen = ImageDraw.Draw(sheet)
    for number, (label, picture) in enumerate(small):
        x, y = _GAP + number % columns * step_x, _GAP + number // columns * step_y
        if picture:
            sheet.paste(picture, (x + (width - picture.width) // 2, y))
        else:
            pen.rectangle((x, y, x + width - 1, y + height - 1), outline=_INK)
        _write(pen, (x, y + height + 6), label, width)
    return picture_of(sheet).data


def _shrunk(picture: Image.Image) -> Image.Image:
    copy = picture.convert("RGB")
    copy.thumbnail((_CELL, _CELL), Image.Resampling.LANCZOS)
    return copy


def _write(pen: ImageDraw.ImageDraw, at: tuple[int, int], label: str, width: int) -> None:
    """The label on one line, cut off where it would reach the next cell."""
    font = ImageFont.load_default(15)
    while label and pen.textlength(label, font) > width:
        label = label[:-2] + "…" if len(label) > 2 else ""
    pen.text(at, label, fill=_INK, font=font)
