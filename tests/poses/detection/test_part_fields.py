"""People from joint maps and part fields, drawn as the network was trained to answer."""

import math
from typing import Any

import numpy as np
import pytest

from formats.openpose.skeleton import Person, Point
from poses.detection.part_fields import _LIMBS, assemble_people
from tests.poses.figures import preset_pose

SIDE = 256


def answer(*people: Person) -> tuple[Any, Any]:
    """Joints as hills, fields as unit vectors along the limbs: the training targets."""
    joints = np.zeros((SIDE, SIDE, 19), np.float32)
    fields = np.zeros((SIDE, SIDE, 38), np.float32)
    ys, xs = np.mgrid[0:SIDE, 0:SIDE]
    for person in people:
        for number, point in enumerate(person.body):
            if point:
                hill = np.exp(-((xs - point.x) ** 2 + (ys - point.y) ** 2) / (2 * 7.0**2))
                joints[:, :, number] = np.maximum(joints[:, :, number], hill)
        for (a, b), channel in _LIMBS:
            _draw_field(fields[:, :, channel : channel + 2], person.body[a], person.body[b])
    return joints, fields


def _draw_field(field: Any, start: Point | None, end: Point | None) -> None:
    if start is None or end is None:
        return
    dx, dy = end.x - start.x, end.y - start.y
    length = max(math.hypot(dx, dy), 1)
    ys, xs = np.mgrid[0:SIDE, 0:SIDE]
    along = ((xs - start.x) * dx + (ys - start.y) * dy) / length
    across = np.abs((xs - start.x) * dy - (ys - start.y) * dx) / length
    on = (along >= -2) & (along <= length + 2) & (across <= 4)
    field[on] = (dx / length, dy / length)


def figure(name: str, left: float, width: float) -> Person:
    """A preset's first figure, so wide, at the left edge given."""
    (person, *_) = preset_pose(name).people
    xs = [p.x for p in person.body if p]
    ys = [p.y for p in person.body if p]
    scale = min(width / (max(xs) - min(xs)), 200 / (max(ys) - min(ys)))
    body = tuple(
        p and Point(x=left + (p.x - min(xs)) * scale, y=20 + (p.y - min(ys)) * scale)
        for p in person.body
    )
    return Person(body=body)


def apart(found: Person, wanted: Person) -> float:
    pairs = list(zip(found.body, wanted.body, strict=True))
    assert [a is None for a, _ in pairs] == [b is None for _, b in pairs]
    return max(math.dist((a.x, a.y), (b.x, b.y)) for a, b in pairs if a and b)


@pytest.mark.parametrize(
    "names", [["standing"], ["standing", "walking"], ["t-pose", "standing", "waving"]]
)
def test_everybody_is_found_with_his_own_limbs(names: list[str]) -> None:
    people = [figure(name, 10 + 82 * i, 62) for i, name in enumerate(names)]
    found = sorted(assemble_people(*answer(*people)), key=lambda p: min(q.x for q in p.body if q))
    assert len(found) == len(people)
    assert all(apart(*pair) < 4 for pair in zip(found, people, strict=True))


def test_a_joint_that_is_not_seen_is_left_out() -> None:
    whole = figure("standing", 60, 80)
    without = Person(body=tuple(None if i in (4, 10) else p for i, p in enumerate(whole.body)))
    (found,) = assemble_people(*answer(without))
    assert apart(found, without) < 4


def test_joints_without_fields_are_nobody() -> None:
    joints, fields = answer(figure("standing", 60, 80))
    assert assemble_people(joints, np.zeros_like(fields)) == ()
    assert assemble_people(np.zeros_like(joints), fields) == ()


def test_two_close_figures_keep_their_own_joints() -> None:
    """What the fields are for: the nearest joint is the neighbour's."""
    one, other = figure("standing", 60, 60), figure("standing", 84, 60)
    found = assemble_people(*answer(one, other))
    assert len(found) == 2
    assert min(apart(found[0], one), apart(found[0], other)) < 6
