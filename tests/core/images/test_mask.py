"""Masks that were painted on a canvas."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.images.mask import draw_mask
from formats.openpose.skeleton import PoseError

STROKE: dict[str, Any] = {
    "type": "path",
    "path": [["M", 20, 30], ["L", 80, 30]],
    "left": 15,
    "top": 25,
    "strokeWidth": 10,
    "originX": "left",
    "originY": "top",
}
CANVAS = {"width": 100, "height": 60}


def painted(*objects: dict[str, Any], size: tuple[int, int] = (200, 120)) -> Any:
    data = draw_mask({**CANVAS, "objects": list(objects)}, *size)
    return data and np.asarray(Image.open(io.BytesIO(data)).convert("L"))


def test_a_stroke_is_as_wide_as_its_brush() -> None:
    mask = painted(STROKE)
    assert mask.shape == (120, 200)
    rows, columns = np.nonzero(mask)
    assert set(np.unique(mask)) == {0, 255}
    assert rows.max() - rows.min() == pytest.approx(20, abs=2)
    assert (columns.min(), columns.max()) == (pytest.approx(30, abs=3), pytest.approx(170, abs=3))


def test_a_stroke_that_was_made_larger() -> None:
    rows, _ = np.nonzero(painted({**STROKE, "scaleX": 2, "scaleY": 2}))
    assert rows.max() - rows.min() == pytest.approx(40, abs=3)


@pytest.mark.parametrize("objects", [[], [{"type": "image"}]])
def test_nothing_painted_is_no_mask(objects: list[dict[str, Any]]) -> None:
    assert painted(*objects) is None


@pytest.mark.parametrize("objects", [[STROKE] * 201, [{"type": "path", "path": [["M", "x"]]}]])
def test_what_is_no_drawing(objects: list[dict[str, Any]]) -> None:
    with pytest.raises(PoseError):
        painted(*objects)
