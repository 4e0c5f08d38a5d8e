"""Control maps from images: what each preprocessor makes, and at which resolution."""

import hashlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageChops

from formats.generation.controlnet_unit import ControlNetUnit, Preprocessor
from formats.generation.fields import ResizeMode
from formats.openpose.pose_map import draw
from poses.detection.detector import shared_detector
from poses.preset_poses import presets
from sagemaker_container.engine.control.canny import canny
from sagemaker_container.engine.control.preprocessors import control_map, pixel_perfect
from sagemaker_container.errors import JobError
from tests.support.helpers import ROOT

DETECT = shared_detector().detect
PHOTO = Image.open(ROOT / "tests" / "poses" / "photos" / "astronaut.jpg").convert("RGB")


def unit(preprocessor: Preprocessor, **more: Any) -> ControlNetUnit:
    return ControlNetUnit(model="c.safetensors", image="0" * 64, preprocessor=preprocessor, **more)


def waves() -> NDArray[np.uint8]:
    """An image of colours that rise and fall, from integers alone."""
    y, x = np.mgrid[0:96, 0:128]
    planes = (x * x + 3 * y * y) // 97, (5 * x + y * y // 7) // 3, (x * y) // 11
    return (np.stack(planes, -1) % 256).astype(np.uint8)


@pytest.mark.parametrize(
    ("low", "high", "count", "digest"),
    [(100, 200, 621, "6ef2e307bfe65f41"), (0, 50, 2022, "dd8ede2f737c5f92")],
)
def test_canny_is_opencvs(low: int, high: int, count: int, digest: str) -> None:
    """The figures are those of cv2.Canny 5.0.0 on the same image."""
    edges = canny(waves(), low, high)
    assert edges.sum() == count
    assert hashlib.sha256(np.packbits(edges).tobytes()).hexdigest()[:16] == digest


def test_none_and_a_finished_skeleton_are_used_as_they_are() -> None:
    skeleton = draw(presets()[0].skeleton.scaled(256, 256))
    for preprocessor in (Preprocessor.NONE, Preprocessor.OPENPOSE):
        made = control_map(skeleton, unit(preprocessor), (256, 256), DETECT)
        assert made.tobytes() == skeleton.tobytes()


def test_openpose_draws_the_people_of_a_photo() -> None:
    made = control_map(PHOTO, unit(Preprocessor.OPENPOSE), (128, 128), DETECT)
    assert made.size == (128, 128)
    assert np.asarray(made).any()
    assert made.getpixel((1, 1)) == (0, 0, 0)


def test_openpose_on_a_image_without_people_is_refused() -> None:
    with pytest.raises(JobError, match="found nobody"):
        control_map(
            Image.new("RGB", (256, 256), "teal"), unit(Preprocessor.OPENPOSE), (64, 64), DETECT
        )


def test_invert_and_threshold() -> None:
    assert not ImageChops.difference(
        control_map(PHOTO, unit(Preprocessor.INVERT), (512, 512), DETECT), ImageChops.invert(PHOTO)
    ).getbbox()
    made = np.asarray(
        control_map(PHOTO, unit(Preprocessor.THRESHOLD, threshold_a=90), (512, 512), DETECT)
    )
    assert ((made == 255).all(-1) == (np.asarray(PHOTO.convert("L")) > 90)).all()


@pytest.mark.parametrize(
    ("mode", "short"),
    [(ResizeMode.CROP, 192), (ResizeMode.JUST_RESIZE, 192), (ResizeMode.FILL, 96)],
)
def test_pixel_perfect_works_at_the_size_of_the_result(mode: ResizeMode, short: int) -> None:
    assert pixel_perfect(Image.new("RGB", (200, 100)), 192, 192, mode) == short


def test_a_lower_resolution_gives_coarser_edges() -> None:
    fine = control_map(PHOTO, unit(Preprocessor.CANNY), (512, 512), DETECT)
    coarse = control_map(PHOTO, unit(Preprocessor.CANNY, resolution=64), (512, 512), DETECT)
    assert fine.size == coarse.size
    assert fine.tobytes() != coarse.tobytes()
