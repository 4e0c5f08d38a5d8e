"""Rough strokes become a stick figure, or the sketcher is told what is missing."""

import math
import random
from typing import Any

import pytest

from formats.openpose.skeleton import Point, PoseError, Skeleton
from poses.sketches.reader import fit_sketch
from poses.sketches.strokes import PenPoint, Stroke, read_strokes, resample
from tests.poses.figures import preset_pose
from tests.support.soak import rounds

POSES = (
    "standing",
    "a-pose",
    "t-pose",
    "waving",
    "cheering",
    "jumping",
    "dancing",
    "hands-on-hips",
    "shrugging",
    "pointing",
    "yoga-warrior",
    "handstand",
    "contrapposto",
)


def joints(name: str) -> list[PenPoint]:
    body = preset_pose(name).people[0].body
    return [PenPoint(p.x, p.y) if p else PenPoint(0, 0) for p in body]


def between(a: PenPoint, b: PenPoint) -> PenPoint:
    return PenPoint((a.x + b.x) / 2, (a.y + b.y) / 2)


def rough(rng: random.Random, *spots: PenPoint) -> Stroke:
    """A freehand line through some points: wavering, not quite at them, in either direction."""
    loose = [PenPoint(x + rng.uniform(-5, 5), y + rng.uniform(-5, 5)) for x, y in spots]
    even = resample(tuple(loose), 30)
    line = [PenPoint(x + rng.uniform(-2, 2), y + rng.uniform(-2, 2)) for x, y in even]
    return tuple(line if rng.random() < 0.5 else line[::-1])


def circle(rng: random.Random, centre: PenPoint, radius: float) -> Stroke:
    start = rng.uniform(0, 2 * math.pi)
    turns = [start + 2 * math.pi * i / 24 for i in range(24)]
    return rough(
        rng,
        *(
            PenPoint(centre.x + radius * math.cos(t), centre.y + radius * math.sin(t))
            for t in turns
        ),
    )


def sketch(rng: random.Random, name: str, style: str) -> tuple[Stroke, ...]:
    """A preset as somebody might draw it."""
    j = joints(name)
    neck, pelvis = j[1], between(j[8], j[11])
    near = ((neck, neck), (pelvis, pelvis)) if style != "box" else ((j[2], j[5]), (j[8], j[11]))
    right_arm, left_arm = (near[0][0], j[3], j[4]), (near[0][1], j[6], j[7])
    right_leg, left_leg = (near[1][0], j[9], j[10]), (near[1][1], j[12], j[13])
    strokes = [circle(rng, j[0], 0.75 * math.dist(j[0], neck))]
    if style == "joined":
        strokes.append(rough(rng, *right_arm[::-1], *left_arm[1:]))
        strokes.append(rough(rng, *right_leg[::-1], *left_leg[1:]))
    else:
        strokes += [rough(rng, *limb) for limb in (right_arm, left_arm, right_leg, left_leg)]
    if style == "box":
        strokes.append(rough(rng, j[2], j[5], j[11], j[8], j[2]))
    elif style != "no torso":
        strokes.append(rough(rng, neck, pelvis))
    rng.shuffle(strokes)
    return tuple(strokes)


def mean_error(found: Skeleton, wanted: list[PenPoint]) -> float:
    body = found.people[0].body
    return sum(
        math.dist((p.x, p.y), spot) for p, spot in zip(body, wanted, strict=True) if p
    ) / len(body)


@rounds(4, 300)
@pytest.mark.parametrize("style", ["lines", "joined", "box"])
@pytest.mark.parametrize("name", POSES)
def test_rough_sketches(name: str, style: str, rounds: int) -> None:
    for seed in range(rounds):
        strokes = sketch(random.Random(seed), name, style)
        found = fit_sketch(strokes, 512, 512)
        body = found.people[0].body
        assert all(isinstance(point, Point) for point in body)
        assert mean_error(found, joints(name)) < 22


