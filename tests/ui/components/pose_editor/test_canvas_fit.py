"""A canvas of another size: the browser moves its history as Python moves the pose."""

import pytest

from formats.openpose import skeleton
from formats.openpose.skeleton import Person, Skeleton
from poses.canvas import Size, fit_to_canvas
from poses.hands import HandShape, Side, with_hand
from poses.preset_poses import default_pose
from tests.ui.components.figures import Person as BrowserPerson
from tests.ui.components.figures import Point
from tests.ui.components.module_page import PoseModules

pytestmark = pytest.mark.browser

SCRIPT = """({ canvasFit, skeleton }, [people, from, to, content]) =>
  canvasFit(from, to, content, skeleton.maxCoordinate)(people)"""
FAR = Person(body=(skeleton.Point(x=-700, y=2000, hidden=True), *[None] * 17))


def figures(size: Size) -> Skeleton:
    """The default figure with a hand, and somebody far outside."""
    one = default_pose().scaled(*size).people[0]
    return Skeleton(
        width=size[0],
        height=size[1],
        people=(with_hand(one, Side.LEFT, HandShape.OPEN), FAR),
    )


@pytest.mark.parametrize(
    ("old", "new", "photo"),
    [
        ((512, 512), (512, 512), None),
        ((512, 512), (512, 512), (300, 700)),
        ((512, 512), (768, 512), None),
        ((768, 512), (512, 768), None),
        ((512, 512), (1024, 1024), None),
        ((512, 512), (256, 1024), (300, 700)),
        ((640, 384), (384, 640), (1000, 100)),
        ((640, 384), (2048, 64), (64, 64)),
        ((64, 64), (2048, 2048), None),
        ((2048, 1152), (64, 72), (1920, 1080)),
    ],
)
def test_both_fit_alike(pose: PoseModules, old: Size, new: Size, photo: Size | None) -> None:
    start = figures(old)
    expected = fit_to_canvas(start, *new, photo).model_dump(mode="json")["people"]
    people = start.model_dump(mode="json")["people"]
    found = pose.run(SCRIPT, [people, old, new, photo or old])
    assert numbers(found) == pytest.approx(numbers(expected), abs=0.00501)
    assert shape(found) == shape(expected)


def points(people: list[BrowserPerson]) -> list[Point | None]:
    """All points, one None for a hand that is not there."""
    return [p for one in people for part in one.values() for p in part or [None]]


def numbers(people: list[BrowserPerson]) -> list[float]:
    """All coordinates."""
    return [p[axis] for p in points(people) if p for axis in "xy"]


def shape(people: list[BrowserPerson]) -> list[bool | None]:
    """Which joints there are, and which of them are hidden."""
    return [p["hidden"] if p else None for p in points(people)]
