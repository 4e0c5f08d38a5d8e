"""What the mask editor's script is told: the figures' parts, and what only masked cuts out."""

import io
from typing import Any

import pytest
from PIL import Image

from formats.generation.inpaint import Box, InpaintArea, UncheckedInpaint
from poses.preset_poses import default_pose
from poses.regions import head
from ui.form.image.mask_editor import _parts, crop_frame_of
from ui.form.values import FormValues


def test_parts_are_in_pixels_of_the_image() -> None:
    pose = default_pose()
    (figure,) = _parts(pose, 2 * pose.width, 3 * pose.height)
    (circle,) = head(pose.people[0])
    (shown,) = figure["head"]
    assert shown["a"] == shown["b"]
    assert (shown["a"]["x"], shown["a"]["y"]) == pytest.approx(
        (2 * circle.a.x, 3 * circle.a.y), abs=0.1
    )
    assert shown["radius"] == pytest.approx(3 * circle.radius, abs=0.1)
    assert len(figure["hands"]) == 2
    assert len(figure["figure"]) > len(figure["hands"])


def test_no_figures() -> None:
    assert _parts(None, 256, 256) == []


def mask(box: Box) -> bytes:
    image, buffer = Image.new("L", (320, 240)), io.BytesIO()
    image.paste(255, box)
    image.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("changes", "inpaint", "frame"),
    [
        ({}, {}, (68, 68, 172, 172)),
        ({"width": 128}, {}, (16, 68, 224, 172)),
        ({}, {"padding": 0}, (100, 100, 140, 140)),
        ({}, {"area": InpaintArea.WHOLE}, None),
        ({"width": None}, {}, None),
        ({"width": 8}, {}, None),
        ({}, {"padding": 999}, None),
        ({}, {"blur": None}, None),
    ],
)
def test_the_crop_frame(
    changes: dict[str, Any], inpaint: dict[str, Any], frame: Box | None
) -> None:
    settings = UncheckedInpaint(**{"area": InpaintArea.MASKED, "blur": 0, **inpaint})
    values = FormValues(**{"width": 64, "height": 64, **changes}, inpaint=settings)
    assert crop_frame_of(values, mask((100, 100, 140, 140))) == frame
    assert crop_frame_of(values, None) is None
