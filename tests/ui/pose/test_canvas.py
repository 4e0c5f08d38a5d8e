"""A sketch's drawing: what the canvas's strokes become, and what is read of them again."""

from typing import Any

import pytest

from poses.sketches.strokes import read_strokes
from ui.pose.canvas import _drawing, _read, _strokes_on

STROKES = [[[20.0, 30.0], [80.5, 30.0], [80.5, 90.0]], [[5.0, 5.0], [6.0, 50.0]]]


def test_strokes_come_back_as_they_were() -> None:
    sent = _read({"rev": "a", "strokes": STROKES})
    assert sent
    drawing = _drawing(sent, (256, 128))
    assert (drawing["width"], drawing["height"], len(drawing["objects"])) == (256, 128, 2)
    for found, expected in zip(read_strokes(drawing), STROKES, strict=True):
        assert [number for point in found for number in point] == pytest.approx(
            [number for point in expected for number in point]
        )
    larger = _strokes_on(drawing, (512, 512))
    assert larger[0][1] == pytest.approx((161, 60))


@pytest.mark.parametrize(
    "sent", [None, "x", {}, {"rev": "a", "strokes": 3}, {"rev": "a", "strokes": [[[1e9, 0]]]}]
)
def test_what_is_no_sketch(sent: Any) -> None:
    assert _read(sent) is None


@pytest.mark.parametrize(
    "drawing", [{}, {"objects": []}, {"objects": [{"type": "path", "path": 3}], "width": 9}]
)
def test_a_drawing_that_can_not_be_shown(drawing: dict[str, Any]) -> None:
    assert _strokes_on(drawing, (256, 256)) == ()
