"""Masks: patches that are pasted, what only masked cuts out, and strokes of version 0.1."""

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.errors import InvalidInput
from core.images.mask import crop_frame, draw_mask, fit_mask, paste_patch
from formats.generation.inpaint import Box, InpaintSettings
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


def grey(width: int, height: int, value: int = 255, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (width, height), value).save(buffer, kind)
    return buffer.getvalue()


def pixels(mask: bytes | None) -> Any:
    assert mask
    image = Image.open(io.BytesIO(mask))
    assert image.mode == "L"
    return np.asarray(image)


@pytest.mark.parametrize(
    ("box", "value", "total"),
    [
        ((0, 0, 40, 30), 255, 40 * 30),
        ((10, 5, 20, 25), 255, 200),
        ((39, 29, 40, 30), 255, 1),
    ],
)
def test_a_patch_takes_the_place_of_a_box(box: Box, value: int, total: int) -> None:
    left, top, right, bottom = box
    mask = paste_patch(None, (40, 30), box, grey(right - left, bottom - top, value))
    found = pixels(mask)
    assert found.shape == (30, 40)
    assert (found[top:bottom, left:right] == value).all()
    assert (found > 0).sum() == total


def test_patches_follow_each_other() -> None:
    first = paste_patch(None, (40, 30), (0, 0, 20, 30), grey(20, 30))
    second = paste_patch(first, (40, 30), (10, 0, 30, 30), grey(20, 30, 90))
    assert np.unique(pixels(second)[:, :10]).tolist() == [255]
    assert np.unique(pixels(second)[:, 10:30]).tolist() == [90]
    assert paste_patch(second, (40, 30), (0, 0, 40, 30), grey(40, 30, 0)) is None


@pytest.mark.parametrize(
    ("box", "patch"),
    [
        ((0, 0, 41, 30), grey(41, 30)),
        ((-1, 0, 10, 10), grey(11, 10)),
        ((10, 10, 10, 20), grey(1, 10)),
        ((20, 10, 10, 20), grey(10, 10)),
        ((0, 0, 10, 10), grey(10, 11)),
        ((0, 0, 10, 10), grey(4096, 4096)),
        ((0, 0, 10, 10), b"GIF89a nothing"),
        ((0, 0, 10, 10), grey(10, 10)[:-30]),
        ((0, 0, 10, 10), b""),
    ],
)
def test_what_is_no_patch(box: Box, patch: bytes) -> None:
    with pytest.raises(InvalidInput):
        paste_patch(None, (40, 30), box, patch)


def test_an_uploaded_mask_is_stretched_to_the_image() -> None:
    half = paste_patch(None, (40, 30), (0, 0, 20, 30), grey(20, 30))
    assert half
    found = pixels(fit_mask(half, (80, 90)))
    assert found.shape == (90, 80)
    assert found[:, :38].min() == 255
    assert found[:, 42:].max() == 0
    assert fit_mask(grey(8, 8, 0), (40, 30)) is None


@pytest.mark.parametrize(
    ("box", "padding", "size", "inverted", "expected"),
    [
        ((100, 100, 140, 140), 0, (64, 64), False, (100, 100, 140, 140)),
        ((100, 100, 140, 140), 32, (64, 64), False, (68, 68, 172, 172)),
        ((100, 100, 140, 140), 0, (128, 64), False, (80, 100, 160, 140)),
        ((100, 100, 140, 140), 0, (64, 128), False, (100, 80, 140, 160)),
        ((0, 100, 40, 140), 0, (128, 64), False, (0, 100, 80, 140)),
        ((280, 100, 320, 140), 8, (128, 64), False, (208, 92, 320, 148)),
        ((0, 0, 320, 200), 32, (64, 64), False, (0, 0, 320, 240)),
        ((0, 0, 320, 80), 0, (64, 64), True, (0, 0, 320, 240)),
    ],
)
def test_the_frame_of_only_masked(
    box: Box, padding: int, size: tuple[int, int], inverted: bool, expected: Box
) -> None:
    """A1111's rule: modules/masking.py, expand_crop_region."""
    left, top, right, bottom = box
    mask = paste_patch(None, (320, 240), box, grey(right - left, bottom - top))
    assert mask
    options = InpaintSettings(padding=padding, blur=0, inverted=inverted)
    assert crop_frame(mask, options, size) == expected


def test_the_frame_has_room_for_the_blur() -> None:
    mask = paste_patch(None, (320, 240), (100, 100, 140, 140), grey(40, 40))
    assert mask
    frame = crop_frame(mask, InpaintSettings(padding=0, blur=8), (64, 64))
    assert frame
    assert frame[0] < 95
    assert crop_frame(grey(320, 240), InpaintSettings(inverted=True), (64, 64)) is None
