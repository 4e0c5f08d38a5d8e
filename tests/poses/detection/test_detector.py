"""A photo becomes the skeletons of everybody in it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from formats.openpose.skeleton import Person
from poses.detection.detector import PoseDetector

PHOTO = Path(__file__).parents[1] / "photos" / "astronaut.jpg"
SEEN_BY_EYE = {0: (211, 121), 2: (117, 217), 5: (301, 239), 14: (194, 103), 15: (232, 106)}
"""Nose, shoulders and eyes of the astronaut, pixels."""


@pytest.fixture(scope="module")
def detector() -> PoseDetector:
    return PoseDetector()


@pytest.fixture(scope="module")
def photo() -> Image.Image:
    return Image.open(PHOTO).convert("RGB")


def check(person: Person, scale: float = 1.0, shift: float = 0.0) -> None:
    for index, (x, y) in SEEN_BY_EYE.items():
        point = person.body[index]
        assert point is not None
        assert abs(point.x - (x * scale + shift)) < 15 * scale
        assert abs(point.y - y * scale) < 15 * scale


def test_one_person(detector: PoseDetector, photo: Image.Image) -> None:
    skeleton = detector.detect(photo)
    assert (skeleton.width, skeleton.height, len(skeleton.people)) == (512, 512, 1)
    check(skeleton.people[0])


def test_a_large_photo_gets_the_nearest_canvas(detector: PoseDetector, photo: Image.Image) -> None:
    skeleton = detector.detect(photo.resize((2560, 2560)))
    assert (skeleton.width, skeleton.height) == (2048, 2048)
    check(skeleton.people[0], scale=4)


@pytest.mark.parametrize("count", [2, 6], ids=["two", "six, too small at a glance"])
def test_several_people_from_left_to_right(
    detector: PoseDetector, photo: Image.Image, count: int
) -> None:
    row = Image.new("RGB", (512 * count, 512))
    for place in range(count):
        row.paste(ImageOps.mirror(photo) if place % 2 else photo, (512 * place, 0))
    skeleton = detector.detect(row)
    noses = [person.body[0] for person in skeleton.people]
    expected = [place + (0.57 if place % 2 else 0.43) for place in range(count)]
    found = [nose and nose.x / skeleton.width * count for nose in noses]
    assert found == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("size", [(512, 512), (64, 64), (20, 300), (300, 20)])
def test_nobody(detector: PoseDetector, size: tuple[int, int]) -> None:
    skeleton = detector.detect(Image.new("RGB", size, "white"))
    assert skeleton.people == ()
    assert (skeleton.width, skeleton.height) == tuple(max(side, 64) for side in size)


def test_threads_share_one_detector(detector: PoseDetector, photo: Image.Image) -> None:
    with ThreadPoolExecutor(4) as pool:
        skeletons = list(pool.map(detector.detect, [photo] * 6))
    assert all(skeleton == skeletons[0] for skeleton in skeletons)
