"""What the mask editor's script is told of the figures."""

import pytest

from poses.preset_poses import default_pose
from poses.regions import head
from ui.form.image.mask_editor import _parts


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
