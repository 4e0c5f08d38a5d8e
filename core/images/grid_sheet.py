"""Composes the sheet of a grid: X labels on top, Y labels at the left, a sheet below for each Z."""

from collections.abc import Callable
from functools import cached_property
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from core.errors import InvalidInput
from core.images.files import encode_image
from core.texts import images as texts
from formats.frozen import Frozen

MAX_SHEET_PIXELS: Final = 200_000_000
"""A1111's `img_max_size_mp`."""

_PAPER: Final = "white"
_INK: Final = "black"
_FRAME: Final = "#bbbbbb"
_LINES: Final = 4
"""Of one label; what is longer is cut."""

_FONT_PART: Final = 25
"""The font's size is a cell's width and height by this, as in A1111's draw_grid_annotations."""

ImageAt = Callable[[int, int, int], Image.Image | None]
"""The image of a sheet, row and column; None where there is none."""


class SheetPlan(Frozen):
    """What stands on a sheet but its images; all cells have one size, pixels."""

    columns: int
    captions: tuple[tuple[str, ...], ...]
    """Above the cells, for each row of one sheet; X labels stand above the first row alone."""
    rows: tuple[str, ...] = ()
    """Y labels, at the left of each row."""
    sheets: tuple[str, ...] = ("",)
    """Z labels, above each sheet."""
    width: int
    height: int

    @property
    def pixels(self) -> int:
        """Of the whole."""
        layout = _Layout(self)
        return layout.width * layout.height


def check_sheet(plan: SheetPlan) -> None:
    """Raise InvalidInput for a sheet of more than `MAX_SHEET_PIXELS`."""
    if plan.pixels > MAX_SHEET_PIXELS:
        megapixels = plan.pixels / 1e6, MAX_SHEET_PIXELS / 1e6
        raise InvalidInput(texts.sheet_too_large(*megapixels), "grid")


def compose_grid(plan: SheetPlan, image_at: ImageAt) -> bytes:
    """The sheet as a PNG; a cell without an image is an empty frame. Raises InvalidInput."""
    check_sheet(plan)
    layout = _Layout(plan)
    page = Image.new("RGB", (layout.width, layout.height), _PAPER)
    canvas = ImageDraw.Draw(page)
    for sheet, title in enumerate(plan.sheets):
        y = sheet * layout.sheet_height
        _write(canvas, layout, title, (layout.left, y), layout.width - layout.left)
        y += layout.title
        for row, captions in enumerate(plan.captions):
            for column, caption in enumerate(captions):
                x = layout.left + column * plan.width
                _write(canvas, layout, caption, (x, y), plan.width)
            y += layout.bands[row]
            if plan.rows:
                _write(canvas, layout, plan.rows[row], (0, y), layout.left, plan.height)
            for column in range(plan.columns):
                at = (layout.left + column * plan.width, y)
                _place(page, canvas, image_at(sheet, row, column), at, plan)
            y += plan.height
    return encode_image(page).data


class _Layout:
    """Where everything stands, pixels."""

    def __init__(self, plan: SheetPlan) -> None:
        self._plan = plan
        size = max(12, (plan.width + plan.height) // _FONT_PART)
        self.font = ImageFont.load_default(size)
        self.line = round(size * 1.3)
        self.left = plan.width * 3 // 4 if any(plan.rows) else 0
        self.bands = [self._band(captions, plan.width) for captions in plan.captions]
        self.width = self.left + plan.columns * plan.width
        self.title = self._band(plan.sheets, self.width - self.left)

    @cached_property
    def sheet_height(self) -> int:
        """Of the sheet of one Z value."""
        return self.title + sum(self.bands) + len(self._plan.captions) * self._plan.height

    @property
    def height(self) -> int:
        """Of all sheets."""
        return self.sheet_height * len(self._plan.sheets)

    def _band(self, labels: tuple[str, ...], width: int) -> int:
        """Height of the band that the longest of these needs."""
        lines = max((len(self.wrapped(label, width)) for label in labels), default=0)
        return (lines + 1) * self.line if lines else 0

    def wrapped(self, label: str, width: int) -> list[str]:
        """The label in lines that fit into the width."""
        most, lines = width - self.line // 2, list[str]()
        for word in label.split():
            joined = f"{lines[-1]} {word}" if lines else word
            if lines and self.font.getlength(joined) <= most:
                lines[-1] = joined
            else:
                lines.append(word)
        if len(lines) > _LINES:
            lines = [*lines[: _LINES - 1], f"{lines[_LINES - 1]} …"]
        return [self._fitted(line, most) for line in lines]

    def _fitted(self, line: str, most: int) -> str:
        if self.font.getlength(line) <= most:
            return line
        while line and self.font.getlength(line + "…") > most:
            line = line[:-1]
        return line + "…"


def _write(
    canvas: ImageDraw.ImageDraw,
    layout: _Layout,
    label: str,
    at: tuple[int, int],
    width: int,
    height: int | None = None,
) -> None:
    """A label in the middle of its band, or of a row's height."""
    lines = layout.wrapped(label, width)
    space = (height - len(lines) * layout.line) // 2 if height else layout.line // 2
    for number, line in enumerate(lines):
        x = at[0] + (width - layout.font.getlength(line)) // 2
        canvas.text((x, at[1] + space + number * layout.line), line, fill=_INK, font=layout.font)


def _place(
    page: Image.Image,
    canvas: ImageDraw.ImageDraw,
    image: Image.Image | None,
    at: tuple[int, int],
    plan: SheetPlan,
) -> None:
    x, y = at
    if image is None:
        canvas.rectangle((x, y, x + plan.width - 1, y + plan.height - 1), outline=_FRAME)
        return
    image.thumbnail((plan.width, plan.height), Image.Resampling.LANCZOS)
    place = (x + (plan.width - image.width) // 2, y + (plan.height - image.height) // 2)
    page.paste(image.convert("RGB"), place)
