"""The poses that ship are people, and lie on their canvas."""

import math

import pytest

from formats.openpose.pose_map import draw
from formats.openpose.skeleton import Person, Point
from poses.maps.reader import is_pose_map
from poses.preset_poses import Preset, presets

BONES = ((2, 3, 5, 6), (3, 4, 6, 7), (8, 9, 11, 12), (9, 10, 12, 13), (1, 2, 1, 5))
"""A right bone's ends, and the left one's."""

FORESHORTENED = 0.65
"""A bone that points at the viewer may look so much shorter than its twin."""


def length(person: Person, a: int, b: int) -> float:
    one, other = person.body[a], person.body[b]
    return math.dist((one.x, one.y), (other.x, other.y)) if one and other else 0.0


def on_canvas(point: Point) -> bool:
    return all(8 <= value <= 504 for value in (point.x, point.y))


def test_there_are_many_of_every_sort() -> None:
    found = presets()
    assert len(found) >= 24
    assert len({p.name for p in found}) == len({p.id for p in found}) == len(found)
    assert {len(p.skeleton.people) for p in found} == {1, 2, 3}
    assert {"sitting", "yoga", "fight", "dance", "back", "portrait"} <= {
        tag for p in found for tag in p.tags
    }
    assert ("waving", "Waving") in {(p.id, p.name) for p in found}


@pytest.mark.parametrize("each", presets(), ids=lambda p: p.id)
def test_a_preset_is_well_drawn(each: Preset) -> None:
    assert (each.skeleton.width, each.skeleton.height) == (512, 512)
    assert each.name
    assert each.tags
    for person in each.skeleton.people:
        assert all(on_canvas(p) for p in person.visible() if p)
        for a, b, c, d in BONES:
            right, left = length(person, a, b), length(person, c, d)
            assert min(right, left) >= FORESHORTENED * max(right, left)
    assert is_pose_map(draw(each.skeleton))
