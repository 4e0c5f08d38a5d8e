"""The sheet of a grid: which cell stands where, and the images of its jobs on one picture."""

import io
import math
from collections.abc import Callable, Sequence

from PIL import Image

from core.errors import NotFound
from core.images.grid_sheet import SheetPlan, compose_grid
from core.jobs.grids.records import Grid

ReadImage = Callable[[str], bytes]
"""The first image of a job, as it was stored. Raises NotFound."""


def sheet_plan(grid: Grid, width: int, height: int) -> SheetPlan:
    """The sheet of a grid whose largest image has this size.

    X is on top, Y at the left, Z are sheets one below the other. Prompts, which are no axis, stand
    in a grid that is almost square, each above its image.
    """
    if not grid.axes:
        (prompts,) = grid.labels
        columns = columns_of(grid)
        rows = tuple(prompts[n : n + columns] for n in range(0, len(prompts), columns))
        return SheetPlan(columns=columns, captions=rows, width=width, height=height)
    x, y, z = (*grid.labels, (), ())[:3]
    return SheetPlan(
        columns=len(x),
        captions=(_named(grid, 0, x), *((),) * (len(y) - 1)),
        rows=_named(grid, 1, y),
        sheets=_named(grid, 2, z) or ("",),
        width=width,
        height=height,
    )


def columns_of(grid: Grid) -> int:
    """How many cells stand in a row."""
    count = len(grid.labels[0])
    return count if grid.axes else math.ceil(math.sqrt(count))


def cell_at(grid: Grid, sheet: int, row: int, column: int) -> tuple[int, ...]:
    """The place of the cell that stands there."""
    if not grid.axes:
        return (row * columns_of(grid) + column,)
    return (column, row, sheet)[: len(grid.axes)]


def compose_sheet(grid: Grid, jobs: Sequence[str], size: tuple[int, int], read: ReadImage) -> bytes:
    """The sheet as a PNG in full size; `jobs` have an image, others leave an empty frame.

    Raises InvalidInput for one that is too large.
    """
    made = {cell.place: cell.job for cell in grid.cells if cell.job in set(jobs)}

    def image_at(sheet: int, row: int, column: int) -> Image.Image | None:
        job = made.get(cell_at(grid, sheet, row, column))
        return _image(job, read) if job else None

    return compose_grid(sheet_plan(grid, *size), image_at)


def _image(job: str, read: ReadImage) -> Image.Image | None:
    try:
        return Image.open(io.BytesIO(read(job)))
    except NotFound:
        return None


def _named(grid: Grid, axis: int, labels: Sequence[str]) -> tuple[str, ...]:
    """The values with the axis's name, as A1111 labels them."""
    return tuple(f"{grid.axes[axis]}: {label}" for label in labels)
