"""The sheet of a grid: the legend around the images, and what is too large."""

import io

import pytest
from PIL import Image

from core.errors import InvalidInput
from core.images.grid_sheet import SheetPlan, compose_grid

RED, BLUE = (255, 0, 0), (0, 0, 255)


def plan(side: int = 64, sheets: tuple[str, ...] = ("",)) -> SheetPlan:
    return SheetPlan(
        columns=2,
        captions=(("Seed: 1", "Seed: 2"), ()),
        rows=("Steps: 5", "Steps: " + "very " * 40),
        sheets=sheets,
        width=side,
        height=side,
    )


def composed(asked: SheetPlan) -> Image.Image:
    """Red in the first column, blue in the second, nothing in the last cell."""

    def image_at(sheet: int, row: int, column: int) -> Image.Image | None:
        if (row, column) == (1, 1):
            return None
        return Image.new("RGB", (64, 32) if sheet else (64, 64), BLUE if column else RED)

    return Image.open(io.BytesIO(compose_grid(asked, image_at))).convert("RGB")


def test_x_is_on_top_and_y_at_the_left() -> None:
    sheet = composed(plan())
    assert sheet.width == 48 + 2 * 64
    top = sheet.height - 2 * 64
    assert sheet.getpixel((48 + 32, top + 32)) == RED
    assert sheet.getpixel((48 + 96, top + 32)) == BLUE
    assert sheet.getpixel((48 + 32, top + 96)) == RED
    assert sheet.getpixel((48 + 96, top + 96)) == (255, 255, 255)
    for box in ((48, 0, 112, top), (112, 0, 176, top), (0, top, 48, top + 64)):
        assert min(sheet.crop(box).convert("L").tobytes()) < 128  # a label in ink


def test_each_z_is_a_sheet_below_the_other() -> None:
    one, two = composed(plan(sheets=("CFG: 4",))), composed(plan(sheets=("CFG: 4", "CFG: 8")))
    assert two.size == (one.width, 2 * one.height)
    middle = two.height - 64 - 32
    assert two.getpixel((48 + 32, middle)) == RED
    assert two.getpixel((48 + 32, middle - 30)) == (255, 255, 255)  # it is half as high


def test_more_than_200_megapixels_are_refused() -> None:
    assert plan(5000).pixels < 200_000_000
    with pytest.raises(InvalidInput, match="megapixels; 200 are the most"):
        composed(plan(6000))
