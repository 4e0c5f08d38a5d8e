"""Poses are read in every dialect, refused when broken, and drawn exactly."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

import pytest
from pydantic import ValidationError

from formats.openpose.json_files import from_json, read_json, to_json
from formats.openpose.pose_map import COLOURS, HAND_JOINT, LIMBS, draw, limb_radius
from formats.openpose.skeleton import (
    BODY_POINTS,
    KEYPOINT_NAMES,
    Person,
    Point,
    PoseError,
    Skeleton,
)

STANDING = [
    (128, 40),
    (128, 70),
    (100, 70),
    (92, 110),
    (88, 148),
    (156, 70),
    (164, 110),
    (168, 148),
    (112, 150),
    (110, 195),
    (108, 240),
    (144, 150),
    (146, 195),
    (148, 240),
    (122, 34),
    (134, 34),
    (114, 38),
    (142, 38),
]


def person(points: Any = STANDING) -> Person:
    return Person(body=tuple(p and Point(x=p[0], y=p[1]) for p in points))


def skeleton(*people: Person, width: int = 256, height: int = 256) -> Skeleton:
    return Skeleton(width=width, height=height, people=people or (person(),))


def people_json(flat: Sequence[object], **extra: Any) -> str:
    return json.dumps({"people": [{"pose_keypoints_2d": flat}], **extra})


def flat(points: Any = STANDING, confidence: float = 1.0) -> list[float]:
    return [value for x, y in points for value in (x, y, confidence)]


def test_json_round_trip() -> None:
    first = skeleton(person(), person([None, *STANDING[1:]]))
    assert from_json(to_json(first)) == first


HAND = tuple(Point(x=100 + i, y=150 - i) for i in range(21))


def test_hands_round_trip_and_are_drawn() -> None:
    with_hand = person().model_copy(update={"left_hand": HAND})
    back = from_json(to_json(skeleton(with_hand))).people[0]
    assert (back.left_hand, back.right_hand) == (HAND, None)
    assert draw(skeleton(with_hand)).getpixel((110, 140)) == HAND_JOINT
    assert (with_hand.scaled(2, 1).left_hand or ())[3] == Point(x=206, y=147)


def test_a_short_hand_is_refused() -> None:
    flat_hand = {"people": [{"pose_keypoints_2d": flat(), "hand_left_keypoints_2d": [1.0] * 9}]}
    with pytest.raises(PoseError, match="21 hand points"):
        from_json(json.dumps(flat_hand))


def test_hidden_points_are_missing_to_others_and_come_back_to_us() -> None:
    aside = Point(x=-3, y=7, hidden=True)
    pose = skeleton(Person(body=(aside, *person().body[1:]), left_hand=(*HAND[:20], aside)))
    written = json.loads(to_json(pose))["people"][0]
    assert written["pose_keypoints_2d"][:3] == written["hand_left_keypoints_2d"][-3:] == [0, 0, 0]
    assert from_json(to_json(pose)) == pose


def test_openposes_own_25_points_are_read() -> None:
    middle_of_hips = (128, 150)
    theirs = [*STANDING[:8], middle_of_hips, *STANDING[8:], *[(1, 1)] * 6]
    text = people_json(flat(theirs), canvas_width=256, canvas_height=256)
    assert from_json(text) == skeleton()


def test_figures_without_a_canvas_make_one() -> None:
    small = from_json(people_json(flat()))
    assert (small.width, small.height) == (512, 512)
    large = from_json(people_json(flat([(4 * x, 4 * y) for x, y in STANDING])))
    assert (large.width, large.height) == (706, 1008)
    assert large.people[0].body[0] == Point(x=512, y=160)


def test_a_canvas_too_large_is_made_smaller() -> None:
    photo = from_json(people_json(flat(), canvas_width=4096, canvas_height=3072))
    assert (photo.width, photo.height) == (2048, 1536)
    assert photo.people[0].body[0] == Point(x=64, y=20)


@pytest.mark.parametrize(
    "text",
    [
        people_json(flat(), canvas_width=256, canvas_height=256),
        json.dumps([json.loads(people_json(flat(), canvas_width=256, canvas_height=256))]),
        people_json(flat(confidence=0.31), canvas_width=256, canvas_height=256),
        people_json(
            flat([(x / 256, y / 256) for x, y in STANDING]), canvas_width=256, canvas_height=256
        ),
        json.dumps({"width": 256, "height": 256, "keypoints": [list(p) for p in STANDING]}),
    ],
    ids=["people", "list", "low confidence", "normalised", "fkunn1326"],
)
def test_dialects(text: str) -> None:
    assert from_json(text) == skeleton()


def test_points_below_the_floor_are_missing() -> None:
    found = read_json(people_json([*flat()[:-1], 0.29]))
    assert found.skeleton.people[0].body[-1] is None
    assert any("confidence below 0.3: left ear" in notice for notice in found.notices)
    with pytest.raises(PoseError, match="nobody"):
        from_json(people_json(flat(confidence=0.29)))


SHARES = [(x / 256, y / 256) for x, y in STANDING]
CANVAS = {"canvas_width": 256, "canvas_height": 256}


def test_a_point_outside_decides_no_units() -> None:
    shares = [*SHARES[:-1], (0.5, 1.06)]
    body = from_json(people_json(flat(shares), **CANVAS)).people[0].body
    assert body[:-1] == person().body[:-1]
    assert body[-1] == Point(x=128, y=1.06 * 256)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_any_unicode_is_read(encoding: str) -> None:
    assert from_json(people_json(flat(), **CANVAS).encode(encoding)) == skeleton()


def test_somebody_with_hands_only_is_read() -> None:
    hands = {"pose_keypoints_2d": None, "hand_left_keypoints_2d": flat([(9, 9)] * 21)}
    people = from_json(json.dumps({"people": [hands], **CANVAS})).people
    assert people == (Person(body=(None,) * 18, left_hand=(Point(x=9, y=9),) * 21),)


@pytest.mark.parametrize("missing", [[0, 0, 0], [0, 0, 1], [-1, -1, 1], [None] * 3, [5, 5, 0]])
def test_marks_of_a_missing_joint(missing: list[Any]) -> None:
    body = from_json(people_json([*missing, *flat()[3:]], **CANVAS)).people[0].body
    assert body == (None, *person().body[1:])


def test_joints_outside_the_canvas_come_back() -> None:
    outside = [(-30, -40), (-0.5, -7), (0, 0), (-1, -1), *STANDING[4:]]
    pose = skeleton(person(outside))
    for point, back in zip(
        pose.people[0].body, from_json(to_json(pose)).people[0].body, strict=True
    ):
        assert point
        assert back
        assert abs(point.x - back.x) + abs(point.y - back.y) < 0.1


def test_a_canvas_of_floats_is_read() -> None:
    assert from_json(people_json(flat(), canvas_width=256.0, canvas_height="256")) == skeleton()


def test_whole_body_points_are_read() -> None:
    """The order of mmpose's coco_wholebody.py: 17 body, 6 feet, 68 face, 21 left, 21 right hand."""
    order = (0, 15, 14, 17, 16, 5, 2, 6, 3, 7, 4, 11, 8, 12, 9, 13, 10)
    body = [STANDING[index] for index in order]
    points = [*body, *[(9, 9)] * 74, *[(50, 60)] * 21, *[(70, 80)] * 21]
    found = read_json(people_json(flat(points), **CANVAS))
    whole = found.skeleton.people[0]
    assert whole.body == person().body
    assert whole.left_hand == (Point(x=50, y=60),) * 21
    assert whole.right_hand == (Point(x=70, y=80),) * 21
    assert any("133 points" in notice for notice in found.notices)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("no json", "not JSON"),
        ("[1, 2]", "one object"),
        ("{}", "No 'people'"),
        (people_json([1.0] * 53), "53 numbers"),
        (people_json([1.0] * 57), "19 points a person"),
        (people_json(["a"] * 54), "not a number"),
        (people_json([1e9] * 54), "nobody in the pose file.*8,192 pixels"),
        (people_json(flat(), canvas_width=10), "64-8192"),
        (json.dumps({"people": [{"pose_keypoints_2d": flat()}] * 17}), "16 people"),
        (json.dumps({"keypoints": [[1, 2]] * 19}), "19 points a person"),
        ("[" * 100_000, "too deeply"),
        ('{"a": "' + '\\"' * 100_000, "not JSON"),
        (" " * (1 << 20) + "{}", "1 MB"),
    ],
)
def test_broken_poses_say_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(PoseError, match=message):
        from_json(text)