@pytest.mark.parametrize("name", ["standing", "a-pose", "jumping"])
def test_a_torso_may_be_left_out(name: str) -> None:
    found = fit_sketch(sketch(random.Random(1), name, "no torso"), 512, 512)
    assert mean_error(found, joints(name)) < 30


def parts(*names: str) -> tuple[Stroke, ...]:
    rng, j = random.Random(2), joints("a-pose")
    neck, pelvis = j[1], between(j[8], j[11])
    drawn = {
        "head": circle(rng, j[0], 40),
        "torso": rough(rng, neck, pelvis),
        "arm": rough(rng, neck, j[3], j[4]),
        "other arm": rough(rng, neck, j[6], j[7]),
        "leg": rough(rng, pelvis, j[9], j[10]),
        "other leg": rough(rng, pelvis, j[12], j[13]),
        "speck": (PenPoint(5, 5), PenPoint(8, 8)),
    }
    return tuple(drawn[name] for name in names)


@pytest.mark.parametrize(
    ("names", "message"),
    [
        ((), "empty"),
        (("head",), "only a head"),
        (("torso", "arm", "other arm", "leg", "other leg"), "No head"),
        (("head", "torso", "arm", "leg", "other leg"), "one more arm"),
        (("head", "torso", "arm", "other arm"), "two legs"),
        (("head", "torso", "leg", "other leg"), "two arms"),
        (("head", "torso", "arm", "other arm", "leg"), "one more leg"),
    ],
)
def test_what_is_missing_is_said(names: tuple[str, ...], message: str) -> None:
    with pytest.raises(PoseError, match=message):
        fit_sketch(parts(*names), 512, 512)


def test_slips_of_the_pen_are_passed_over() -> None:
    everything = ("head", "torso", "arm", "other arm", "leg", "other leg")
    clean, with_speck = parts(*everything), parts(*everything, "speck")
    assert fit_sketch(with_speck, 512, 512) == fit_sketch(clean, 512, 512)


def test_the_drawing_of_a_canvas_is_read() -> None:
    stroke = {"strokeWidth": 4, "originX": "center", "originY": "center"}
    path: dict[str, Any] = {
        "type": "Path",
        "left": 15,
        "top": 15,
        **stroke,
        "path": [["M", 10, 10], ["Q", 10, 20, 20, 20], ["L", 20, 10]],
    }
    moved = {**path, "left": 115, "top": 15, "scaleX": 2, "angle": 90}
    line = {"type": "Line", "left": 5, "top": 5, "x1": -5, "y1": -5, "x2": 5, "y2": 5, **stroke}
    ring = {"type": "Circle", "left": 48, "top": 48, "radius": 10, "strokeWidth": 4}
    label = {"type": "IText", "text": "hello"}
    first, second, third, fourth = read_strokes({"objects": [path, moved, line, ring, label]})
    assert (first[0], first[-1]) == (PenPoint(10, 10), PenPoint(20, 10))
    assert first[2] == PenPoint(12.5, 17.5)
    assert second[0] == pytest.approx((120, 5))
    assert third == (PenPoint(0, 0), PenPoint(10, 10))
    assert fourth[0] == pytest.approx((70, 60))
    assert read_strokes(None) == read_strokes({"objects": []}) == ()


@pytest.mark.parametrize(
    "objects",
    [
        "x",
        [{}] * 201,
        ["x"],
        [{"type": "path"}],
        [{"type": "path", "path": [["M", "a", 1], ["L", 1, 1]], "left": 0, "top": 0}],
        [{"type": "path", "path": [["M", 0, 0]] * 20_001, "left": 0, "top": 0}],
    ],
    ids=["no list", "many", "no object", "no path", "no number", "long"],
)
def test_what_is_no_drawing_is_refused(objects: Any) -> None:
    with pytest.raises(PoseError):
        read_strokes({"objects": objects})
