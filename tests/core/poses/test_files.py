"""Poses come in and go out as files."""

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from core.errors import InvalidInput
from core.poses.files import (
    export_fkunn1326,
    export_json,
    export_json_list,
    export_png,
    import_pose,
    pose_from_image,
    thumbnail,
)
from formats.openpose.coordinates import PoseFile
from formats.openpose.pose_map import draw
from formats.openpose.skeleton import Skeleton
from tests.poses.figures import canvas, standing

PHOTO = (Path(__file__).parents[2] / "poses" / "photos" / "astronaut.jpg").read_bytes()
POSE = canvas(standing(0.8, -60, missing=(4,)), standing(0.8, 120))


@pytest.mark.parametrize("export", [export_json, export_json_list, export_fkunn1326])
def test_json_out_and_in(export: Callable[[Skeleton], str]) -> None:
    assert import_pose(export(POSE).encode()) == PoseFile(skeleton=POSE)


def test_map_out_and_in() -> None:
    png = export_png(POSE)
    assert Image.open(io.BytesIO(png)).tobytes() == draw(POSE).tobytes()
    assert len(import_pose(png).skeleton.people) == 2
    found = pose_from_image(png)
    assert (found.is_map, len(found.skeleton.people)) == (True, 2)


def test_a_photo_is_looked_at() -> None:
    found = pose_from_image(PHOTO)
    assert (found.is_map, found.is_empty, found.skeleton.width) == (False, False, 512)
    blank = io.BytesIO()
    Image.new("RGB", (100, 100), "white").save(blank, "PNG")
    assert pose_from_image(blank.getvalue()).is_empty


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (PHOTO, "no OpenPose map"),
        (b"", "not a PNG"),
        (b"\x89PNG\r\n", "not a PNG"),
        (b'{"people": 1}', "No 'people'"),
        (b"{\xff", "not JSON"),
    ],
)
def test_other_files_are_refused(data: bytes, message: str) -> None:
    with pytest.raises(InvalidInput, match=message) as caught:
        import_pose(data, "units.0.pose")
    assert caught.value.field == "units.0.pose"


@pytest.mark.parametrize(
    ("size", "expected"),
    [((512, 512), (128, 128)), ((512, 1024), (64, 128)), ((64, 2048), (32, 128))],
)
def test_thumbnails(size: tuple[int, int], expected: tuple[int, int]) -> None:
    small = Image.open(io.BytesIO(thumbnail(POSE.scaled(*size))))
    assert small.size == expected
    assert small.getbbox() is not None