def test_a_person_has_eighteen_points() -> None:
    with pytest.raises(ValidationError):
        Person(body=(None,) * (BODY_POINTS - 1))


def test_the_map_is_drawn_as_the_detectors_draw_it() -> None:
    image = draw(skeleton())
    assert image.getpixel((128, 40)) == COLOURS[0]
    assert image.getpixel((92, 110)) == COLOURS[KEYPOINT_NAMES.index("right elbow")]
    middle = (int((100 + 92) / 2), int((70 + 110) / 2))
    assert image.getpixel(middle) == tuple(int(c * 0.6) for c in COLOURS[LIMBS.index((2, 3))])
    assert image.getpixel((5, 5)) == (0, 0, 0)


def test_the_map_never_changes() -> None:
    """The same pose must give the same bytes: maps are stored under their hash."""
    digest = hashlib.sha256(draw(skeleton()).tobytes()).hexdigest()
    assert digest == "9eba04e9be113d63b48961cbeb606721596976fcc80717fe81593b444dee81f7"


@pytest.mark.parametrize(
    ("size", "expected"), [((256, 256), 4), ((512, 768), 4), ((1024, 1024), 8), ((768, 2048), 6)]
)
def test_limbs_grow_with_the_picture(size: tuple[int, int], expected: float) -> None:
    assert limb_radius(*size) == expected


def test_a_pose_is_stretched_onto_another_canvas() -> None:
    wide = skeleton().scaled(512, 256)
    assert wide.people[0].body[0] == Point(x=256, y=40)


def test_missing_and_hidden_joints_are_not_drawn() -> None:
    assert draw(skeleton(person([None] * 18))).getbbox() is None
    ghost = Person(body=tuple(Point(x=9, y=9, hidden=True) for _ in range(18)))
    assert draw(skeleton(ghost)).getbbox() is None
