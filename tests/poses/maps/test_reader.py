"""What was drawn as a map is read back as keypoints."""

import io
import math
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from formats.openpose.pose_map import draw
from formats.openpose.skeleton import Person, Point, Skeleton
from poses.maps.reader import MapPose, is_pose_map, read_map
from tests.poses.figures import canvas, standing
from tests.poses.maps.other_renderers import Order, render

PHOTO = Path(__file__).parents[1] / "photos" / "astronaut.jpg"
TWO = canvas(standing(0.9, -100), standing(0.9, 110))
CLOSE = canvas(standing(0.9, -25), standing(0.8, 45))
HAND = tuple(Point(x=214 + 7 * (i % 4) - 12, y=285 + 5 * (i // 4)) for i in range(21))


def error(found: MapPose | None, drawn: Skeleton) -> float:
    """The largest distance of a joint from where it was drawn, the people in any order, in pixels;
    infinite where there are other people or other joints."""
    if found is None or len(found.skeleton.people) != len(drawn.people):
        return math.inf
    left, errors = list(found.skeleton.people), [0.0]
    for person in drawn.people:
        best = min(left, key=lambda other: distance(person, other))
        left.remove(best)
        errors.append(distance(person, best))
    return max(errors)


def distance(one: Person, other: Person) -> float:
    """The largest distance between joints; infinite where one has a joint the other has not."""
    pairs = list(zip(one.visible(), other.visible(), strict=True))
    if any((a is None) != (b is None) for a, b in pairs):
        return math.inf
    return max(math.dist((a.x, a.y), (b.x, b.y)) for a, b in pairs if a and b)


@pytest.mark.parametrize(
    "drawn",
    [
        canvas(standing()),
        TWO,
        CLOSE,
        canvas(standing(0.6, -150), standing(0.6), standing(0.6, 150)),
        canvas(standing()).scaled(256, 256),
        canvas(standing()).scaled(768, 1024),
        canvas(standing(0.9, -100), standing(0.9, 110)).scaled(2048, 2048),
        canvas(standing(missing=(0, 14, 15, 16, 17))),
        canvas(standing(missing=(3,))),
        canvas(standing(missing=(1,))),
        canvas(standing(0.8, -100, missing=(1, 12)), standing(0.8, 110, missing=(1, 6))),
        canvas(standing(1.2, missing=(9, 10, 12, 13))),
    ],
    ids=[
        "one",
        "two",
        "close",
        "three",
        "256",
        "tall",
        "2048",
        "no face",
        "no elbow",
        "no neck",
        "two in parts",
        "half",
    ],
)
def test_drawn_and_read(drawn: Skeleton) -> None:
    assert error(read_map(draw(drawn)), drawn) <= 1.5


@pytest.mark.parametrize("drawn", [canvas(standing()), TWO], ids=["one", "two"])
@pytest.mark.parametrize("quality", [60, 75, 90])
def test_jpeg(drawn: Skeleton, quality: int) -> None:
    buffer = io.BytesIO()
    draw(drawn).save(buffer, "JPEG", quality=quality)
    assert error(read_map(Image.open(buffer)), drawn) <= 1.5


@pytest.mark.parametrize("side", [320, 384, 640, 768])
def test_resized(side: int) -> None:
    image = draw(TWO).resize((side, side), Image.Resampling.LANCZOS)
    assert error(read_map(image), TWO.scaled(side, side)) <= 2


WITH_HAND = canvas(standing().model_copy(update={"right_hand": HAND}))


@pytest.mark.parametrize(
    ("image", "has_hands", "has_faces"),
    [
        (draw(canvas(standing())), False, False),
        (draw(WITH_HAND), True, False),
        (render(WITH_HAND, Order.EACH_PERSON), True, True),
        (render(canvas(standing()), Order.EACH_PERSON), False, True),
    ],
    ids=["body", "hand", "hand and face", "face"],
)
def test_hands_and_faces_are_told_and_left_out(
    image: Image.Image, has_hands: bool, has_faces: bool
) -> None:
    found = read_map(image)
    assert found
    assert (found.has_hands, found.has_faces) == (has_hands, has_faces)
    assert len(found.skeleton.people) == 1
    assert found.skeleton.people[0].hands() == ()


@pytest.mark.parametrize(
    "picture",
    [
        Image.open(PHOTO),
        Image.new("RGB", (512, 512)),
        Image.new("RGB", (512, 512), "red"),
        Image.fromarray(np.random.default_rng(1).integers(0, 255, (256, 256, 3), np.uint8)),
        draw(canvas(standing())).resize((40, 40)),
        draw(canvas(standing())).convert("L"),
    ],
    ids=["photo", "black", "red", "noise", "tiny", "grey"],
)
def test_what_is_no_map(picture: Image.Image) -> None:
    assert read_map(picture) is None
    assert not is_pose_map(picture)
