"""The contact sheet: where its images and labels stand."""

import io

import pytest
from PIL import Image

from core.images.contact_sheet import Cell, compose_sheet


def sheet(*cells: Cell) -> Image.Image:
    return Image.open(io.BytesIO(compose_sheet(cells)))


@pytest.mark.parametrize(("number", "columns", "rows"), [(1, 1, 1), (3, 2, 2), (9, 3, 3)])
def test_the_grid_is_almost_square(number: int, columns: int, rows: int) -> None:
    picture = Image.new("RGB", (64, 32), "red")
    image = sheet(*(Cell(f"seed {n}", picture) for n in range(number)))
    assert image.size == (columns * 76 + 12, rows * 72 + 12)
    assert image.getpixel((12 + 32, 12 + 16)) == (255, 0, 0)


def test_a_missing_picture_leaves_a_frame_and_its_label() -> None:
    image = sheet(Cell("a", Image.new("RGB", (64, 64), "red")), Cell("failed", None))
    assert image.getpixel((12 + 76 + 32, 44)) == (255, 255, 255)
    assert image.getpixel((12 + 76, 12)) == (0, 0, 0)


def test_a_long_label_stays_within_its_cell() -> None:
    image = sheet(Cell("x" * 100, Image.new("RGB", (64, 64), "red")))
    assert image.crop((77, 70, 88, 112)).getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize("number", [0, 10])
def test_too_few_and_too_many_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match="1 to 9"):
        compose_sheet([Cell("", None)] * number)
